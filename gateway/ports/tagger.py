"""Marks names and other entities in running text."""

from collections.abc import Sequence
from typing import Protocol

from gateway.ports.entity_recognizer import Entity


class Tagger(Protocol):
    """A model that reads whole sentences, such as a spaCy pipeline or a learned one.

    What it marks is merged with what the recognisers find: of spans of one kind that hold one
    another the larger stays if its score is no lower, of other overlaps the one with the higher
    score.
    """

    @property
    def supported(self) -> frozenset[str]:
        """The kinds it marks, such as ``PERSON``."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """The languages it reads, such as ``en``; empty when it reads any."""
        ...

    async def tag(self, text: str, kinds: frozenset[str], scope: str = "") -> Sequence[Entity]:
        """The entities of these kinds, each with its score. Called by several at once; what takes
        milliseconds of processor time must go to a thread. Whatever is remembered of the text is
        for callers of the same ``scope`` (a tenant) alone."""
        ...
