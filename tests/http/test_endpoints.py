"""Every endpoint through the same stages: answered, refused, blocked, streamed or not."""

from typing import Any

import orjson
import pytest

from gateway.core.segments import Json
from gateway.testing.asgi import Answer
from gateway.testing.upstream_scripts import Script
from tests.http.conftest import House

HELLO = "Hello! How can I help you today?"
LEAK = "The meeting is at noon. It is about project-orchid, keep it safe. See you there."
SAFE = "The meeting is at noon. "
MASKED = "Your ticket is XYZ-1234, thanks. Bye."


def request_of(endpoint: str, text: str = "Hi", model: str = "plain", **more: Any) -> Json:
    said = [{"role": "user", "content": text}]
    field: dict[str, Json] = {
        "chat/completions": {"messages": said},
        "completions": {"prompt": text},
        "responses": {"input": text},
        "messages": {"messages": said, "max_tokens": 50},
        "embeddings": {"input": text},
    }
    return {"model": model, **field[endpoint], **more}


def send(house: House, endpoint: str, body: Any) -> Answer:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    headers = {"content-type": "application/json"}
    return house.send("POST", f"/v1/{endpoint}", headers=headers, body=raw)


def read(endpoint: str, answer: Answer, *, stream: bool) -> tuple[str, str]:
    """(text, why it ended) as a client reads them."""
    documents = [orjson.loads(e) for e in answer.events if e != b"[DONE]"]
    if endpoint == "responses":
        return _response(documents if stream else [answer.json], stream=stream)
    if endpoint == "messages":
        return _message(documents if stream else [answer.json], stream=stream)
    text, finish = "", ""
    for document in documents if stream else [answer.json]:
        for choice in document["choices"]:
            said = choice.get("message") or choice.get("delta") or choice
            text += said.get("content") or said.get("text") or ""
            finish = choice.get("finish_reason") or finish
    return text, finish


def _response(documents: list[Json], *, stream: bool) -> tuple[str, str]:
    last = documents[-1]["response"] if stream else documents[0]
    text = "".join(
        part.get("text", "") for item in last["output"] for part in item.get("content", ())
    )
    if stream:
        assert [d["sequence_number"] for d in documents] == list(range(len(documents)))
        deltas = [d["delta"] for d in documents if d["type"] == "response.output_text.delta"]
        assert "".join(deltas) == text
        done = [d["text"] for d in documents if d["type"] == "response.output_text.done"]
        assert "".join(done) == text
    details = last["incomplete_details"]
    return text, details["reason"] if details else last["status"]


def _message(documents: list[Json], *, stream: bool) -> tuple[str, str]:
    if not stream:
        (whole,) = documents
        return "".join(b.get("text", "") for b in whole["content"]), whole["stop_reason"]
    assert documents[0]["type"] == "message_start"
    assert documents[-1]["type"] == "message_stop"
    starts = [d["index"] for d in documents if d["type"] == "content_block_start"]
    assert starts == sorted(d["index"] for d in documents if d["type"] == "content_block_stop")
    text = "".join(
        d["delta"].get("text", "") for d in documents if d["type"] == "content_block_delta"
    )
    (end,) = [d for d in documents if d["type"] == "message_delta"]
    return text, end["delta"]["stop_reason"]


TALKING = ("chat/completions", "completions", "responses", "messages")
ALL = (*TALKING, "embeddings")
WAYS = (*((e, "") for e in TALKING), ("responses", "bridged-"), ("messages", "bridged-"))
STOP = {"responses": "completed", "messages": "end_turn"}
FILTERED = {"messages": "refusal"}
FIELD = {"completions": "prompt", "responses": "input", "embeddings": "input"}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("endpoint", "way"), WAYS)
def test_an_answer_is_passed_on(house: House, endpoint: str, way: str, stream: bool) -> None:
    answer = send(house, endpoint, request_of(endpoint, model=f"{way}plain", stream=stream))
    assert answer.status == 200, answer
    assert read(endpoint, answer, stream=stream) == (HELLO, STOP.get(endpoint, "stop"))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("endpoint", "way"), WAYS)
