"""Whatever is sent to the endpoints that ask no model, the gateway answers or says why not."""

import copy
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.segments import Json
from tests.http.conftest import House
from tests.http.shapes import assert_error

PART: Json = {"type": "text", "text": "hello"}
CALL: Json = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": "b"}'}}
CONVERSATION: Json = {
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [PART]},
        {"role": "assistant", "content": "Fine. XYZ-1234.", "tool_calls": [CALL]},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "description": "d"}}],
}
SOUND: dict[str, list[Json]] = {
    "/v1/guard": [
        {"input": "XYZ-1234 project-orchid", "layer": "output", "model": "echo"},
        {"input": ["a", "b"], "layer": "context", "policy": "default"},
        {"input": CONVERSATION, "layer": "output"},
        {"input": CONVERSATION, "layer": "prompt"},
        {"input": "x", "origin": "tool_call"},
    ],
    "/v1/moderations": [
        {"input": "hello", "model": "omni-moderation-latest"},
        {"input": ["a", "project-orchid"]},
        {"input": [PART, PART]},
    ],
    "/v1/feedback": [
        {"decision_id": "dec_1", "rating": "up", "comment": "c", "label": "other"},
    ],
}
CASES = [(path, body) for path, bodies in SOUND.items() for body in bodies]
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.sampled_from(
        ["", "user", "output", "context", "final", "tool", "text", "default", "\x00", "‮", "😀"]
    ),
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.text(max_size=8),
                st.sampled_from(["input", "messages", "role", "content", "type", "text", "tools"]),
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=10,
)
MODEST = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def post(house: House, path: str, body: Any) -> None:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    answer = house.send("POST", path, body=raw)
    assert answer.header("x-request-id")
    if answer.status not in (200, 201):
        assert_error(answer)
        return
    assert answer.header("content-type") == "application/json"
    assert answer.header("x-gatehouse-decision-id")
    assert answer.json


@pytest.mark.parametrize("path", SOUND)
@MODEST
@given(document=JSON)
def test_any_json(house: House, path: str, document: Any) -> None:
    post(house, path, document)


@pytest.mark.parametrize("path", SOUND)
@MODEST
@given(value=JSON, layer=st.sampled_from(["input", "context", "prompt", "output", "final"]))
def test_any_input(house: House, path: str, value: Any, layer: str) -> None:
    more = {"layer": layer} if path == "/v1/guard" else {}
    post(house, path, {"input": value, **more})


@pytest.mark.parametrize(("path", "body"), CASES)
@MODEST
@given(data=st.data())
def test_a_sound_request_with_something_replaced_or_missing(
    house: House, path: str, body: Json, data: st.DataObject
) -> None:
    changed = copy.deepcopy(body)
    for _ in range(data.draw(st.integers(1, 2))):
        places = _places(changed)
        if not places:
            break
        node, key = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()):
            node[key] = data.draw(JSON)
        else:
            del node[key]
    post(house, path, changed)


@pytest.mark.parametrize("path", SOUND)
@MODEST
@given(raw=st.binary(max_size=200))
def test_any_bytes(house: House, path: str, raw: bytes) -> None:
    post(house, path, raw)


def _places(node: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in children:
        found.append((node, key))
        if isinstance(child, dict | list):
            found += _places(child)
    return found
