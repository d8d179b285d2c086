"""Weighs the signs that the rules of the injection guard found."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from gateway.guards.injection_rules import Evidence

_REACH = 2_000
"""Signs of an attack add up when they start within this many characters of each other."""
_CONCEALED = 0.3
"""Weight of the concealment itself: harmless texts rarely hide such words."""


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
    """Noisy-or over the distinct rules, and over concealment when there is any; 0 without signs."""
    weights = {sign.rule: sign.weight for sign in signs}
    open_to_see = {sign.rule for sign in signs if not sign.concealed}
    hidden = any(sign.concealed and sign.rule not in open_to_see for sign in signs)
    missed = 1.0 - _CONCEALED if hidden else 1.0
    for weight in weights.values():
        missed *= 1.0 - weight
    return round(1.0 - missed, 4)


def shifted(evidence: Evidence, offset: int) -> Evidence:
    """The same sign in a text that begins ``offset`` characters earlier."""
    if not offset:
        return evidence
    return replace(evidence, start=evidence.start + offset, end=evidence.end + offset)
