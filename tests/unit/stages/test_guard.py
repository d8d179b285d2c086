"""The guard stage: what each verdict does to an exchange."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from gateway.core.errors import ContentFiltered
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.findings import Finding, Then
from gateway.core.knowledge import Access, Chunk
from gateway.core.placeholders import PlaceholderSecret
from gateway.core.reply import ABSTAIN_TEXT, Frame, Reply, frames_of
from gateway.core.rules import Layer, Policy, Rule
from gateway.core.segments import Json, Segment
from gateway.stages.guard import GuardOptions, GuardStage
from gateway.testing.exchanges import make_exchange


class WordGuard:
    """Finds one word."""

    name = "word"
    inline = True

    def __init__(self, word: str) -> None:
        self._word = word

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        return [
            Finding("WORD", 1.0, index, at, at + len(self._word))
            for index, segment in enumerate(segments)
            if (at := segment.text.find(self._word)) >= 0
        ]


def policy(layer: Layer, then: Then, word: str = "bad") -> Policy:
    return Policy("p", "h" * 64, {layer: (Rule("r", WordGuard(word), "word", then),)})


async def run(ex: Exchange, layer: Layer, **options: Any) -> Outcome:
    stage = GuardStage(GuardOptions(layer=layer, **options))
    ex.outcomes.append(Outcome(stage.name))
    await stage.run(ex)
    return ex.outcomes[-1]


async def read(ex: Exchange) -> list[Json]:
    assert ex.reply is not None
    return [frame.document async for frame in ex.reply.frames]


async def test_a_blocked_input_is_an_error_that_names_no_guard() -> None:
    ex = make_exchange("so bad", policy=policy(Layer.INPUT, Then.BLOCK))
    with pytest.raises(ContentFiltered) as refused:
        await run(ex, Layer.INPUT)
    assert ex.outcomes[-1].status is Status.BLOCKED
    assert ex.verdict == "blocked"
    assert "word" not in refused.value.message.split("Change")[0]


@pytest.mark.parametrize("stream", [True, False])
async def test_a_pipeline_may_answer_with_a_refusal_instead(stream: bool) -> None:
    ex = make_exchange("so bad", policy=policy(Layer.INPUT, Then.BLOCK), stream=stream)
    await run(ex, Layer.INPUT, on_block="refusal", refusal="Not this.")
    documents = await read(ex)
    assert documents[-1]["choices"][0]["finish_reason"] == "content_filter"
    assert "Not this." in str(documents)


def own_bytes() -> bytes | None:
    return b"the client's own bytes"


async def test_a_masked_input_reaches_nobody_in_the_clear() -> None:
    ex = make_exchange("so bad", policy=policy(Layer.INPUT, Then.MASK))
    ex.raw = own_bytes()
    ex.asked()
    assert (await run(ex, Layer.INPUT)).status is Status.REWRITTEN
    assert ex.body["messages"][0]["content"] == "so [WORD]"
    assert ex.raw is None
    assert ex.asked() == "so [WORD]"


async def test_an_input_without_rules_is_not_scanned_which_is_not_passed() -> None:
    assert (await run(make_exchange("bad"), Layer.INPUT)).status is Status.NOT_SCANNED


async def test_a_poisoned_chunk_is_dropped_and_the_request_lives() -> None:
    ex = make_exchange("q", policy=policy(Layer.CONTEXT, Then.DROP))
    access = Access(public=True)
    ex.chunks = [
        Chunk(str(i), "d", "v", "t", None, None, text, access)
        for i, text in enumerate(["good", "bad", "fine"])
    ]
    await run(ex, Layer.CONTEXT)
    assert [chunk.text for chunk in ex.chunks] == ["good", "fine"]
    assert ex.verdict == "rewritten"


async def test_a_rewrite_that_breaks_a_tool_call_is_a_block() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 4111}'}}
    messages = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    ex = make_exchange(messages=messages, policy=policy(Layer.INPUT, Then.MASK, "4111"))
    with pytest.raises(ContentFiltered):
        await run(ex, Layer.INPUT)
    assert ex.outcomes[-1].status is Status.ERROR_CLOSED


def answer(text: str) -> Json:
    message = {"role": "assistant", "content": text}
    return {"id": "x", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


async def test_a_clean_answer_keeps_the_providers_bytes() -> None:
    ex = make_exchange(policy=policy(Layer.OUTPUT, Then.BLOCK))
    raw = b'{"choices": [{"index": 0, "message": {"content": "All \\u0067ood."}}], "x": 1.0}'

    async def frames() -> AsyncIterator[Frame]:
        yield Frame(raw)

    ex.reply = Reply(frames(), source="test/model")
    await run(ex, Layer.OUTPUT)
    assert [frame.raw async for frame in ex.reply.frames] == [raw]


@pytest.mark.parametrize(
    ("text", "then", "content", "finish"),
    [
        ("All good.", Then.BLOCK, "All good.", "stop"),
        ("This is bad.", Then.BLOCK, "", "content_filter"),
        ("First. This is bad.", Then.BLOCK, "First. ", "content_filter"),
        ("This is bad.", Then.MASK, "This is [WORD].", "stop"),
        ("This is bad.", Then.ABSTAIN, ABSTAIN_TEXT, "stop"),
        ("First. This is bad.", Then.ABSTAIN, "First. ", "content_filter"),
        ("This is bad.", Then.FLAG, "This is bad.", "stop"),
    ],
)
async def test_what_each_consequence_does_to_an_answer(
    text: str, then: Then, content: str, finish: str
) -> None:
    ex = make_exchange(policy=policy(Layer.OUTPUT, then))
    ex.reply = Reply(frames_of([answer(text)]), source="test/model")
    await run(ex, Layer.OUTPUT)
    (document,) = await read(ex)
    choice = document["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == (content, finish)


async def test_log_probabilities_of_a_rewritten_answer_are_withheld() -> None:
    ex = make_exchange(policy=policy(Layer.OUTPUT, Then.MASK))
    document = answer("This is bad.")
    document["choices"][0]["logprobs"] = {"content": [{"token": "bad"}]}
    ex.reply = Reply(frames_of([document]), source="test/model")
    await run(ex, Layer.OUTPUT)
    assert "'bad'" not in str(await read(ex))


async def test_every_choice_is_judged_by_itself() -> None:
    ex = make_exchange(policy=policy(Layer.OUTPUT, Then.BLOCK), body={"n": 2})
    document = answer("Fine.")
    second = {"index": 1, "message": {"content": "bad"}, "finish_reason": "stop"}
    document["choices"].append(second)
    ex.reply = Reply(frames_of([document]), source="test/model")
    await run(ex, Layer.OUTPUT)
    choices = (await read(ex))[0]["choices"]
    assert [c["finish_reason"] for c in choices] == ["stop", "content_filter"]
    assert [c["message"]["content"] for c in choices] == ["Fine.", ""]


SECRET = PlaceholderSecret(b"0123456789abcdef")


def tokenizing(*layers: Layer, word: str = "jane@example.com") -> Policy:
    rules = (Rule("r", WordGuard(word), "word", Then.TOKENIZE),)
    return Policy("p", "h" * 64, dict.fromkeys(layers, rules))


async def run_with_secret(ex: Exchange, layer: Layer) -> None:
    stage = GuardStage(GuardOptions(layer=layer), placeholders=SECRET)
    ex.outcomes.append(Outcome(stage.name))
    await stage.run(ex)


async def test_a_document_shows_a_value_by_the_placeholder_it_has_in_the_question() -> None:
    ex = make_exchange("Who is jane@example.com?", policy=tokenizing(Layer.INPUT, Layer.CONTEXT))
    access = Access(public=True)
    ex.chunks = [Chunk("1", "d", "v", "t", None, None, "jane@example.com is Jane.", access)]
    await run_with_secret(ex, Layer.INPUT)
    mark = ex.body["messages"][0]["content"].removeprefix("Who is ").removesuffix("?")
    assert mark.startswith("<WORD_")
    await run_with_secret(ex, Layer.CONTEXT)
    assert ex.chunks[0].text == f"{mark} is Jane."
    assert ex.verdict == "rewritten"


async def test_without_a_secret_a_value_is_blocked_rather_than_sent() -> None:
    ex = make_exchange("I am jane@example.com", policy=tokenizing(Layer.INPUT))
    with pytest.raises(ContentFiltered):
        await run(ex, Layer.INPUT)
    assert ex.outcomes[-1].status is Status.ERROR_CLOSED


async def test_a_value_in_tool_call_arguments_is_read_as_json_means_it() -> None:
    arguments = '{"text":"to:\\njane@example.com","name":"J \\"x\\""}'
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    messages: list[Json] = [
        {"role": "user", "content": "I am jane@example.com"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
    ]
    rule = Rule("r", WordGuard("njane@example.com"), "word", Then.TOKENIZE)
    plain = Rule("s", WordGuard("jane@example.com"), "word", Then.TOKENIZE)
    policy = Policy("p", "h" * 64, {Layer.INPUT: (rule, plain)})
    ex = make_exchange(messages=messages, policy=policy)
    await run_with_secret(ex, Layer.INPUT)
    mark = ex.body["messages"][0]["content"].removeprefix("I am ")
    rewritten = ex.body["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert rewritten == arguments.replace("jane@example.com", mark)
