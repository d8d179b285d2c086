"""Applies findings to texts: which spans to replace, and by what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Issue = Callable[[str, str], str]
"""Gives a (category, value) its placeholder. Raises ValueError when it cannot."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace characters ``start`` to ``end`` of a segment by ``replacement``; when that is None,
    by the placeholder of what stands there, as a value of ``category``."""

    segment: int
    start: int
    end: int
    replacement: str | None
    category: str = ""


class _Span(NamedTuple):
    start: int
    end: int
    replacement: str | None
    category: str


def apply(
    text: str, edits: Sequence[Edit], issue: Issue | None = None, value: Callable[[str], str] = str
) -> str:
    """The text with the edits made. Overlapping edits become one, over their whole union, with the
    replacement of the one that starts first (the longest, if several do). A fixed replacement wins
    over a placeholder: what one rule masks, no other brings back. ``value`` reads what stands in
    the text, where that is written in an escaped form.

    Raises ValueError when an edit lies outside the text or cannot have its placeholder: the caller
    must then block, never send the original.
    """
    pieces: list[str] = []
    done = 0
    for start, end, replacement, category in _merged(edits):
        if start < 0 or end > len(text) or start > end:
            raise ValueError(f"an edit at {start}..{end} does not fit a text of {len(text)}")
        if replacement is None:
            if issue is None:
                raise ValueError("nobody issues placeholders here")
            replacement = issue(category, value(text[start:end])) if start < end else ""
        pieces += (text[done:start], replacement)
        done = end
    pieces.append(text[done:])
    return "".join(pieces)


def _merged(edits: Sequence[Edit]) -> list[_Span]:
    merged: list[_Span] = []
    for edit in sorted(edits, key=lambda e: (e.start, -e.end)):
        last = merged[-1] if merged else None
        if last is None or edit.start >= last.end:
            merged.append(_Span(edit.start, edit.end, edit.replacement, edit.category))
            continue
        end = max(last.end, edit.end)
        if last.replacement is None and edit.replacement is not None:
            merged[-1] = _Span(last.start, end, edit.replacement, edit.category)
        else:
            merged[-1] = last._replace(end=end)
    return merged
