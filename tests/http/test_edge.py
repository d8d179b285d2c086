"""The edge of HTTP: ids, keys, media types, methods, addresses, bytes that pass through."""

import pytest

from gateway.testing.upstream_scripts import DEFAULTS, Script
from tests.http.conftest import CHAT, House
from tests.http.shapes import assert_error

HELLO = {"model": "plain", "messages": [{"role": "user", "content": "hello"}]}


@pytest.mark.parametrize("given", ["a", "req-42", "A.b:c_d-9", "x" * 128])
def test_a_sound_request_id_is_echoed(house: House, given: str) -> None:
    answer = house.chat(HELLO, headers={"x-request-id": given})
    assert answer.header("x-request-id") == given


@pytest.mark.parametrize(
    "given", ["", " ", "a b", "a\tb", "é", "x" * 129, "<script>", "a;b", "a,b"]
)
def test_an_unsound_request_id_is_replaced(house: House, given: str) -> None:
    answer = house.chat(HELLO, headers={"x-request-id": given})
    assert answer.status == 200
    made = answer.header("x-request-id")
    assert made is not None
    assert made.startswith("req_")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CHAT),
        ("GET", "/v1/models"),
        ("GET", "/v1/models/none"),
        ("GET", "/nowhere"),
        ("GET", CHAT),
    ],
)
def test_every_answer_has_a_request_id(house: House, method: str, path: str) -> None:
    answer = house.send(method, path, headers={"x-request-id": "trace-me"})
    assert answer.header("x-request-id") == "trace-me"


def test_answers_of_two_requests_have_different_ids(house: House) -> None:
    first, second = house.chat(HELLO), house.chat(HELLO)
    for name in ("x-request-id", "x-gatehouse-decision-id"):
        assert first.header(name) != second.header(name)


@pytest.mark.parametrize("key", ["", "nonsense", "sk-gh-00000000-" + "0" * 40, "x" * 5_000])
@pytest.mark.parametrize(("method", "path"), [("POST", CHAT), ("GET", "/v1/models")])
def test_without_a_good_key_there_is_only_401(
    house: House, method: str, path: str, key: str
) -> None:
    answer = house.send(method, path, key=key, body=b'{"model":"plain","messages":[]}')
    if path == CHAT:
        assert answer.status in (400, 401)
    else:
        assert_error(answer, 401, "invalid_api_key")


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_a_stranger_learns_nothing_about_models(house: House, key: str) -> None:
    known = house.chat(HELLO, key=key)
    unknown = house.chat({**HELLO, "model": "no-such-model"}, key=key)
    assert known.status == unknown.status == 401
    assert known.json == unknown.json


@pytest.mark.parametrize("header", ["api-key", "x-api-key"])
def test_a_key_may_come_in_the_headers_other_clients_use(house: House, header: str) -> None:
    assert house.chat(HELLO, key="", headers={header: house.key}).status == 200


def test_the_key_is_never_sent_to_the_provider(house: House) -> None:
    house.upstream.requests.clear()
    house.chat(HELLO, headers={"x-api-key": house.key, "cookie": "session=1"})
    (seen,) = house.upstream.requests
    assert not any(house.key in value for value in seen.headers.values())
    assert seen.headers["authorization"] == "Bearer sk-upstream"
    assert "cookie" not in seen.headers


@pytest.mark.parametrize(
    "given", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"]
)
def test_json_is_taken(house: House, given: str) -> None:
    assert house.chat(HELLO, headers={"content-type": given}).status == 200


@pytest.mark.parametrize(
    "given", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
def test_other_media_types_are_refused(house: House, given: str) -> None:
    answer = house.chat(HELLO, headers={"content-type": given})
    assert_error(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/chat/completions", "/v2/models"])
def test_unknown_addresses(house: House, path: str) -> None:
    assert_error(house.send("GET", path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", CHAT, {"POST"}),
        ("DELETE", CHAT, {"POST"}),
        ("POST", "/v1/models", {"GET", "HEAD"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
    ],
)
def test_wrong_methods_name_the_right_ones(
    house: House, method: str, path: str, allowed: set[str]
) -> None:
    answer = house.send(method, path)
    assert_error(answer, 405, "method_not_allowed")
    assert set((answer.header("allow") or "").replace(" ", "").split(",")) == allowed


def test_bytes_that_nobody_rewrote_reach_the_provider_as_they_came(house: House) -> None:
    raw = (
        b'{ "messages" : [ {"content":"caf\\u00e9 \\/ 1", "role":"user"} ],\r\n'
        b'\t"temperature": 1.0e0, "big": 12345678901234567890123, "model":"plain", "z": 1, "a": 2 }'
    )
    house.upstream.requests.clear()
    assert house.chat(raw).status == 200
    assert house.upstream.requests[0].raw == raw


def test_the_providers_bytes_reach_the_client_as_they_came(house: House) -> None:
    raw = (
        b'{"id" : "x","object":"chat.completion", "created":1e3,"model":"other",\n "vendor":[ ],'
        b'"choices":[{"index":0,"message":{"role":"assistant","content":"caf\\u00e9"},'
        b'"finish_reason":"stop"}]}'
    )
    house.upstream.script("plain", Script(raw=raw))
    try:
        assert house.chat(HELLO).body == raw
    finally:
        house.upstream.script("plain", DEFAULTS["plain"])


def test_a_rewritten_text_is_all_that_changes(house: House) -> None:
    house.upstream.requests.clear()
    body = {**HELLO, "x": {"y": [1, 2.5, None]}}
    body["messages"] = [{"role": "user", "content": "part XYZ-1234, please"}]
    assert house.chat(body).status == 200
    sent = house.upstream.requests[0].json
    assert sent.pop("messages") == [{"role": "user", "content": "part [ticket], please"}]
    assert sent == {"model": "plain", "x": {"y": [1, 2.5, None]}}
