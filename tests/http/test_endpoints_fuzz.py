"""Whatever is sent to any endpoint, the gateway serves it or says why not; it never fails."""

import copy
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.segments import Json
from gateway.testing.asgi import Answer
from tests.http.conftest import House
from tests.http.shapes import ERRORS
from tests.http.test_endpoints import send
from tests.http.test_fuzz import JSON, _drop, _places, _put

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
IMAGE = "data:image/png;base64,AAAA"
FULL: dict[str, Json] = {
    "completions": {
        "model": "echo",
        "prompt": ["One", "Two"],
        "suffix": "end",
        "stream_options": {"include_usage": True},
        "n": 1,
        "max_tokens": 10,
        "logprobs": 1,
        "stop": ["x"],
    },
    "embeddings": {
        "model": "echo",
        "input": ["One", "Two"],
        "dimensions": 2,
        "encoding_format": "float",
        "user": "kim",
    },
    "responses": {
        "model": "echo",
        "instructions": "Be kind.",
        "input": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "a"}]},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": 1}'},
            {"type": "function_call_output", "call_id": "c", "output": "21 degrees"},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "It is warm.", "annotations": []}],
            },
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "And here?"},
                    {"type": "input_image", "image_url": IMAGE, "detail": "low"},
                    {"type": "input_file", "filename": "a.txt", "file_data": "AAAA"},
                ],
            },
        ],
        "tools": [{"type": "function", "name": "f", "parameters": SCHEMA, "strict": True}],
        "tool_choice": "auto",
        "text": {"format": {"type": "json_schema", "name": "a", "schema": SCHEMA}},
        "reasoning": {"effort": "low"},
        "max_output_tokens": 10,
        "metadata": {"a": "b"},
    },
    "messages": {
        "model": "echo",
        "max_tokens": 10,
        "system": [{"type": "text", "text": "Be kind."}],
        "messages": [
            {"role": "user", "content": "Hi"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "AAAA"},
                    {"type": "text", "text": "Let me see."},
                    {"type": "tool_use", "id": "t", "name": "f", "input": {"city": "Paris"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t",
                        "content": [{"type": "text", "text": "21 degrees"}],
                    },
                    {"type": "text", "text": "And here?"},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"},
                    },
                    {
                        "type": "document",
                        "title": "a",
                        "source": {"type": "text", "media_type": "text/plain", "data": "Words."},
                    },
                ],
            },
        ],
        "tools": [{"name": "f", "description": "d", "input_schema": SCHEMA}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "stop_sequences": ["x"],
        "metadata": {"user_id": "kim"},
        "temperature": 0.5,
    },
}
CASES = [
    *((endpoint, "echo") for endpoint in FULL),
    ("responses", "bridged-echo"),
    ("messages", "bridged-echo"),
]
ROOMY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def assert_served_or_refused(endpoint: str, answer: Answer) -> None:
    """A whole answer, a whole stream, or an error in the endpoint's own shape, below 500."""
    if answer.status == 200:
        assert answer.body
        return
    assert 400 <= answer.status < 500, answer
    error = answer.json["error"]
    assert error["message"]
    assert (ERRORS / f"{error['code']}.md").exists()
    if endpoint == "messages":
        assert answer.json["type"] == "error"
        assert answer.json["request_id"]
    else:
        assert set(answer.json) == {"error"}


@pytest.mark.parametrize(("endpoint", "model"), CASES)
@pytest.mark.parametrize("stream", [False, True])
def test_a_full_request_is_served(house: House, endpoint: str, model: str, stream: bool) -> None:
    if endpoint == "embeddings" and stream:
        return
    body = {**FULL[endpoint], "model": model, "stream": stream}
    answer = send(house, endpoint, body)
    assert answer.status == 200, answer
    assert_served_or_refused(endpoint, answer)


@pytest.mark.parametrize(("endpoint", "model"), CASES)
@ROOMY
@given(data=st.data(), stream=st.booleans())
def test_a_real_request_with_fields_replaced_or_missing(
    house: House, endpoint: str, model: str, data: st.DataObject, stream: bool
) -> None:
    body = copy.deepcopy({**FULL[endpoint], "model": model, "stream": stream})
    places = _places(body)
    for _ in range(data.draw(st.integers(1, 3))):
        place: tuple[Any, ...] = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()):
            _put(body, place, data.draw(JSON))
        else:
            _drop(body, place)
    assert_served_or_refused(endpoint, send(house, endpoint, body))


@pytest.mark.parametrize(("endpoint", "model"), CASES)
@ROOMY
@given(raw=st.binary(max_size=200), document=JSON)
def test_any_bytes_and_any_json(
    house: House, endpoint: str, model: str, raw: bytes, document: Any
) -> None:
    assert_served_or_refused(endpoint, send(house, endpoint, raw))
    assert_served_or_refused(endpoint, send(house, endpoint, orjson.dumps(document)))
