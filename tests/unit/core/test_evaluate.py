"""Guards under rules: thresholds, failures, rewriters before judges."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.core.evaluate import evaluate
from gateway.core.exchange import Exchange
from gateway.core.findings import Finding, Mode, OnError, Then
from gateway.core.rules import Layer, Rule, When, share_of
from gateway.core.segments import Origin, Segment
from gateway.testing.exchanges import make_exchange


class WordGuard:
    """Finds one word."""

    name = "word"
    inline = True

    def __init__(self, word: str, score: float = 1.0, *, inline: bool = True) -> None:
        self._word = word
        self._score = score
        self.inline = inline
        self.calls = 0

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        self.calls += 1
        return [
            Finding("WORD", self._score, index, at, at + len(self._word))
            for index, segment in enumerate(segments)
            if (at := segment.text.find(self._word)) >= 0
        ]


class SeeingGuard(WordGuard):
    """Remembers what it was shown."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.seen: list[str] = []

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        self.seen = [segment.text for segment in segments]
        return await super().check(segments, ex)


class BrokenGuard:
    """Fails."""

    name = "broken"

    def __init__(self, *, inline: bool, slow: bool = False) -> None:
        self.inline = inline
        self._slow = slow

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        if self._slow:
            await asyncio.sleep(5)
        raise RuntimeError("no model loaded")


def user(*texts: str) -> list[Segment]:
    return [Segment(text, Origin.USER, ("messages", i)) for i, text in enumerate(texts)]


async def test_a_block_names_the_rule_and_the_place() -> None:
    rule = Rule("no-foo", WordGuard("foo"), "word", Then.BLOCK)
    verdict = await evaluate(Layer.INPUT, [rule], user("bar", "a foo"), make_exchange())
    assert verdict.blocked is not None
    assert verdict.blocked.rule == "no-foo"
    assert verdict.blocked.pointers == ("/messages/1",)


@pytest.mark.parametrize(
    ("origin", "score", "blocked"),
    [
        (Origin.USER, 0.7, False),
        (Origin.USER, 0.8, True),
        (Origin.TOOL, 0.7, True),
        (Origin.SYSTEM, 0.9, False),
    ],
)
async def test_thresholds_are_per_origin(origin: Origin, score: float, blocked: bool) -> None:
    rule = Rule(
        "r",
        WordGuard("foo", score),
        "word",
        Then.BLOCK,
        thresholds={Origin.USER: 0.8, Origin.TOOL: 0.6},
        threshold=0.95,
    )
    verdict = await evaluate(Layer.INPUT, [rule], [Segment("foo", origin)], make_exchange())
    assert (verdict.blocked is not None) is blocked


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("slow", [True, False])
async def test_a_failed_guard_blocks_unless_its_rule_allows(inline: bool, slow: bool) -> None:
    guard = BrokenGuard(inline=inline, slow=slow)
    closed = Rule("r", guard, "broken", Then.FLAG, timeout=0.05)
    opened = Rule("r", guard, "broken", Then.BLOCK, on_error=OnError.ALLOW, timeout=0.05)
    ex = make_exchange()
    shut = await evaluate(Layer.INPUT, [closed], user("x"), ex)
    assert shut.blocked is not None
    assert shut.blocked.error == ("TimeoutError" if slow else "RuntimeError")
    let = await evaluate(Layer.INPUT, [opened], user("x"), ex)
    assert let.blocked is None
    assert let.decisions[0].error_allowed


async def test_rewriters_run_before_judges() -> None:
    mask = Rule("mask", WordGuard("foo"), "word", Then.MASK)
    judge = Rule("judge", WordGuard("foo"), "word", Then.BLOCK)
    verdict = await evaluate(Layer.INPUT, [judge, mask], user("a foo b"), make_exchange())
    assert verdict.blocked is None
    assert verdict.segments[0].text == "a [WORD] b"
    assert verdict.edited == {0}


