"""Sorts texts into kinds."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Label:
    """A kind with its score in 0..1.

    ``complexity`` says how much an answer takes: ``simple``, ``medium`` or ``complex``; empty when
    that is not known.
    """

    name: str
    score: float
    complexity: str = ""


class Classifier(Protocol):
    """Says which kind a text is of. Must not block the event loop."""

    async def classify(self, text: str, scope: str = "") -> Label | None:
        """The most likely kind, or None when it cannot tell. What is remembered of a text is
        remembered for callers of the same ``scope`` (a tenant) alone."""
        ...
