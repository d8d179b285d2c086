"""Long answers and long requests need no more memory than what is held of them at a time."""

import tracemalloc
from collections.abc import AsyncIterator
from itertools import cycle, islice

import pytest

from gateway.adapters.detect_secrets.scanner import DetectSecretsScanner
from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.core.evaluate import evaluate
from gateway.core.exchange import Outcome
from gateway.core.findings import Guard, Then
from gateway.core.reply import Frame
from gateway.core.rules import Layer, Policy, Rule
from gateway.core.segments import Json
from gateway.guards.pii import PiiGuard, PiiOptions
from gateway.guards.prompt_leak import PromptLeakGuard, PromptLeakOptions
from gateway.guards.secrets import SecretsGuard, SecretsOptions
from gateway.stages.gate import Gate
from gateway.testing.exchanges import make_exchange

PROSE = (
    "The sole came off after two walks, so the shop will repair it. Nobody asked about the laces; "
    "they were replaced as well, and the parcel was sent the same day. "
)
SYSTEM = "You are the assistant of a shop for boots. Never promise a refund without asking first."
ENTITIES = frozenset({"CREDIT_CARD", "US_SSN", "IBAN_CODE"})
"""The kinds that the baseline policy masks in answers."""
KIBI = 1024
DELTAS = 60_000
STRETCH = 7_000


@pytest.fixture(scope="module")
def rules() -> tuple[Rule, ...]:
    """What the baseline policy has answers judged by."""
    pii = PiiGuard(PiiOptions(entities=ENTITIES), recognizer=PresidioRecognizer())
    secrets = SecretsGuard(SecretsOptions(), secret_scanner=DetectSecretsScanner())
    leak = PromptLeakGuard(PromptLeakOptions())
    guards: list[tuple[Guard, Then]] = [
        (pii, Then.MASK),
        (secrets, Then.MASK),
        (leak, Then.BLOCK),
    ]
    return tuple(Rule(guard.name, guard, guard.name, then) for guard, then in guards)


async def peaks_of_answer(rules: tuple[Rule, ...], text: str) -> list[int]:
    """The most bytes that were allocated at a time in the first and in the last ``STRETCH`` deltas,
    of one character each, of an answer that comes whole."""
    peaks = []

    async def frames() -> AsyncIterator[Frame]:
        for place, character in enumerate(islice(cycle(text), DELTAS)):
            if place in (0, DELTAS - STRETCH):
                tracemalloc.start(1)
            elif place == STRETCH:
                peaks.append(traced())
            delta: Json = {"content": character}
            yield Frame(document={"choices": [{"index": 0, "delta": delta}]})
        yield Frame(document={"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})

    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "hi"}]
    policy = Policy("p", "0" * 64, {}, hold_characters=2_048)
    ex = make_exchange(messages=messages, stream=True, policy=policy)
    gate = Gate(Layer.OUTPUT, rules, ex, Outcome("guard[output]"), "I don't know.")
    said = 0
    async for frame in gate.through(frames()):
        said += len(frame.document["choices"][0]["delta"].get("content") or "")
    peaks.append(traced())
    assert (said, ex.verdict) == (DELTAS, "passed")
    return peaks


def traced() -> int:
    """The peak since tracing began, which ends here."""
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("text", [PROSE, "x"], ids=["prose", "one unbroken run"])
async def test_the_end_of_a_long_answer_needs_no_more_memory_than_its_beginning(
    rules: tuple[Rule, ...], text: str
) -> None:
    first, last = await peaks_of_answer(rules, text)
    assert last < first + 32 * KIBI, (first, last)


async def test_a_request_of_a_megabyte_needs_memory_in_proportion(
    rules: tuple[Rule, ...],
) -> None:
    peaks = []
    for size in (10_000, 250_000, 1_000_000):
        text = (PROSE * (size // len(PROSE) + 1))[:size]
        ex = make_exchange(messages=[{"role": "user", "content": text}])
        tracemalloc.start(1)
        verdict = await evaluate(Layer.INPUT, rules, ex.segments(), ex)
        peaks.append(traced())
        assert not verdict.decisions
    _, quarter, whole = peaks
    assert whole < 4.5 * quarter + 64 * KIBI, peaks
