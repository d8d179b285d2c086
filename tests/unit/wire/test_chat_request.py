"""The texts of a chat request."""

from typing import Any

import pytest

from gateway.core.errors import BadRequest, GatewayError, RequestTooLarge
from gateway.core.segments import Json, Origin, get, put
from gateway.wire.chat_request import question, segments, validate, with_context
from gateway.wire.limits import RequestLimits

LIMITS = RequestLimits(messages=5, text_characters=100)


def body(*messages: Json, **fields: Any) -> Json:
    return {"model": "m", "messages": list(messages), **fields}


FULL = body(
    {"role": "system", "content": "Be brief."},
    {"role": "developer", "content": [{"type": "text", "text": "Dev."}]},
    {
        "role": "user",
        "name": "ann",
        "content": [
            {"type": "text", "text": "Look:"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        ],
    },
    {
        "role": "assistant",
        "content": None,
        "refusal": "No.",
        "tool_calls": [
            {
                "id": "1",
                "type": "function",
                "function": {"name": "f", "arguments": '{"a":"\\u0041"}'},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "1", "content": "sunny"},
    tools=[
        {
            "type": "function",
            "function": {
                "name": "f",
                "description": "Does f.",
                "parameters": {"type": "object", "properties": {"a": {"description": "An a."}}},
            },
        }
    ],
)


def test_every_text_that_the_model_will_see_is_a_segment_with_its_origin() -> None:
    found = [(s.text, s.origin) for s in segments(FULL)]
    assert found == [
        ("Be brief.", Origin.SYSTEM),
        ("Dev.", Origin.SYSTEM),
        ("Look:", Origin.USER),
        ("ann", Origin.USER),
        ("No.", Origin.ASSISTANT),
        ('{"a":"A"}', Origin.TOOL_CALL),
        ("sunny", Origin.TOOL),
        ("f", Origin.SYSTEM),
        ("Does f.", Origin.SYSTEM),
        ("An a.", Origin.SYSTEM),
    ]


def test_a_segments_path_leads_to_its_text_and_rewrites_only_that() -> None:
    for segment in segments(FULL):
        if segment.origin is not Origin.TOOL_CALL:  # shown unescaped
            assert get(FULL, segment.path) == segment.text
        changed = put(FULL, segment.path, "NEW")
        assert get(changed, segment.path) == "NEW"
        others = [s.text for s in segments(changed) if s.path != segment.path]
        assert others == [s.text for s in segments(FULL) if s.path != segment.path]
    assert "NEW" not in str(FULL)


def test_the_question_is_the_last_user_message() -> None:
    assert question(FULL) == "Look:"
    assert question(body({"role": "system", "content": "x"})) == ""


def test_context_goes_before_the_question_and_never_into_the_system_role() -> None:
    user = {"role": "user", "content": "Q?"}
    made = with_context(body({"role": "system", "content": "S"}, user), "RULES", "CONTEXT")
    assert [(m["role"], m["content"]) for m in made["messages"]] == [
        ("system", "S"),
        ("system", "RULES"),
        ("user", "CONTEXT"),
        ("user", "Q?"),
    ]


@pytest.mark.parametrize(
    ("request_body", "param"),
    [
        ({"messages": [{"role": "user", "content": "x"}]}, "model"),
        ({"model": 3, "messages": [{"role": "user", "content": "x"}]}, "model"),
        ({"model": "m"}, "messages"),
        (body(), "messages"),
        ({"model": "m", "messages": "hi"}, "messages"),
        ({"model": "m", "messages": ["hi"]}, "messages.0"),
        (body({"role": "king", "content": "x"}), "messages.0.role"),
        (body({"role": ["user"], "content": "x"}), "messages.0.role"),
        (body({"role": "user", "content": 7}), "messages.0.content"),
        (body({"role": "user", "content": ["x"]}), "messages.0.content"),
        (body({"role": "user", "content": "x"}, n=0), "n"),
        (body({"role": "user", "content": "x"}, n=True), "n"),
        (body({"role": "user", "content": "x"}, stream="yes"), "stream"),
        (body({"role": "user", "content": "x"}, max_tokens="many"), "max_tokens"),
        (body({"role": "user", "content": "x"}, stream_options=[]), "stream_options"),
    ],
)
def test_what_the_gateway_relies_on_is_checked_and_named(request_body: Json, param: str) -> None:
    with pytest.raises(BadRequest) as refused:
        validate(request_body, LIMITS, 50)
    assert refused.value.param == param


@pytest.mark.parametrize(
    "request_body",
    [
        body(*[{"role": "user", "content": "x"}] * 6),
        body({"role": "user", "content": "x" * 101}),
        body({"role": "user", "content": [{"type": "text", "text": "x" * 101}]}),
    ],
)
def test_too_many_messages_and_too_long_texts_are_refused(request_body: Json) -> None:
    with pytest.raises(RequestTooLarge):
        validate(request_body, LIMITS, 1_000)


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user"},
        {"role": "user", "content": None},
        {"role": "user", "content": []},
        {"role": "user", "content": [{"type": "text"}]},
        {"role": "user", "content": [{"text": 5}]},
        {"role": "assistant", "tool_calls": "x"},
        {"role": "assistant", "tool_calls": ["x", {"function": 3}, {"function": {}}]},
        {"role": "assistant", "function_call": []},
    ],
)
def test_odd_messages_are_passed_on_without_a_crash(message: Json) -> None:
    request = body(message, tools=3, functions="f", response_format=[1], prediction={"content": 1})
    try:
        validate(request, RequestLimits(), 10_000_000)
    except GatewayError:
        return
    segments(request)
    question(request)
    with_context(request, "a", "b")
