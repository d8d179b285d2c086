"""Patterns that the house wrote itself."""

import re
from collections.abc import Iterator, Sequence

from pydantic import Field, field_validator

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.segments import Segment

_MANY = 10
"""Rounds from which a repeated group with a repetition inside is refused."""


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
    Options = RegexOptions

    def __init__(self, options: RegexOptions) -> None:
        """Raises ValueError when a pattern is wrong or too costly; the message says which."""
        self._patterns = [(p.name, p.score, compiled(p)) for p in options.patterns]

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per match that is not empty."""
        return [
            Finding(name, score, index, match.start(), match.end(), name)
            for index, segment in enumerate(segments)
            for name, score, pattern in self._patterns
            for match in pattern.finditer(segment.text)
            if match.end() > match.start()
        ]


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


def nested_repetition(pattern: str) -> int | None:
    """Where a group is repeated ten times or more although its inside has no fixed length.

    That is the shape whose matching time is exponential (``(a+)+b``); some harmless patterns have
    it too and must be written differently. Possessive quantifiers and atomic groups, which never
    go back, do not count.
    """
    varies = [False]  # per open group: whether it holds a repetition that can go back
    atomic = [False]
    closed: tuple[bool, bool] | None = None  # the group just closed: varies, atomic
    for at, token in _tokens(pattern):
        if token.startswith("("):
            varies.append(False)
            atomic.append(token == "(?>")  # noqa: S105 - not a secret
            closed = None
        elif token == ")" and len(varies) > 1:  # noqa: S105
            closed = (varies.pop(), atomic.pop())
            varies[-1] = varies[-1] or (closed[0] and not closed[1])
        elif _is_quantifier(token):
            low, high = _bounds(token)
            back = not (token.endswith("+") and len(token) > 1)
            if closed and closed[0] and not closed[1] and back and (high is None or high >= _MANY):
                return at
            if back and high != low and token[0] != "?" and not (high and high < _MANY):
                varies[-1] = True
            closed = None
        elif token == "|" and len(varies) > 1:  # noqa: S105
            closed = None
        else:
            closed = None
    return None


_TOKEN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:[aiLmsux-]+:|P<\w+>|<?[=!]|[:>])|\(\?P=\w+\)|\("
    r"|\)|(?:[*+?]|\{\d*,?\d*\})[+?]?|.",
    re.DOTALL,
)


def _tokens(pattern: str) -> Iterator[tuple[int, str]]:
    for match in _TOKEN.finditer(pattern):
        yield match.start(), match[0]


def _is_quantifier(token: str) -> bool:
    return token[0] in "*+?" or (token[0] == "{" and len(token) > 2)


def _bounds(token: str) -> tuple[int, int | None]:
    if token[0] == "{":
        low, comma, high = token.rstrip("+?")[1:-1].partition(",")
        return int(low or 0), int(high) if high else (None if comma else int(low or 0))
    return {"*": (0, None), "+": (1, None), "?": (0, 1)}[token[0]]
