"""Applies findings to texts: which spans to replace, and by what."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace characters ``start`` to ``end`` of a segment by ``replacement``."""

    segment: int
    start: int
    end: int
    replacement: str


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits made. Overlapping edits become one, over their whole union, with the
    replacement of the one that starts first (the longest, if several do).

    Raises ValueError when an edit lies outside the text: the caller must then block, never send
    the original.
    """
    pieces: list[str] = []
    done = 0
    for start, end, replacement in _merged(edits):
        if start < 0 or end > len(text) or start > end:
            raise ValueError(f"an edit at {start}..{end} does not fit a text of {len(text)}")
        pieces += (text[done:start], replacement)
        done = end
    pieces.append(text[done:])
    return "".join(pieces)


def _merged(edits: Sequence[Edit]) -> list[tuple[int, int, str]]:
    merged: list[tuple[int, int, str]] = []
    for edit in sorted(edits, key=lambda e: (e.start, -e.end)):
        if merged and edit.start < merged[-1][1]:
            start, end, replacement = merged[-1]
            merged[-1] = (start, max(end, edit.end), replacement)
        else:
            merged.append((edit.start, edit.end, edit.replacement))
    return merged
