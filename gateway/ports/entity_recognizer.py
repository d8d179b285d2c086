"""Finds personal data in texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of one text, in characters, with its kind (``EMAIL_ADDRESS``) and score in 0..1."""

    kind: str
    start: int
    end: int
    score: float


class EntityRecognizer(Protocol):
    """Finds entities. Long texts must be worked on off the event loop."""

    @property
    def supported(self) -> frozenset[str]:
        """The kinds it can find as it is configured and installed."""
        ...

    @property
    def house(self) -> frozenset[str]:
        """Those of them that the house's own configuration added: they are looked for unless a
        rule names its kinds."""
        ...

    async def recognize(
        self, text: str, kinds: frozenset[str], language: str = "en", scope: str = ""
    ) -> Sequence[Entity]:
        """The entities of these kinds, overlapping ones resolved in favour of the higher score.
        Whatever is remembered of the text is for callers of the same ``scope`` (a tenant) alone."""
        ...
