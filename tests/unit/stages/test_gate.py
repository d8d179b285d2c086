"""The gate over the typed events of responses and messages."""

from collections.abc import AsyncIterator

import pytest

from gateway.core.dialect import Dialect
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.findings import Then
from gateway.core.reply import Frame
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Json
from gateway.stages.gate import Gate
from gateway.testing.dialects import native
from gateway.testing.exchanges import make_exchange
from gateway.testing.guards import WordGuard, WordOptions
from gateway.wire.messages import MessagesDialect
from gateway.wire.responses import ResponsesDialect

DELTA = "response.output_text.delta"
PLACE: Json = {"item_id": "i", "output_index": 0, "content_index": 0}


def rule(word: str, then: Then) -> Rule:
    return Rule(word, WordGuard(WordOptions(word=word)), "word", then)


async def gated(
    dialect: Dialect, documents: list[Json], then: Then = Then.MASK, *, stream: bool = True
) -> tuple[list[Json], Exchange]:
    async def frames() -> AsyncIterator[Frame]:
        for document in documents:
            yield Frame(document=document)

    ex = make_exchange(dialect=dialect, stream=stream)
    ex.outcomes.append(Outcome("guard[output]"))
    gate = Gate(Layer.OUTPUT, (rule("secret", then),), ex, ex.outcomes[0], "I don't know.")
    return [frame.document async for frame in gate.through(frames())], ex


def answer(endpoint: str, *deltas: str, stream: bool = True, call: str = "") -> list[Json]:
    chunks: list[Json] = [{"content": delta} for delta in deltas]
    if call:
        function = {"name": "f", "arguments": call}
        chunks.append({"tool_calls": [{"index": 0, "id": "c", "function": function}]})
    documents = [{"choices": [{"index": 0, "delta": delta}]} for delta in chunks]
    return native(endpoint, {"stream": stream, "model": "m"}, documents)


async def test_a_text_that_is_repeated_otherwise_than_it_was_streamed_never_gets_out() -> None:
    documents = [
        {"type": DELTA, **PLACE, "delta": "Hello."},
        {"type": "response.output_text.done", **PLACE, "text": "Hello, and a secret."},
    ]
    sent, _ = await gated(ResponsesDialect(), documents)
    assert [d.get("delta") or d["text"] for d in sent] == ["Hello.", "Hello."]


async def test_a_text_that_only_the_last_event_tells_is_judged_there() -> None:
    item = {"type": "message", "content": [{"type": "output_text", "text": "a secret"}]}
    last = {"type": "response.completed", "response": {"status": "completed", "output": [item]}}
    sent, ex = await gated(ResponsesDialect(), [last])
    assert sent[-1]["response"]["output"][0]["content"][0]["text"] == "a [WORD]"
    assert ex.outcomes[0].status is Status.REWRITTEN


@pytest.mark.parametrize(
    "document",
    [
        {"type": "response.future_thing.done", "output_index": 0, "words": "a secret"},
        {"type": "response.output_item.done", "output_index": 0,
         "item": {"type": "web_search_call", "action": {"query": "a secret"}}},
        {"type": "response.output_text.annotation.added", **PLACE,
         "annotation": {"type": "url_citation", "title": "a secret"}},
        {"type": "response.output_item.added", "output_index": 0,
         "item": {"type": "function_call", "arguments": '{"a":"secret"}'}},
    ],
)  # fmt: skip
async def test_texts_of_other_kinds_are_judged_too(document: Json) -> None:
    sent, _ = await gated(ResponsesDialect(), [document])
    assert sent
    assert "secret" not in str(sent)
    assert "[WORD]" in str(sent)


async def test_events_of_a_new_kind_are_held_like_any_text() -> None:
    stem = "response.audio.transcript"
    documents = [{"type": f"{stem}.delta", "output_index": 0, "delta": d} for d in ("se", "cret")]
    sent, _ = await gated(ResponsesDialect(), documents)
    assert [(d["type"], d["delta"]) for d in sent] == [(f"{stem}.delta", "[WORD]")]


async def test_arguments_of_a_blocked_call_are_never_completed() -> None:
    documents = answer("responses", "Hi. ", call='{"a":"secret"}')
    sent, _ = await gated(ResponsesDialect(), documents, Then.BLOCK)
    kinds = [document["type"] for document in sent]
    assert "response.function_call_arguments.done" not in kinds
    assert kinds[-1] == "response.incomplete"
    assert [item["type"] for item in sent[-1]["response"]["output"]] == ["message"]


async def test_an_input_is_rewritten_as_an_object() -> None:
    (whole,) = answer("messages", call='{"a":"secret"}', stream=False)
    (sent,), _ = await gated(MessagesDialect(), [whole], stream=False)
    assert sent["content"][0]["input"] == {"a": "[WORD]"}


async def test_a_blocked_input_takes_the_call_out() -> None:
    (whole,) = answer("messages", "Hi.", call='{"a":"secret"}', stream=False)
    (sent,), _ = await gated(MessagesDialect(), [whole], Then.BLOCK, stream=False)
    assert [block["type"] for block in sent["content"]] == ["text"]
    assert sent["stop_reason"] == "refusal"


@pytest.mark.parametrize("stream", [False, True])
async def test_an_abstention_is_said_in_the_words_of_the_endpoint(stream: bool) -> None:
    documents = answer("messages", "A secret.", stream=stream)
    sent, _ = await gated(MessagesDialect(), documents, Then.ABSTAIN, stream=stream)
    if stream:
        assert [d["delta"]["text"] for d in sent if d["type"] == "content_block_delta"] == [
            "I don't know."
        ]
        assert sent[-2]["delta"]["stop_reason"] == "end_turn"
        return
    assert sent[0]["content"] == [{"type": "text", "text": "I don't know."}]
    assert sent[0]["stop_reason"] == "end_turn"


@pytest.mark.parametrize("stream", [False, True])
async def test_an_abstention_completes_a_response(stream: bool) -> None:
    documents = answer("responses", "A secret.", stream=stream)
    sent, _ = await gated(ResponsesDialect(), documents, Then.ABSTAIN, stream=stream)
    response = sent[-1]["response"] if stream else sent[0]
    assert response["status"] == "completed"
    texts = [part["text"] for item in response["output"] for part in item["content"]]
    assert "".join(texts) == "I don't know."


async def test_log_probabilities_do_not_spell_out_what_was_held() -> None:
    event = {"type": DELTA, **PLACE, "delta": "a secret", "logprobs": [{"token": "secret"}]}
    done = {"type": "response.output_text.done", **PLACE, "text": "a secret",
            "logprobs": [{"token": "secret"}]}  # fmt: skip
    sent, _ = await gated(ResponsesDialect(), [event, done])
    assert "secret" not in str(sent)
