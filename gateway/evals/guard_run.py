"""Runs one guard over labelled texts, one after the other, the way a policy's rule would."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from gateway.core.exchange import Exchange
from gateway.core.findings import Guard
from gateway.core.rules import Rule
from gateway.core.segments import Origin, Segment
from gateway.evals.samples import Sample

MakeExchange = Callable[[], Exchange]
"""A new exchange for each text."""


class GuardFailed(RuntimeError):
    """The guard raised. A gateway would have blocked the text, or let it pass by ``on_error``."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a guard made of one text: its highest score, and the milliseconds that took."""

    sample: Sample
    origin: Origin
    score: float
    category: str
    threshold: float
    """The one that the rule has for this origin."""
    ms: float

    @property
    def flagged(self) -> bool:
        return bool(self.category) and self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class Measured:
    """The guard that is measured, and where its thresholds come from."""

    rule: Rule
    source: str
    """Such as ``policies/baseline.yaml, rule injection``."""

    @property
    def guard(self) -> Guard:
        return self.rule.guard


async def run_guard(
    measured: Measured, samples: Sequence[Sample], origin: Origin, exchange: MakeExchange
) -> AsyncGenerator[Scored, None]:
    """One result per text, in order. ``origin`` is that of texts that do not name one.

    The first text is read twice, so that loading a model is not part of any latency. Raises
    GuardFailed, with the place of the text.
    """
    if samples:
        await _score(measured, samples[0], origin, exchange())
    for sample in samples:
        yield await _score(measured, sample, origin, exchange())


async def _score(measured: Measured, sample: Sample, origin: Origin, ex: Exchange) -> Scored:
    own = sample.origin or origin
    segment = Segment(sample.text, own)
    began = perf_counter()
    try:
        findings = await measured.guard.check([segment], ex)
    except Exception as error:
        said = f"{sample.place}: the guard failed with {type(error).__name__}: {error}"
        raise GuardFailed(said) from error
    ms = (perf_counter() - began) * 1000
    best = max(findings, key=lambda finding: finding.score, default=None)
    threshold = measured.rule.threshold_for(own)
    if best is None:
        return Scored(sample, own, 0.0, "", threshold, ms)
    return Scored(sample, own, best.score, best.category, threshold, ms)
