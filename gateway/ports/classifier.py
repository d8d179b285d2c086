"""Sorts texts into kinds."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Label:
    """A kind with its score in 0..1."""

    name: str
    score: float


class Classifier(Protocol):
    """Says which kind a text is of. Must not block the event loop."""

    async def classify(self, text: str) -> Label | None:
        """The most likely kind, or None when it cannot tell."""
        ...
