"""``hold_time``: a stream of which something is held for too long ends, and says no more."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.core.dialect import Dialect
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.findings import Then
from gateway.core.reply import Frame
from gateway.core.rules import Layer, Policy, Rule
from gateway.core.segments import Json
from gateway.stages.gate import Gate
from gateway.testing.dialects import native
from gateway.testing.exchanges import make_exchange
from gateway.testing.guards import WordGuard, WordOptions
from gateway.wire.chat import ChatDialect
from gateway.wire.messages import MessagesDialect
from gateway.wire.responses import ResponsesDialect

RULE = Rule("word", WordGuard(WordOptions(word="secret")), "word", Then.MASK)
LONG = 30.0
"""Seconds that no test waits for."""


async def gated(
    dialect: Dialect, steps: list[Json | float], hold: float | None, *, stream: bool = True
) -> tuple[list[Json], Exchange]:
    """The documents let out of an answer that has pauses, in seconds, between its documents."""

    async def frames() -> AsyncIterator[Frame]:
        for step in steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                yield Frame(document=step)

    policy = Policy("p", "0" * 64, {}, hold_time=hold)
    ex = make_exchange(dialect=dialect, stream=stream, policy=policy)
    ex.outcomes.append(Outcome("guard[output]"))
    gate = Gate(Layer.OUTPUT, (RULE,), ex, ex.outcomes[0], "I don't know.")
    return [frame.document async for frame in gate.through(frames())], ex


def deltas(*texts: str) -> list[Json]:
    return [{"id": "x", "choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]


END: Json = {"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def said(documents: list[Json]) -> tuple[str, str | None]:
    choices = [choice for document in documents for choice in document["choices"]]
    text = "".join(choice["delta"].get("content") or "" for choice in choices)
    return text, choices[-1].get("finish_reason")


async def test_text_that_is_held_for_too_long_is_never_released() -> None:
    steps: list[Json | float] = [*deltas("All is well. ", "The sec"), LONG, *deltas("ret."), END]
    documents, ex = await gated(ChatDialect(), steps, 0.1)
    assert said(documents) == ("All is well. ", "content_filter")
    assert ex.outcomes[0].status is Status.ERROR_CLOSED
    assert [decision.error for decision in ex.decisions] == ["HeldTooLong"]
    assert ex.finish == "content_filter"


async def test_the_time_counts_from_the_oldest_text_that_is_held() -> None:
    steps: list[Json | float] = [*deltas("one "), 0.15, *deltas("two "), 0.15, *deltas("three "),
                                 0.15, *deltas("four "), END]  # fmt: skip
    documents, _ = await gated(ChatDialect(), steps, 0.35)
    assert said(documents) == ("", "content_filter")


async def test_sentences_that_come_in_time_pass_however_long_the_answer() -> None:
    steps: list[Json | float] = []
    for _ in range(6):
        steps += [*deltas("It is so. "), 0.05]
    documents, ex = await gated(ChatDialect(), [*steps, END], 0.25)
    assert said(documents) == ("It is so. " * 6, "stop")
    assert ex.verdict == "passed"


async def test_a_provider_that_pauses_while_nothing_is_held_is_waited_for() -> None:
    opening: Json = {"id": "x", "choices": [{"index": 0, "delta": {"role": "assistant"}}]}
    documents, _ = await gated(ChatDialect(), [opening, 0.3, *deltas("Well."), END], 0.1)
    assert said(documents) == ("Well.", "stop")


async def test_arguments_of_a_tool_call_may_take_their_time() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    opening: Json = {"id": "x", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}
    documents, _ = await gated(ChatDialect(), [opening, 0.3, END], 0.1)
    assert said(documents)[1] == "stop"


@pytest.mark.parametrize(
    ("dialect", "endpoint", "last"),
    [
        (ResponsesDialect(), "responses", "response.incomplete"),
        (MessagesDialect(), "messages", "message_stop"),
    ],
)
async def test_typed_events_end_in_good_order(dialect: Dialect, endpoint: str, last: str) -> None:
    events = native(endpoint, {"stream": True, "model": "m"}, deltas("All is well. ", "The sec"))
    cut = next(i for i, event in enumerate(events) if "sec" in str(event.get("delta"))) + 1
    documents, ex = await gated(dialect, [*events[:cut], LONG, *events[cut:]], 0.1)
    kinds = [document["type"] for document in documents]
    assert kinds[-1] == last
    assert sum(k.endswith((".added", "_start")) for k in kinds if "block" in k or "item" in k) == 1
    assert sum(k.endswith((".done", "_stop")) for k in kinds if "block" in k or "item" in k) == 1
    assert "sec" not in str(documents)
    assert ex.finish == "content_filter"


async def test_a_whole_answer_is_not_timed() -> None:
    message = {"role": "assistant", "content": "All is well"}
    whole: Json = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    documents, _ = await gated(ChatDialect(), [0.2, whole], 0.1, stream=False)
    assert documents == [whole]