def test_a_leak_is_cut_off_alike_on_every_endpoint(
    house: House, endpoint: str, way: str, stream: bool
) -> None:
    house.upstream.script("echo", Script(text=LEAK))
    answer = send(house, endpoint, request_of(endpoint, model=f"{way}echo", stream=stream))
    house.upstream.script("echo", Script())
    assert answer.status == 200
    assert b"orchid" not in answer.body
    expected = (SAFE, FILTERED.get(endpoint, "content_filter"))
    assert read(endpoint, answer, stream=stream) == expected


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("endpoint", "way"), WAYS)
def test_what_is_masked_is_masked_wherever_it_is_repeated(
    house: House, endpoint: str, way: str, stream: bool
) -> None:
    house.upstream.script("echo", Script(text=MASKED))
    answer = send(house, endpoint, request_of(endpoint, model=f"{way}echo", stream=stream))
    house.upstream.script("echo", Script())
    assert b"XYZ-1234" not in answer.body
    text, _ = read(endpoint, answer, stream=stream)
    assert text.startswith("Your ticket is [")
    assert text.endswith(", thanks. Bye.")


@pytest.mark.parametrize("endpoint", ALL)
def test_a_blocked_request_never_reaches_the_provider(house: House, endpoint: str) -> None:
    house.upstream.requests.clear()
    answer = send(house, endpoint, request_of(endpoint, "Tell me about project-orchid"))
    assert answer.status == 400
    assert answer.json["error"]["code"] == "content_filter"
    assert answer.json["error"]["param"] == FIELD.get(endpoint, "messages")
    assert answer.header("x-should-retry") == "false"
    assert house.upstream.requests == []


@pytest.mark.parametrize("endpoint", ALL)
def test_a_masked_request_reaches_the_provider_masked(house: House, endpoint: str) -> None:
    house.upstream.requests.clear()
    assert send(house, endpoint, request_of(endpoint, "About XYZ-1234")).status == 200
    (seen,) = house.upstream.requests
    assert b"XYZ-1234" not in seen.raw
    assert b"About [" in seen.raw


def test_embeddings_give_one_vector_for_each_text(house: House) -> None:
    answer = send(house, "embeddings", {"model": "plain", "input": ["one", "two"]})
    assert [entry["index"] for entry in answer.json["data"]] == [0, 1]


@pytest.mark.parametrize(
    ("endpoint", "field"), [("completions", "prompt"), ("embeddings", "input")]
)
def test_token_ids_are_refused_with_a_hint(house: House, endpoint: str, field: str) -> None:
    answer = send(house, endpoint, {"model": "plain", field: [[1, 2, 3]]})
    assert answer.status == 400
    assert answer.json["error"]["param"] == field
    assert "send the text itself" in answer.json["error"]["message"]


def test_anthropic_errors_have_their_own_shape_and_header(house: House) -> None:
    answer = send(house, "messages", {"model": "plain", "messages": []})
    assert answer.status == 400
    assert answer.json["type"] == "error"
    assert answer.json["error"]["type"] == "invalid_request_error"
    assert answer.json["request_id"] == answer.header("request-id")


def test_state_of_the_provider_cannot_be_asked_for_over_a_bridge(house: House) -> None:
    body = request_of("responses", model="bridged-plain", previous_response_id="resp_1")
    answer = send(house, "responses", body)
    assert answer.status == 400
    assert answer.json["error"]["param"] == "previous_response_id"


def test_a_model_that_only_chats_has_no_embeddings(house: House) -> None:
    answer = send(house, "embeddings", request_of("embeddings", model="bridged-plain"))
    assert answer.status == 404
    assert answer.json["error"]["code"] == "endpoint_unsupported"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_responses_are_not_kept(house: House, method: str) -> None:
    answer = house.send(method, "/v1/responses/resp_1")
    assert answer.status == 404
    assert answer.json["error"]["code"] == "not_found"
