"""Tells whether passages bear out what a sentence says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.knowledge import Chunk


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the passages say about one sentence.

    ``score``: how likely they bear it out, in 0..1; 0.5 is where as many sentences that are borne
    out would be doubted as others believed. ``chunk`` is the passage, by its index, that speaks
    most of the same things, and ``start`` and ``end`` where in its text; None when none does.
    ``contradicted``: the passage speaks of it, and something in it is otherwise.
    """

    score: float
    chunk: int | None = None
    start: int = 0
    end: int = 0
    contradicted: bool = False


class SupportSource(Protocol):
    """The passages of one exchange, made ready for any number of sentences."""

    async def judge(
        self, sentences: Sequence[str], among: frozenset[int] | None = None
    ) -> Sequence[Judgement]:
        """One judgement for each sentence, in order; each depends on that sentence and the passages
        alone. ``among``: the passages, by their index, that may support them; None is all."""
        ...


class Support(Protocol):
    """Judges sentences by passages, off the event loop."""

    async def open(self, chunks: Sequence[Chunk]) -> SupportSource:
        """These passages, made ready."""
        ...
