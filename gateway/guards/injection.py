"""Attempts to make the model follow somebody else's orders, whatever they are disguised as."""

import asyncio
from collections.abc import Iterable, Sequence
from math import prod
from typing import Protocol

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.segments import Origin, Segment
from gateway.core.views import View, Viewer
from gateway.guards.injection_rules import Evidence, RuleDetector, load_rules

_PIECE = 8_000
"""Characters read in one go; a regular expression keeps the interpreter to itself meanwhile."""
_OVERLAP = 600
_LONG = 8_000
"""Characters from which a text is read in a thread of its own: some 10 ms of work."""
_REACH = 2_000
"""Signs of an attack add up when they start within this many characters of each other."""
_CONCEALED = 0.3
"""Weight of the concealment itself: harmless texts rarely hide such words."""


class Detector(Protocol):
    """Finds signs of an attack in one view of a text. Pure computation."""

    def inspect(self, view: View, origin: Origin) -> Iterable[Evidence]:
        """The evidence, with spans in the original text."""
        ...


class InjectionOptions(Options):
    disable: tuple[str, ...] = ()
    """Rules (``jailbreak.dan``) or categories (``injection.jailbreak``) to leave out."""


class InjectionGuard:
    """Prompt injection and jailbreak attempts, also when they are encoded or disguised."""

    name = "injection"
    inline = True
    Options = InjectionOptions

    def __init__(self, options: InjectionOptions, detectors: Sequence[Detector] = ()) -> None:
        """``detectors`` are asked besides the rules. Raises ValueError for an unknown rule."""
        self._viewer = Viewer()
        self._detectors: tuple[Detector, ...] = (
            RuleDetector(load_rules(), options.disable),
            *detectors,
        )

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """At most one finding per segment: the category of its strongest sign, the combined score,
        the span of all signs that count."""
        findings = []
        for index, segment in enumerate(segments):
            if len(segment.text) > _LONG:
                found = await asyncio.to_thread(self.judge, segment.text, segment.origin)
            else:
                found = self.judge(segment.text, segment.origin)
            if found:
                findings.append(_finding(index, found))
        return findings

    def judge(self, text: str, origin: Origin) -> Sequence[Evidence]:
        """The signs of an attack that together weigh most, by where they start."""
        if len(text) <= _PIECE + _OVERLAP:
            return strongest(self._inspect(text, origin, 0))
        signs: list[Evidence] = []
        for start in range(0, len(text), _PIECE):
            signs += self._inspect(text[start : start + _PIECE + _OVERLAP], origin, start)
        return strongest(signs)

    def _inspect(self, text: str, origin: Origin, offset: int) -> list[Evidence]:
        return [
            evidence if not offset else _shifted(evidence, offset)
            for view in self._viewer.views(text)
            for detector in self._detectors
            for evidence in detector.inspect(view, origin)
        ]


def strongest(signs: list[Evidence]) -> Sequence[Evidence]:
    """The signs within one reach whose combined weight is highest."""
    signs.sort(key=lambda e: (e.start, e.rule))
    best, best_weight = (0, 0), -1.0
    first = 0
    left: dict[str, list[float]] = {}
    for last, sign in enumerate(signs):
        left.setdefault(sign.rule, []).append(sign.weight)
        while sign.start - signs[first].start > _REACH:
            gone = left[signs[first].rule]
            gone.pop()
            if not gone:
                del left[signs[first].rule]
            first += 1
        weight = 1.0 - prod(1.0 - weights[0] for weights in left.values())
        if weight > best_weight:
            best, best_weight = (first, last + 1), weight
    return signs[best[0] : best[1]]


def combined(signs: Sequence[Evidence]) -> float:
    """Noisy-or over the distinct rules, and over concealment when there is any."""
    weights = {sign.rule: sign.weight for sign in signs}
    open_to_see = {sign.rule for sign in signs if not sign.concealed}
    hidden = any(sign.concealed and sign.rule not in open_to_see for sign in signs)
    missed = 1.0 - _CONCEALED if hidden else 1.0
    for weight in weights.values():
        missed *= 1.0 - weight
    return round(1.0 - missed, 4)


def _shifted(evidence: Evidence, offset: int) -> Evidence:
    return Evidence(
        evidence.rule,
        evidence.category,
        evidence.weight,
        evidence.start + offset,
        evidence.end + offset,
        evidence.view,
        evidence.concealed,
    )


def _finding(index: int, signs: Sequence[Evidence]) -> Finding:
    heaviest = max(signs, key=lambda e: e.weight)
    named = sorted({f"{e.rule} ({e.view})" if e.view != "plain" else e.rule for e in signs})
    return Finding(
        category=heaviest.category,
        score=combined(signs),
        segment=index,
        start=min(e.start for e in signs),
        end=max(e.end for e in signs),
        reason=", ".join(named[:8]),
    )
