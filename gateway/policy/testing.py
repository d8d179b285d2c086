"""Runs policy tests, through the same evaluation that serves requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.core.decide import Verdict
from gateway.core.evaluate import evaluate
from gateway.core.exchange import Exchange
from gateway.core.findings import Decision, Then
from gateway.core.placeholders import NumberedVault, keep_vault
from gateway.core.rules import Layer, Policy
from gateway.core.segments import Segment
from gateway.policy.cases import DEFAULT_ORIGIN, Case, Suite

MakeExchange = Callable[[Case], Exchange]
"""Builds the exchange that a case is judged in."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case; ``wrong`` lists each difference as (what, expected, got)."""

    name: str
    place: str
    wrong: tuple[tuple[str, str, str], ...] = ()

    @property
    def passed(self) -> bool:
        return not self.wrong


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What became of the cases of one file."""

    file: str
    cases: tuple[CaseResult, ...]

    @property
    def passed(self) -> int:
        return sum(case.passed for case in self.cases)

    @property
    def failures(self) -> tuple[CaseResult, ...]:
        return tuple(case for case in self.cases if not case.passed)


async def run_suite(suite: Suite, policy: Policy, make_exchange: MakeExchange) -> SuiteResult:
    """Judge every case of a file by ``policy``. Canary rules look at every case."""
    results = []
    for case, line in suite.cases:
        ex = make_exchange(case)
        verdict = await judge(policy, case.layer, texts_of(case, ex), ex)
        results.append(CaseResult(case.name, f"{suite.file}:{line}", differences(case, verdict)))
    return SuiteResult(suite.file, tuple(results))


async def judge(policy: Policy, layer: Layer, segments: Sequence[Segment], ex: Exchange) -> Verdict:
    """The verdict of a policy's layer, with rules that look at a sample looking at all, and
    placeholders that are numbered."""
    rules = [replace(rule, sample=1.0) for rule in policy.rules(layer)]
    keep_vault(ex, NumberedVault())
    return await evaluate(layer, rules, segments, ex)


def texts_of(case: Case, ex: Exchange) -> Sequence[Segment]:
    """The texts that a case wants judged."""
    origin = case.origin or DEFAULT_ORIGIN[case.layer]
    if case.chunks is not None:
        return [Segment(text, origin, ("chunks", index)) for index, text in enumerate(case.chunks)]
    return ex.segments() if case.text is None else [Segment(case.text * case.repeat, origin)]


def word_for(verdict: Verdict) -> str:
    """One word for a verdict; ``failed`` when a guard failed and its rule lets nothing pass, so
    that a broken guard never makes a test that expects a block pass."""
    if any(d.error is not None and not d.error_allowed for d in verdict.decisions):
        return "failed"
    if verdict.blocked is not None:
        return "blocked"
    if verdict.abstained is not None:
        return "abstained"
    if verdict.regenerated is not None:
        return "regenerated"
    if verdict.dropped:
        return "dropped"
    if verdict.edited:
        return "rewritten"
    return "flagged" if any(d.triggered for d in verdict.decisions) else "passed"


def differences(case: Case, verdict: Verdict) -> tuple[tuple[str, str, str], ...]:
    """Where the verdict is not what the case expects: (what, expected, got)."""
    expect, got = case.expect, word_for(verdict)
    wrong: list[tuple[str, str, str]] = []
    if got != expect.verdict:
        wrong.append(("verdict", expect.verdict, f"{got}{_by(verdict)}"))
    if expect.rule is not None:
        deciding = {d.rule for d in verdict.decisions if d.triggered and _decided(d, got)}
        if expect.rule not in deciding:
            wrong.append(("rule", expect.rule, ", ".join(sorted(deciding)) or "none"))
    if expect.text is not None:
        text = _text(verdict)
        if text != expect.text:
            wrong.append(("text", repr(expect.text), repr(text)))
    if expect.dropped is not None and set(expect.dropped) != verdict.dropped:
        wrong.append(("dropped", str(sorted(expect.dropped)), str(sorted(verdict.dropped))))
    return tuple(wrong)


def _decided(decision: Decision, word: str) -> bool:
    """Whether a decision is one of those that made the verdict what it is."""
    consequence = {
        "blocked": (Then.BLOCK,),
        "abstained": (Then.ABSTAIN,),
        "regenerated": (Then.REGENERATE,),
        "dropped": (Then.DROP,),
        "rewritten": (Then.MASK, Then.TOKENIZE),
    }
    return word not in consequence or (decision.acts and decision.then in consequence[word])


def _text(verdict: Verdict) -> str:
    if len(verdict.segments) == 1:
        return verdict.segments[0].text
    return "\n".join(verdict.segments[index].text for index in sorted(verdict.edited))


def _by(verdict: Verdict) -> str:
    said = [
        f"{d.rule}: {d.guard} failed with {d.error}" if d.error else _seen(d)
        for d in verdict.decisions
    ]
    return f" ({'; '.join(said)})" if said else ""


def _seen(decision: Decision) -> str:
    best = max(decision.findings, key=lambda finding: finding.score, default=None)
    return decision.rule if best is None else f"{decision.rule}: {best.category} {best.score:.2f}"