async def test_shadow_decides_and_records_but_never_acts() -> None:
    rules = [
        Rule("b", WordGuard("foo"), "word", Then.BLOCK, mode=Mode.SHADOW),
        Rule("m", WordGuard("foo"), "word", Then.MASK, mode=Mode.SHADOW),
    ]
    verdict = await evaluate(Layer.INPUT, rules, user("foo"), make_exchange())
    assert verdict.blocked is None
    assert verdict.segments[0].text == "foo"
    assert [d.triggered for d in verdict.decisions] == [True, True]


async def test_a_guard_is_not_shown_what_its_rules_are_not_about() -> None:
    guard = SeeingGuard("foo")
    rules = [
        Rule("u", guard, "word", Then.FLAG, origins=frozenset({Origin.USER})),
        Rule("t", guard, "word", Then.FLAG, origins=frozenset({Origin.TOOL})),
    ]
    segments = [
        Segment("foo 0", Origin.SYSTEM, ("a",)),
        Segment("foo 1", Origin.USER, ("b",)),
        Segment("foo 2", Origin.ASSISTANT, ("c",)),
        Segment("foo 3", Origin.TOOL, ("d",)),
    ]
    verdict = await evaluate(Layer.INPUT, rules, segments, make_exchange())
    assert guard.seen == ["foo 1", "foo 3"]
    assert [(d.rule, d.pointers, d.findings[0].segment) for d in verdict.decisions] == [
        ("u", ("/b",), 1),
        ("t", ("/d",), 3),
    ]
    none = await evaluate(Layer.INPUT, rules, segments[:1], make_exchange())
    assert none.decisions == ()


async def test_a_broken_guard_in_shadow_mode_does_not_block() -> None:
    rule = Rule("r", BrokenGuard(inline=True), "broken", Then.BLOCK, mode=Mode.SHADOW)
    assert (await evaluate(Layer.INPUT, [rule], user("x"), make_exchange())).blocked is None


async def test_rules_with_one_guard_share_its_check() -> None:
    guard = WordGuard("foo")
    rules = [Rule(str(i), guard, "word", Then.FLAG) for i in range(3)]
    verdict = await evaluate(Layer.INPUT, rules, user("foo"), make_exchange())
    assert guard.calls == 1
    assert len(verdict.decisions) == 3


async def test_context_rules_drop_single_segments() -> None:
    rule = Rule("poisoned", WordGuard("foo"), "word", Then.DROP)
    verdict = await evaluate(Layer.CONTEXT, [rule], user("ok", "foo", "ok"), make_exchange())
    assert verdict.dropped == {1}
    assert verdict.blocked is None


async def test_what_was_judged_before_is_neither_counted_nor_rewritten_again() -> None:
    mask = Rule("mask", WordGuard("foo"), "word", Then.MASK)
    old = [Segment("foo bar", Origin.MODEL, fresh=3)]
    half = [Segment("xx foo", Origin.MODEL, fresh=4)]
    ex = make_exchange()
    assert (await evaluate(Layer.OUTPUT, [mask], old, ex)).decisions == ()
    assert (await evaluate(Layer.OUTPUT, [mask], half, ex)).segments[0].text == "xx f[WORD]"


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        (When(roles=frozenset({"support"})), True),
        (When(roles=frozenset({"finance"})), False),
        (When(tenants=frozenset({"default"}), models=frozenset({"assistant"})), True),
        (When(tenants=frozenset({"default"}), models=frozenset({"other"})), False),
        (When(routes=frozenset({"chitchat"})), False),
    ],
)
async def test_rules_apply_when_all_their_conditions_match(when: When, matches: bool) -> None:
    rule = Rule("r", WordGuard("foo"), "word", Then.BLOCK, when=when)
    ex = make_exchange(roles=["support"])
    verdict = await evaluate(Layer.INPUT, [rule], user("foo"), ex)
    assert (verdict.blocked is not None) is matches


def test_a_canary_hits_its_share_of_exchanges_and_always_the_same_ones() -> None:
    shares = [share_of(f"dec_{i}", "rule") for i in range(4_000)]
    assert shares == [share_of(f"dec_{i}", "rule") for i in range(4_000)]
    assert 0.22 < sum(share < 0.25 for share in shares) / 4_000 < 0.28
