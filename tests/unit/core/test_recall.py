"""Findings of unchanged texts are remembered, and nothing else is."""

from collections.abc import Sequence

import pytest

from gateway.core.evaluate import evaluate
from gateway.core.exchange import Exchange
from gateway.core.findings import Decision, Finding, Then
from gateway.core.recall import FindingMemory
from gateway.core.rules import Layer, Policy, Rule
from gateway.core.segments import Origin, Segment
from gateway.testing.exchanges import make_exchange


class CountingGuard:
    """Finds the letter x, and remembers what it was shown."""

    name = "counting"
    inline = True

    def __init__(self, *, pure: bool = True) -> None:
        self.pure = pure
        self.seen: list[str] = []

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        self.seen += [segment.text for segment in segments]
        return [
            Finding("X", 1.0, index, at, at + 1)
            for index, segment in enumerate(segments)
            for at, letter in enumerate(segment.text)
            if letter == "x"
        ]


class FailingOnceGuard(CountingGuard):
    """Fails at its first call."""

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        found = await super().check(segments, ex)
        if len(self.seen) == len(segments):
            raise RuntimeError("not yet")
        return found


def said(*texts: str, origin: Origin = Origin.USER) -> list[Segment]:
    return [Segment(text, origin, ("messages", place)) for place, text in enumerate(texts)]


class Chat:
    """Turns judged by one guard under one policy."""

    def __init__(self, guard: CountingGuard) -> None:
        self.rule = Rule("r", guard, "counting", Then.FLAG)
        self.policy = Policy("p", "0" * 64, {Layer.INPUT: (self.rule,)})

    async def judge(
        self, segments: Sequence[Segment], tenant: str = "default"
    ) -> tuple[Decision, ...]:
        ex = make_exchange(tenant=tenant, policy=self.policy)
        return (await evaluate(Layer.INPUT, (self.rule,), segments, ex)).decisions


async def test_a_longer_history_costs_its_new_turn_alone() -> None:
    guard = CountingGuard()
    chat = Chat(guard)
    await chat.judge(said("one", "two"))
    await chat.judge(said("one", "two", "three"))
    await chat.judge(said("one", "two", "three", "four"))
    assert guard.seen == ["one", "two", "three", "four"]


async def test_remembered_findings_stand_at_their_new_place() -> None:
    chat = Chat(CountingGuard())
    await chat.judge(said("ax", "b"))
    (decision,) = await chat.judge(said("new x", "b", "ax"))
    assert [(f.segment, f.start) for f in decision.findings] == [(0, 4), (2, 1)]
    assert decision.pointers == ("/messages/0", "/messages/2")


async def test_a_guard_that_is_not_pure_sees_everything_each_time() -> None:
    guard = CountingGuard(pure=False)
    chat = Chat(guard)
    await chat.judge(said("one", "two"))
    await chat.judge(said("one", "two"))
    assert guard.seen == ["one", "two"] * 2


async def test_tenants_do_not_share() -> None:
    guard = CountingGuard()
    chat = Chat(guard)
    await chat.judge(said("one", "two"), tenant="a")
    await chat.judge(said("one", "two"), tenant="b")
    assert guard.seen == ["one", "two"] * 2


async def test_origins_do_not_share() -> None:
    guard = CountingGuard()
    chat = Chat(guard)
    await chat.judge(said("one", "two"))
    await chat.judge(said("one", "two", origin=Origin.TOOL))
    assert guard.seen == ["one", "two"] * 2


async def test_policies_do_not_share() -> None:
    guard = CountingGuard()
    await Chat(guard).judge(said("one", "two"))
    await Chat(guard).judge(said("one", "two"))
    assert guard.seen == ["one", "two"] * 2


async def test_a_failure_is_not_remembered() -> None:
    chat = Chat(FailingOnceGuard())
    (failed,) = await chat.judge(said("ax", "b"))
    (found,) = await chat.judge(said("ax", "b"))
    assert failed.error == "RuntimeError"
    assert (found.error, len(found.findings)) == (None, 1)


@pytest.mark.parametrize(
    "part",
    [
        Segment("ax", Origin.USER, offset=5),
        Segment("ax", Origin.USER, fresh=1),
        Segment("ax", Origin.USER, until=1),
    ],
)
async def test_parts_of_a_longer_text_are_not_remembered(part: Segment) -> None:
    guard = CountingGuard()
    chat = Chat(guard)
    await chat.judge([part, Segment("b", Origin.USER)])
    await chat.judge([part, Segment("b", Origin.USER)])
    assert guard.seen == ["ax", "b", "ax"]


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    memory = FindingMemory(entries=6)
    guard = CountingGuard()
    texts = said("one", "two", "three", "four")
    for text in texts[:3]:
        memory.keep(memory.record("t", text), guard, ())
    memory.record("t", texts[0])
    memory.keep(memory.record("t", texts[3]), guard, ())
    known = [memory.record("t", text).get(guard) is not None for text in (texts[0], texts[3])]
    assert known == [True, True]
    assert memory.record("t", texts[1]).get(guard) is None


def test_the_memory_is_bounded_whatever_is_found() -> None:
    memory = FindingMemory(entries=100)
    guard = CountingGuard()
    for number in range(500):
        found = tuple(Finding("X", 1.0, 0, at, at + 1) for at in range(number % 300))
        memory.keep(memory.record("t", Segment(str(number), Origin.USER)), guard, found)
        assert memory.size <= 100


def test_half_a_surrogate_pair_can_be_remembered() -> None:
    memory = FindingMemory()
    record = memory.record("t", Segment("\ud83d", Origin.USER))
    memory.keep(record, CountingGuard(), ())
    assert memory.record("t", Segment("\ud83d", Origin.USER)) is record
