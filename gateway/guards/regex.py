"""Patterns that the house wrote itself."""

import re
from collections.abc import Sequence

import regex
from pydantic import Field, field_validator

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.patterns import nested_repetition
from gateway.core.segments import Segment


class Pattern(Options):
    name: str = Field(min_length=1)
    """The category of what the pattern finds."""
    pattern: str = Field(min_length=1)
    """A regular expression of Python's ``re``."""
    score: float = Field(default=1.0, ge=0.0, le=1.0)
    """The score of a match."""
    ignore_case: bool = False
    """Whether capitals and small letters are the same."""


class RegexOptions(Options):
    patterns: tuple[Pattern, ...] = Field(min_length=1)
    """The patterns, each with its name."""

    @field_validator("patterns")
    @classmethod
    def _all_compile(cls, patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
        for pattern in patterns:
            compiled(pattern)
        return patterns


class RegexGuard:
    """Texts that match one of the given regular expressions.

    Patterns are matched against the text as it stands, capitals and all. Python cannot stop a
    match half-way, so a pattern whose cost can explode is refused when the policy is loaded.
    """

    name = "regex"
    inline = True
    pure = True
    Options = RegexOptions

    def __init__(self, options: RegexOptions) -> None:
        """Raises ValueError when a pattern is wrong or too costly; the message says which."""
        self._patterns = [(p.name, p.score, compiled(p)) for p in options.patterns]
        self._partial = [_partial(p) for p in options.patterns]

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per match that is not empty."""
        return [
            Finding(name, score, index, match.start(), match.end(), name)
            for index, segment in enumerate(segments)
            for name, score, pattern in self._patterns
            for match in pattern.finditer(segment.text)
            if match.end() > match.start()
        ]

    def pending(self, text: str) -> bool:
        """Whether the text ends inside what a pattern would match with more text behind it."""
        said = len(text.rstrip())
        return any(
            match.partial and match.start() < said
            for pattern in self._partial
            for match in pattern.finditer(text, partial=True)
        )


def _partial(pattern: Pattern) -> regex.Pattern[str]:
    """The pattern for matches that the text's end cuts off, which ``re`` cannot tell of."""
    try:
        return regex.compile(pattern.pattern, regex.IGNORECASE if pattern.ignore_case else 0)
    except regex.error as error:
        raise ValueError(f"pattern {pattern.name!r} cannot be used on streams: {error}") from None


def compiled(pattern: Pattern) -> re.Pattern[str]:
    """The pattern, ready. Raises ValueError that names the pattern, the place and the reason."""
    try:
        ready = re.compile(pattern.pattern, re.IGNORECASE if pattern.ignore_case else 0)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"pattern {pattern.name!r} is not a regular expression: {error}") from None
    at = nested_repetition(pattern.pattern)
    if at is not None:
        raise ValueError(
            f"pattern {pattern.name!r} repeats a group that holds a repetition itself (at position "
            f"{at}), so some texts would take for ever; make the inner one possessive (`++`), "
            "the group atomic (`(?>...)`), or give both an upper bound below 10"
        )
    return ready
