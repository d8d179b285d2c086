"""A verdict with the memory of earlier turns is the verdict without it, for any history."""

import asyncio
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.detect_secrets.scanner import DetectSecretsScanner
from gateway.core.decide import Verdict
from gateway.core.evaluate import evaluate
from gateway.core.findings import Guard, Then
from gateway.core.recall import FindingMemory
from gateway.core.rules import Layer, Policy, Rule
from gateway.core.segments import Origin, Segment
from gateway.guards.keywords import KeywordsGuard, KeywordsOptions
from gateway.guards.pii import PiiGuard, PiiOptions
from gateway.guards.regex import Pattern, RegexGuard, RegexOptions
from gateway.guards.secrets import SecretsGuard, SecretsOptions
from gateway.guards.topics import TopicsGuard, TopicsOptions
from gateway.testing.exchanges import make_exchange
from gateway.testing.recognizers import LiteralRecognizer

_PIECES = (
    "hello there",
    "orchid",
    "ada@example.com",
    "TICKET-1234",
    "the rifle",
    "and a gun",
    "AKIAIOSFODNN7EXAMPLE",
    "",
    "\ud83d",
)
_texts = st.lists(st.sampled_from(_PIECES), min_size=0, max_size=4).map(" ".join)
_segments = st.builds(
    Segment,
    text=_texts,
    origin=st.sampled_from([Origin.USER, Origin.ASSISTANT, Origin.TOOL, Origin.SYSTEM]),
    offset=st.sampled_from([0, 0, 0, 7]),
    fresh=st.sampled_from([0, 0, 0, 3]),
    until=st.sampled_from([None, None, None, 5]),
)
_histories = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.lists(_segments, min_size=1, max_size=6)),
    min_size=1,
    max_size=8,
)


def _rules() -> tuple[Rule, ...]:
    recognizer = LiteralRecognizer({"ada@example.com": ("EMAIL_ADDRESS", 0.9)})
    ticket = Pattern(name="ticket", pattern=r"TICKET-\d+")
    words = KeywordsGuard(KeywordsOptions(words=("orchid",)))
    guards: list[tuple[Guard, Then]] = [
        (words, Then.FLAG),
        (words, Then.BLOCK),
        (RegexGuard(RegexOptions(patterns=(ticket,))), Then.MASK),
        (TopicsGuard(TopicsOptions(topics={"weapons": ("rifle", "gun")})), Then.BLOCK),
        (PiiGuard(PiiOptions(), recognizer=recognizer), Then.MASK),
        (SecretsGuard(SecretsOptions(), secret_scanner=DetectSecretsScanner()), Then.FLAG),
    ]
    made = [
        Rule(f"r{number}", guard, guard.name, then) for number, (guard, then) in enumerate(guards)
    ]
    made[3] = replace(made[3], origins=frozenset({Origin.USER}))
    return tuple(made)


RULES = _rules()


def _judge(history: list[tuple[str, list[Segment]]], entries: int | None) -> list[Verdict]:
    """The verdicts turn by turn; ``entries`` None is without any memory between turns."""

    async def run() -> list[Verdict]:
        layers = {Layer.INPUT: RULES}
        policy = Policy("p", "0" * 64, layers, memory=FindingMemory(entries or 0))
        verdicts = []
        for tenant, segments in history:
            if entries is None:
                policy = Policy("p", "0" * 64, layers)
            ex = make_exchange(tenant=tenant, policy=policy)
            verdicts.append(await evaluate(Layer.INPUT, RULES, segments, ex))
        return verdicts

    return asyncio.run(run())


@settings(max_examples=60, deadline=None)
@given(_histories, st.sampled_from([3, 20, 20_000]))
def test_verdicts_are_the_same_with_memory_and_without(
    history: list[tuple[str, list[Segment]]], entries: int
) -> None:
    assert _judge(history, entries) == _judge(history, None)


def test_the_guards_that_a_history_is_long_for_are_remembered() -> None:
    assert all(getattr(rule.guard, "pure", False) for rule in RULES)
