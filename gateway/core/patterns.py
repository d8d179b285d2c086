"""What can be said of a regular expression before it is run."""

import re
from collections.abc import Iterator

_MANY = 10
"""Rounds from which a repeated group with a repetition inside is refused."""


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
