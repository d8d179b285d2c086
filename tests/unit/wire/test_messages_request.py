"""The texts of a request to the Messages API, and its translation to chat."""

import pytest

from gateway.core.errors import BadRequest
from gateway.core.segments import Json, Origin, get
from gateway.wire import messages_request as request
from gateway.wire.limits import RequestLimits
from gateway.wire.messages import MessagesDialect

FULL: Json = {
    "model": "m",
    "max_tokens": 9,
    "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "AAAA"},
                {"type": "redacted_thinking", "data": "AAAA"},
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"city": "Ü"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "content": [{"type": "text", "text": "21"}],
                },
                {"type": "text", "text": "And here?"},
                {"type": "image", "source": {"type": "url", "url": "https://a.test/a.png"}},
                {
                    "type": "document",
                    "title": "Title",
                    "source": {"type": "text", "media_type": "text/plain", "data": "Words."},
                },
                {"type": "new_kind", "words": "unheard of"},
            ],
        },
    ],
    "tools": [{"name": "f", "description": "Ask.", "input_schema": {"type": "object"}}],
}
EXPECTED = [
    ("Be kind.", Origin.SYSTEM),
    ("Weather?", Origin.USER),
    ("Hm.", Origin.ASSISTANT),
    ("Let me see.", Origin.ASSISTANT),
    ('{"city":"Ü"}', Origin.TOOL_CALL),
    ("21", Origin.TOOL),
    ("And here?", Origin.USER),
    ("Title", Origin.USER),
    ("Words.", Origin.USER),
    ("unheard of", Origin.TOOL),
    ("f", Origin.SYSTEM),
    ("Ask.", Origin.SYSTEM),
]


def test_every_text_that_the_model_will_see_is_a_segment_with_its_origin() -> None:
    assert [(s.text, s.origin) for s in request.segments(FULL)] == EXPECTED


def test_a_segments_path_leads_to_its_text() -> None:
    for segment in request.segments(FULL):
        if segment.origin is not Origin.TOOL_CALL:
            assert get(FULL, segment.path) == segment.text


def test_the_question_is_the_last_user_turn_with_words() -> None:
    results = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}
    assert request.question(FULL) == "And here?"
    assert request.question({"messages": [FULL["messages"][0], results]}) == "Weather?"


def test_context_stands_between_tool_results_and_the_question() -> None:
    changed = request.with_context(FULL, "Cite.", "<<passages>>")
    assert [block["text"] for block in changed["system"]] == ["Be kind.", "Cite."]
    kinds = [b.get("text") or b["type"] for b in changed["messages"][-1]["content"]]
    assert kinds == ["tool_result", "<<passages>>", "And here?", "image", "document", "new_kind"]
    plain = request.with_context({"messages": [{"role": "user", "content": "Q"}]}, "I", "C")
    assert [b["text"] for b in plain["messages"][0]["content"]] == ["C", "Q"]
    assert plain["system"] == [{"type": "text", "text": "I"}]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": None}, "model"),
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": ["x"]}, "messages.0"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "messages.0"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages.0.content"),
        ({"system": 3}, "system"),
        ({"stream": 1}, "stream"),
    ],
)
def test_what_the_gateway_relies_on_is_checked_and_named(change: Json, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        request.validate({**FULL, **change}, RequestLimits(), 10)
    assert caught.value.param == param


def bridged(**change: object) -> Json:
    bridge = MessagesDialect().bridge
    assert bridge is not None
    return bridge.request({**FULL, **change})


def test_a_conversation_is_translated_to_chat() -> None:
    turns = [*FULL["messages"][:2]]
    turns.append({"role": "user", "content": FULL["messages"][2]["content"][:3]})
    chat = bridged(messages=turns, stream=True, stop_sequences=["x"], top_k=3)
    call = {"id": "t", "type": "function", "function": {"name": "f", "arguments": '{"city":"Ü"}'}}
    assert chat["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "t", "content": "21"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "And here?"},
                {"type": "image_url", "image_url": {"url": "https://a.test/a.png"}},
            ],
        },
    ]
    assert chat["tools"] == [
        {
            "type": "function",
            "function": {"name": "f", "parameters": {"type": "object"}, "description": "Ask."},
        }
    ]
    assert (chat["max_completion_tokens"], chat["stop"]) == (9, ["x"])
    assert "top_k" not in chat


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"type": "auto"}, {"tool_choice": "auto"}),
        ({"type": "any"}, {"tool_choice": "required"}),
        ({"type": "none"}, {"tool_choice": "none"}),
        (
            {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
            {
                "tool_choice": {"type": "function", "function": {"name": "f"}},
                "parallel_tool_calls": False,
            },
        ),
    ],
)
def test_the_choice_of_tools_is_translated(choice: Json, expected: Json) -> None:
    chat = bridged(messages=FULL["messages"][:1], tool_choice=choice)
    assert {k: v for k, v in chat.items() if k in ("tool_choice", "parallel_tool_calls")} == (
        expected
    )


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"tools": [{"type": "web_search_20250305", "name": "w"}]}, "tools.0"),
        ({"messages": FULL["messages"][2:]}, "messages.0.content.4"),
    ],
)
def test_what_chat_cannot_express_is_refused_by_name(change: Json, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        bridged(**{"messages": FULL["messages"][:1], **change})
    assert caught.value.param == param
