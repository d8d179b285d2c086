"""The texts that a model is shown of one text: itself, and what its disguises conceal."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.core.views import Span, View, Viewer

_MOST = 3
"""Further readings of one text: each costs a run of the encoder."""
_NEW_WORDS = 3
"""Words of a reading that the text itself does not have, from which it is worth a run."""
_NEW_CONCEALED = 2
_ODD_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says when it is read in the way that ``name`` names."""

    text: str
    name: str
    locate: Callable[[int, int], Span]
    """A span of ``text`` to the span of the original that it was read from."""
    new: int = 0
    """How many of its words the original does not show."""


def plain_reading(viewer: Viewer, text: str) -> Reading:
    """The text as it stands, for a model knows capitals and accents; in plain letters when it is
    written in ones that a model cannot read."""
    if text.isascii() or not _unreadable(viewer, text):
        return Reading(text, "plain", lambda start, end: (start, end))
    plain = viewer.plain(text)
    return Reading(plain.text, "plain", plain.locate)


def disguised_readings(views: Sequence[View], offset: int) -> list[Reading]:
    """What the views of one text show that the first of them, the plain one, does not.
    ``offset`` is where that text begins in the whole."""
    shown = views[0].words
    found = []
    for view in views[1:]:
        new = sum(len(word) > 1 and word.isalpha() for word in view.words - shown)
        if new >= (_NEW_CONCEALED if view.concealed else _NEW_WORDS):
            found.append(Reading(view.text, view.name, _moved(view, offset), new))
    return found


def richest(readings: Sequence[Reading]) -> list[Reading]:
    """Those that show most, as many as are worth their cost, each text once."""
    distinct = {reading.text: reading for reading in readings}
    return sorted(distinct.values(), key=lambda r: -r.new)[:_MOST]


def _moved(view: View, offset: int) -> Callable[[int, int], Span]:
    def locate(start: int, end: int) -> Span:
        first, last = view.locate(start, end)
        return first + offset, last + offset

    return locate if offset else view.locate


def _unreadable(viewer: Viewer, text: str) -> bool:
    """Whether letters are written in styled forms, or fillers stand between them. What is merely
    foreign, accented or invisible a tokeniser knows."""
    odd = 0
    for char in {char for char in text if char > "\u024f"}:
        folded = viewer.fold(char)
        if not folded:
            odd += _ODD_LETTERS * (unicodedata.category(char)[0] in "LSZ")
        elif folded.isascii() and folded.isalnum():
            odd += 1
    return odd >= _ODD_LETTERS
