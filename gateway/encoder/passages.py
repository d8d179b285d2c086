"""Cuts a document into the smallest stretches that can be an order by themselves.

It knows prose (also when its lines are wrapped), lists, lines of code, cells of tables, and the
strings of JSON and of Python literals. Linear in the text.
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Spans = NDArray[np.int64]
"""[passages, 2]: where each begins and ends, in characters; in order, without overlaps."""

_LONGEST = 320
"""Characters from which a passage is cut at its clauses, for an order in an endless sentence
would be lost among the words around it."""
_END = (
    r"(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\bSt)(?<!\bvs)(?<!e\.g)(?<!i\.e)"
    r"[.!?…]{1,8}[)\"'\]”’»*_]{0,4}(?=\s)|[。！？｡]+"
)
_LINE = r"(?<![^\n]{40}[a-z,;])\r?\n|\n(?![a-z])"
"""Ends of lines; a long line that goes on in small letters was only wrapped."""
_CELL = r"\t|\|| {3,}"
_PROSE = re.compile(f"{_END}|{_LINE}|{_CELL}")
_LITERAL = re.compile(
    rf"{_END}|{_LINE}|{_CELL}"
    r"|\\[nrt]|(?:\\?[\"'])?\s{0,8}[{}\[\]]+\s{0,8}(?:\\?[\"'])?"
    r"|\\?[\"']\s{0,8}[:,]\s{0,8}(?:\\?[\"'])?|[:,]\s{0,8}\\?[\"']"
)
_STRUCTURED = re.compile(r"[{\[,]\s{0,40}\\?[\"'][^\"'\n]{1,80}\\?[\"']\s{0,8}[:,\]]")
_CLAUSE = re.compile(r"[,;:—–]\s|\s")


def passages(text: str) -> Spans:
    """The passages of ``text``, without the blanks around them."""
    cuts = _LITERAL if _STRUCTURED.search(text) else _PROSE
    spans = [span for piece in _between(text, cuts) for span in _short(text, *piece)]
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


def _between(text: str, cuts: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for match in cuts.finditer(text):
        closes = text[match.start()] in ".!?…。！？｡"
        yield from _stripped(text, start, match.end() if closes else match.start())
        start = match.end()
    yield from _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    if end > start:
        yield start, end


def _short(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The passage in parts that are not too long, cut at the last clause or blank that fits."""
    while end - start > _LONGEST:
        clause = blank = 0
        for match in _CLAUSE.finditer(text, start + _LONGEST // 2, start + _LONGEST):
            if match[0].isspace():
                blank = match.end()
            else:
                clause = match.end()
        cut = clause or blank or start + _LONGEST
        yield start, cut
        start = cut
    if end > start:
        yield start, end
