"""The texts of a responses request, and its translation to chat."""

import pytest

from gateway.core.errors import BadRequest, RequestTooLarge
from gateway.core.segments import Json, Origin, get
from gateway.wire import responses_request as request
from gateway.wire.limits import RequestLimits
from gateway.wire.responses import ResponsesDialect

FULL: Json = {
    "model": "m",
    "instructions": "Be kind.",
    "input": [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
        {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a":"\\u0041"}'},
        {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "21 degrees"},
        {
            "type": "function_call_output",
            "call_id": "c2",
            "output": [{"type": "input_text", "text": "noon"}],
        },
        {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No"}]},
        {"type": "new_kind", "id": "x", "words": ["unheard of"]},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "And here?"},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
            ],
        },
    ],
    "tools": [
        {"type": "function", "name": "f", "description": "Ask.", "parameters": {"type": "object"}},
        {"type": "mcp", "server_label": "s", "authorization": "Bearer key", "headers": {"a": "b"}},
    ],
}
EXPECTED = [
    ("Be kind.", Origin.SYSTEM),
    ("Be brief.", Origin.SYSTEM),
    ("Weather?", Origin.USER),
    ("Hm.", Origin.ASSISTANT),
    ('{"a":"A"}', Origin.TOOL_CALL),
    ("f", Origin.TOOL),
    ("{}", Origin.TOOL_CALL),
    ("g", Origin.TOOL),
    ("21 degrees", Origin.TOOL),
    ("noon", Origin.TOOL),
    ("No", Origin.ASSISTANT),
    ("unheard of", Origin.TOOL),
    ("And here?", Origin.USER),
    ("f", Origin.SYSTEM),
    ("Ask.", Origin.SYSTEM),
    ("s", Origin.SYSTEM),
]


def test_every_text_that_the_model_will_see_is_a_segment_with_its_origin() -> None:
    assert [(s.text, s.origin) for s in request.segments(FULL)] == EXPECTED


def test_a_segments_path_leads_to_its_text() -> None:
    for segment in request.segments(FULL):
        if segment.origin is not Origin.TOOL_CALL:
            assert get(FULL, segment.path) == segment.text


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("Hello", "Hello"),
        (FULL["input"], "And here?"),
        ([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "a"),
        ([{"type": "item_reference", "id": "x"}], ""),
    ],
)
def test_the_question_is_the_last_user_message(given: object, asked: str) -> None:
    assert request.question({"input": given}) == asked


def test_context_goes_before_the_question_in_the_users_role() -> None:
    body = {"model": "m", "instructions": "Be kind.", "input": "How long?"}
    changed = request.with_context(body, "Cite.", "<<passages>>")
    assert changed["instructions"] == "Be kind."
    assert changed["input"] == [
        {"role": "system", "content": "Cite."},
        {"role": "user", "content": "<<passages>>"},
        {"role": "user", "content": "How long?"},
    ]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": ""}, "model"),
        ({"input": None}, "input"),
        ({"input": 3}, "input"),
        ({"input": ["text"]}, "input.0"),
        ({"input": [{}]}, "input.0"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input.0.role"),
        ({"input": [{"role": "user", "content": 3}]}, "input.0.content"),
        ({"input": [{"role": "user", "content": ["x"]}]}, "input.0.content"),
        ({"instructions": ["x"]}, "instructions"),
        ({"previous_response_id": 3}, "previous_response_id"),
        ({"stream": "yes"}, "stream"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"background": True}, "background"),
    ],
)
def test_what_the_gateway_relies_on_is_checked_and_named(change: Json, param: str) -> None:
    body = {"model": "m", "input": "Hi", **change}
    with pytest.raises(BadRequest) as caught:
        request.validate(body, RequestLimits(), 10)
    assert caught.value.param == param


def test_limits_hold() -> None:
    limits = RequestLimits(messages=1, text_characters=3)
    two = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
    with pytest.raises(RequestTooLarge):
        request.validate({"model": "m", "input": two}, limits, 3)
    with pytest.raises(RequestTooLarge):
        request.validate({"model": "m", "input": "long text"}, limits, 30)


def bridged(**body: object) -> Json:
    bridge = ResponsesDialect().bridge
    assert bridge is not None
    return bridge.request({"model": "m", "input": "Hi", **body})


def test_a_conversation_is_translated_to_chat() -> None:
    items = [item for item in FULL["input"] if item.get("type") != "new_kind"]
    chat = bridged(instructions="Be kind.", input=items, max_output_tokens=9, stream=True)
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":"\\u0041"}'}},
        {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
    ]
    assert chat["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": "21 degrees"},
        {"role": "tool", "tool_call_id": "c2", "content": "noon"},
        {"role": "assistant", "content": "No"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "And here?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            ],
        },
    ]
    assert chat["max_completion_tokens"] == 9
    assert chat["stream_options"] == {"include_usage": True}


def test_tools_and_formats_are_translated() -> None:
    chat = bridged(
        tools=[{"type": "function", "name": "f", "parameters": {}, "strict": None}],
        tool_choice={"type": "function", "name": "f"},
        text={"format": {"type": "json_schema", "name": "a", "schema": {}}, "verbosity": "low"},
        reasoning={"effort": "low"},
    )
    assert chat["tools"] == [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    assert chat["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert chat["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "a", "schema": {}},
    }
    assert (chat["verbosity"], chat["reasoning_effort"]) == ("low", "low")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"tools": [{"type": "web_search"}]}, "tools.0"),
        ({"tools": "f"}, "tools"),
        ({"tools": [{"type": "function"}], "tool_choice": {"type": "mcp"}}, "tool_choice"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input.0"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]},
            "input.0",
        ),
    ],
)
def test_what_chat_cannot_express_is_refused_by_name(change: Json, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        bridged(**change)
    assert caught.value.param == param
