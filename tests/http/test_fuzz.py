"""Whatever is sent, the gateway serves it or says in OpenAI's words why not; it never fails."""

import copy
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.segments import Json
from tests.http.conftest import CHAT, House
from tests.http.shapes import assert_error, assert_served_or_refused

FULL: Json = {
    "model": "echo",
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "name": "kim", "content": "What is the weather?"},
        {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "21 degrees"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "And here?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
            ],
        },
    ],
    "tools": [
        {
            "type": "function",
            "function": {"name": "get_weather", "parameters": {"type": "object"}, "strict": True},
        }
    ],
    "tool_choice": "auto",
    "n": 1,
    "stream": False,
    "stream_options": {"include_usage": True},
    "max_tokens": 10,
    "max_completion_tokens": 10,
    "temperature": 0.5,
    "response_format": {"type": "json_object"},
    "prediction": {"type": "content", "content": "x"},
    "stop": ["\n"],
    "logit_bias": {"1": 2},
    "metadata": {"a": "b"},
    "user": "kim",
}

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
    st.sampled_from(["", "user", "system", "tool", "function", "text", "echo", "\x00", "‮", "😀"]),
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(TEXT, st.sampled_from(list(FULL))), inner, max_size=4),
    ),
    max_leaves=12,
)


def _places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in children:
        deeper = isinstance(child, dict | list)
        found += _places(child, (*path, key)) if deeper else [(*path, key)]
    return found


PLACES = _places(FULL)
ROOMY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@ROOMY
@given(raw=st.binary(max_size=300))
def test_any_bytes(house: House, raw: bytes) -> None:
    assert_error(house.chat(raw), 400, "invalid_request")


@ROOMY
@given(document=JSON)
def test_any_json(house: House, document: Any) -> None:
    assert_served_or_refused(house.chat(document))


@ROOMY
@given(
    changes=st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=3),
    stream=st.booleans(),
)
def test_a_real_request_with_fields_replaced(
    house: House, changes: list[tuple[tuple[Any, ...], Any]], stream: bool
) -> None:
    body = copy.deepcopy(FULL)
    body["stream"] = stream
    for path, value in changes:
        _put(body, path, value)
    assert_served_or_refused(house.chat(body))


@ROOMY
@given(places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=3), stream=st.booleans())
def test_a_real_request_with_fields_missing(
    house: House, places: list[tuple[Any, ...]], stream: bool
) -> None:
    body = copy.deepcopy(FULL)
    body["stream"] = stream
    for path in places:
        _drop(body, path)
    assert_served_or_refused(house.chat(body))


@ROOMY
@given(cut=st.integers(0, 10_000), flip=st.integers(0, 255))
def test_a_real_request_cut_off_or_damaged(house: House, cut: int, flip: int) -> None:
    raw = bytearray(orjson.dumps(FULL))
    raw[cut % len(raw)] = flip
    assert_served_or_refused(house.chat(bytes(raw)))
    assert_error(house.chat(bytes(raw[: cut % len(raw)])), 400, "invalid_request")


HEADER_NAME = st.sampled_from(
    [
        "accept",
        "api-key",
        "authorization",
        "content-length",
        "content-type",
        "traceparent",
        "x-api-key",
        "x-gatehouse-route",
        "x-request-id",
    ]
)
PARTS = [
    "v1",
    "/",
    "models",
    "chat",
    "completions",
    "..",
    "%",
    "%2e",
    "?",
    "#",
    "é",
    "😀",
    " ",
    "\t",
    "x",
]
ODD_ADDRESSES = [
    "/v1",
    "/v1/",
    "/v1/models/",
    CHAT + "/",
    "/v1/../healthz",
    "//",
    "/v1/models/a/b",
]
LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=30)


@ROOMY
@given(headers=st.lists(st.tuples(HEADER_NAME, LATIN), max_size=6), stream=st.booleans())
def test_any_headers(house: House, headers: list[tuple[str, str]], stream: bool) -> None:
    body = orjson.dumps({**FULL, "stream": stream})
    given = [(name, value) for name, value in headers if name != "content-length"]
    answer = house.send("POST", CHAT, headers=[*given], body=body)
    assert_served_or_refused(answer)
    for _, value in answer.headers:
        assert "\n" not in value


def _address(parts: list[str]) -> str:
    return "/" + "".join(parts)


@ROOMY
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"]),
    path=st.one_of(
        st.lists(st.sampled_from(PARTS), max_size=8).map(_address),
        st.sampled_from(ODD_ADDRESSES),
    ),
)
def test_any_address(house: House, method: str, path: str) -> None:
    answer = house.send(method, path)
    assert answer.status < 500
    if answer.status != 200 and method != "HEAD":
        assert_error(answer)


def _put(body: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        try:
            body = body[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(body, dict) and not isinstance(path[-1], str):
        return  # an earlier change put an object where the list was: JSON has no such key
    try:
        body[path[-1]] = value
    except (IndexError, TypeError):
        return


def _drop(body: Any, path: tuple[Any, ...]) -> None:
    for key in path[:-1]:
        try:
            body = body[key]
        except (KeyError, IndexError, TypeError):
            return
    try:
        del body[path[-1]]
    except (KeyError, IndexError, TypeError):
        return
