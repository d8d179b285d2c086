"""Guards for tests: one that finds words, one that fails, one that takes too long."""

import asyncio
from collections.abc import Sequence

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding, Guard
from gateway.core.options import Options
from gateway.core.registry import Registry
from gateway.core.segments import Segment


class WordOptions(Options):
    word: str = "secret"
    """The word to find."""
    score: float = 1.0
    """The score of every finding."""
    category: str = "WORD"
    """The category of every finding."""


class WordGuard:
    """Finds a word, wherever it stands."""

    name = "word"
    inline = True
    Options = WordOptions

    def __init__(self, options: WordOptions) -> None:
        """Raises ValueError for an empty word."""
        if not options.word:
            raise ValueError("the word is empty")
        self.options = options

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per occurrence."""
        found: list[Finding] = []
        size = len(self.options.word)
        for index, segment in enumerate(segments):
            at = segment.text.find(self.options.word)
            while at >= 0:
                found.append(
                    Finding(self.options.category, self.options.score, index, at, at + size)
                )
                at = segment.text.find(self.options.word, at + size)
        return found


class FailingOptions(Options):
    message: str = "out of order"
    """What the failure says."""


class FailingGuard:
    """Fails at every text."""

    name = "failing"
    inline = True
    Options = FailingOptions

    def __init__(self, options: FailingOptions) -> None:
        self._message = options.message

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """Raises RuntimeError."""
        raise RuntimeError(self._message)


class SlowOptions(Options):
    seconds: float = 60.0
    """How long it takes."""


class SlowGuard:
    """Takes its time and finds nothing."""

    name = "slow"
    inline = False
    Options = SlowOptions

    def __init__(self, options: SlowOptions) -> None:
        self._seconds = options.seconds

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """Nothing, later."""
        await asyncio.sleep(self._seconds)
        return []


def guard_registry() -> Registry[Guard]:
    """A registry of these guards."""
    registry: Registry[Guard] = Registry("guard")
    registry.add("word", WordGuard, WordOptions)
    registry.add("failing", FailingGuard, FailingOptions)
    registry.add("slow", SlowGuard, SlowOptions)
    return registry
