"""Too much of anything is refused with the limit named, before any work is spent on it."""

from typing import Any

import orjson
import pytest

from tests.http.conftest import LIMITS, House
from tests.http.shapes import assert_error


def _user(text: Any, **more: Any) -> dict[str, Any]:
    return {"model": "plain", "messages": [{"role": "user", "content": text}], **more}


def _nested(levels: int) -> Any:
    node: Any = "x"
    for _ in range(levels):
        node = [node]
    return node


def test_a_body_of_the_largest_size_is_served(house: House) -> None:
    body = orjson.dumps(_user("hello"))
    padded = body + b" " * (LIMITS["body_bytes"] - len(body))
    assert house.chat(padded).status == 200
    assert_error(house.chat(padded + b" "), 413, "request_too_large")


def test_a_declared_length_is_refused_before_the_body_is_read(house: House) -> None:
    headers = {"content-type": "application/json", "content-length": "999999999"}
    answer = house.chat(b"{}", headers=headers)
    assert_error(answer, 413, "request_too_large")
    assert str(LIMITS["body_bytes"]) in answer.json["error"]["message"]


def test_a_body_in_pieces_is_counted_too(house: House) -> None:
    answer = house.send("POST", "/v1/chat/completions", body=[b"x" * 20_000] * 10)
    assert_error(answer, 413, "request_too_large")


def test_a_body_in_pieces_is_served(house: House) -> None:
    raw = orjson.dumps(_user("hello"))
    answer = house.send("POST", "/v1/chat/completions", body=[raw[:9], b"", raw[9:]])
    assert answer.status == 200


def test_the_number_of_messages(house: House) -> None:
    message = {"role": "user", "content": "hi"}
    most = LIMITS["messages"]
    assert house.chat({"model": "plain", "messages": [message] * most}).status == 200
    answer = house.chat({"model": "plain", "messages": [message] * (most + 1)})
    assert_error(answer, 413, "request_too_large")
    assert str(most) in answer.json["error"]["message"]


@pytest.mark.parametrize("shape", ["content", "part", "tool arguments"])
def test_the_length_of_a_text(house: House, shape: str) -> None:
    text = "x" * (LIMITS["text_characters"] + 1)
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": text}}
    body = {
        "content": _user(text),
        "part": _user([{"type": "text", "text": text}]),
        "tool arguments": {
            "model": "plain",
            "messages": [{"role": "assistant", "content": None, "tool_calls": [call]}],
        },
    }[shape]
    answer = house.chat(body)
    assert_error(answer, 413, "request_too_large")
    assert str(LIMITS["text_characters"]) in answer.json["error"]["message"]


@pytest.mark.parametrize("levels", [17, 200, 5_000])
def test_the_depth_of_json(house: House, levels: int) -> None:
    raw = b'{"model":"plain","x":' + b"[" * levels + b"]" * levels + b"}"
    answer = house.chat(raw)
    assert 400 <= answer.status < 500
    assert_error(answer)


def test_depth_within_the_limit_is_served(house: House) -> None:
    assert house.chat(_user("hello", x=_nested(LIMITS["json_depth"] - 1))).status == 200
