"""Spans of a text that were found with a score, and which of them count where they overlap."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import Protocol, TypeVar


class Scored(Protocol):
    """A span in characters with a score and a kind."""

    @property
    def kind(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def score(self) -> float: ...


S = TypeVar("S", bound=Scored)


def without_overlaps(spans: Sequence[S]) -> list[S]:
    """The spans in order of place. Of those that overlap the highest score stays, then the longest,
    then the first; empty ones are left out."""
    taken: list[tuple[int, int]] = []  # disjoint, in order
    kept: list[S] = []
    for span in sorted(spans, key=lambda s: (-s.score, s.start - s.end, s.start, s.kind)):
        at = bisect_left(taken, (span.start, span.end))
        before_ok = at == 0 or taken[at - 1][1] <= span.start
        after_ok = at == len(taken) or span.end <= taken[at][0]
        if span.start < span.end and before_ok and after_ok:
            insort(taken, (span.start, span.end))
            kept.append(span)
    return sorted(kept, key=lambda s: s.start)
