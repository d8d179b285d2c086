"""How a long text is cut into windows that overlap."""

from collections.abc import Iterator
from math import ceil

from gateway.encoder.tokenizer import Tokens

GRAIN = 16
"""The network is quickest, by up to a tenth, with so many tokens at once or a multiple of it."""
MARKS = 2
"""Tokens that mark the ends of a window."""
_GIVEN = 3
"""Tokens that a window may be longer than it must be to make such a multiple."""
_SEARCHED = 4
"""A sentence's end is looked for in the last quarter of a window of even size, and past it."""
_ENDS = frozenset(".!?…。！？")
_CLOSING = "\"'”’)]»*_`"


def windows_of(text: str, tokens: Tokens, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Stretches of tokens, first and past the last: each of ``size`` tokens at most, each token in
    at least one, neighbours sharing ``overlap`` where a sentence is cut and at most that many
    where none is. Hardly more than there must be, and about even: a short last one would know
    little of what stands before it. One stretch of nothing for no tokens.

    ``overlap`` must be below half of ``size``. Linear in the tokens.
    """
    count = len(tokens)
    start = 0
    while (left := count - start) > size:
        even, shared = _even(left, size, overlap)
        end = _cut(text, tokens, start + even, start + even - even // _SEARCHED, start + size)
        yield start, end
        start = _resume(text, tokens, end, shared)
    yield start, count


def padded(tokens: int) -> int:
    """How long a batch is made whose longest window has so many tokens, marks included."""
    quick = -(-tokens // GRAIN) * GRAIN
    return quick if quick - tokens <= _GIVEN else tokens


def _even(left: int, size: int, overlap: int) -> tuple[int, int]:
    """The tokens of each window, and those that two share, when all that is left is cut evenly: so
    that the network is quick, where a quarter of the overlap is enough for that."""
    windows = ceil((left - overlap) / (size - overlap))
    even = ceil((left + (windows - 1) * overlap) / windows)
    quick = (even + MARKS) // GRAIN * GRAIN - MARKS
    shared = (windows * quick - left) // (windows - 1)
    if shared >= overlap - overlap // 4:
        return quick, min(shared, overlap)
    return even, overlap


def _cut(text: str, tokens: Tokens, even: int, earliest: int, latest: int) -> int:
    """Where a window ends: where a sentence begins, as near to ``even`` as one does in reach."""
    for away in range(max(even - earliest, latest - even + 1)):
        if even - away > earliest and _begins(text, tokens, even - away):
            return even - away
        if even + away <= latest and _begins(text, tokens, even + away):
            return even + away
    return even


def _resume(text: str, tokens: Tokens, end: int, overlap: int) -> int:
    """Where the next window starts: with a sentence when one begins in the overlap."""
    if not _begins(text, tokens, end):
        return end - overlap
    for at in range(end - overlap, end):
        if _begins(text, tokens, at):
            return at
    return end - overlap


def _begins(text: str, tokens: Tokens, at: int) -> bool:
    """Whether a sentence, a line or a cell begins with this token."""
    before, here = int(tokens.ends[at - 1]), int(tokens.starts[at])
    gap = text[before:here]
    if "\n" in gap:
        return True
    if not gap:
        return text[before - 1] in "。！？"
    said = text[max(0, before - 4) : before].rstrip(_CLOSING)
    return bool(said) and said[-1] in _ENDS
