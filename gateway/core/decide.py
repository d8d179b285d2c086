"""Turns findings plus rules into one verdict over a batch of segments."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.findings import Decision, Finding, Mode, OnError, Then
from gateway.core.redact import Edit
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Segment


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done about one batch of segments.

    ``segments`` are the texts as they are after all rewrites, ``edited`` the indices of those that
    changed, ``dropped`` of those to leave out. At most one of ``blocked``, ``abstained`` and
    ``regenerated`` is acted upon: a block wins, then an abstention.
    """

    segments: tuple[Segment, ...]
    decisions: tuple[Decision, ...] = ()
    edited: frozenset[int] = frozenset()
    dropped: frozenset[int] = frozenset()
    blocked: Decision | None = None
    abstained: Decision | None = None
    regenerated: Decision | None = None


def decide(
    layer: Layer,
    rule: Rule,
    segments: Sequence[Segment],
    findings: Sequence[Finding],
    error: BaseException | None = None,
) -> Decision:
    """What ``rule`` says about ``segments``: the findings that count, or the failure that does."""
    kept = tuple(
        finding
        for finding in findings
        if _within(finding, segments[finding.segment])
        and finding.score >= rule.threshold_for(segments[finding.segment].origin)
        and (rule.origins is None or segments[finding.segment].origin in rule.origins)
    )
    return Decision(
        layer=layer.value,
        rule=rule.id,
        guard=rule.guard_name,
        then=Then.BLOCK if error is not None and rule.on_error is OnError.BLOCK else rule.then,
        mode=rule.mode,
        findings=kept,
        error=type(error).__name__ if error is not None else None,
        error_allowed=error is not None and rule.on_error is OnError.ALLOW,
        pointers=tuple(segments[finding.segment].pointer for finding in kept),
    )


def edits_of(decision: Decision, rule: Rule, segments: Sequence[Segment]) -> list[Edit]:
    """The edits that a rewriting decision asks for."""
    if decision.mode is not Mode.ENFORCE or decision.then not in (Then.MASK, Then.TOKENIZE):
        return []
    masks = decision.then is Then.MASK
    return [
        Edit(
            f.segment,
            max(f.start, segments[f.segment].fresh),
            _end(f, segments[f.segment]),
            rule.mask.replace("{category}", f.category) if masks else None,
            f.category,
        )
        for f in decision.findings
    ]


def _within(finding: Finding, segment: Segment) -> bool:
    until = segment.until
    return finding.end > segment.fresh and (until is None or finding.start < until)


def _end(finding: Finding, segment: Segment) -> int:
    return finding.end if segment.until is None else min(finding.end, segment.until)
