"""Cuts an answer that is still arriving into windows that can be judged and released.

Where a cut falls depends on the text alone, never on how it was split into deltas: that is why
``stream: true`` and ``stream: false`` are judged alike.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_SENTENCE = re.compile(r"(?:[.!?…。！？][)\"'\]”’»]*\s+|\n\s*)(?=\S)|[。！？](?=[^\s)\"'\]”’»])")
_CLAUSE = re.compile(r"[,;:—–]\s+(?=\S)")
_MARK = re.compile(r"[\s.!?…。！？)\"'\]”’»,;:—–]")
"""Characters that take part in a cut."""
_SPACE = re.compile(r"\s+(?=\S)")

SOFT = 240
"""Characters after which a clause is enough to cut at."""
CEILING = 16_384
"""Characters held back at most."""
CONTEXT = 256
"""Characters of released text that are judged again together with the next window."""


@dataclass(frozen=True, slots=True)
class Window:
    """``text`` is to be judged and released; ``context`` precedes it and was released before.

    ``offset`` is where ``context`` starts in the whole answer. ``overflow`` says that the ceiling
    was reached inside something a guard still waits to see the end of.
    """

    context: str
    text: str
    offset: int
    overflow: bool = False


class WindowBuffer:
    """The text of one lane of an answer: what came in and was not yet released.

    ``pending`` says whether a text ends inside something that only more text can decide; no cut is
    made there. Work is linear in the text.
    """

    def __init__(self, pending: Callable[[str], bool], ceiling: int = CEILING) -> None:
        self._pending = pending
        self._ceiling = ceiling
        self._parts: list[str] = []
        self._held = 0  # characters that came in and were not released
        self._quiet = False  # no cut was found, and nothing came since that could make one
        self._buffer = ""
        self._at = 0  # where in the buffer the text begins that was not released
        self._searched = 0  # where in the buffer to look for the next cut
        self._context = ""
        self._released = 0

    def feed(self, text: str) -> None:
        self._parts.append(text)
        self._held += len(text)
        if self._quiet and _MARK.search(text):
            self._quiet = False

    def take(self, *, final: bool = False) -> Window | None:
        """The next window, or None when more text is needed. ``final``: no more will come."""
        if not self._held or not (final or self._worth_a_look()):
            return None
        if self._parts:
            self._buffer = self._buffer[self._at :] + "".join(self._parts)
            self._searched -= self._at
            self._at = 0
            self._parts.clear()
        most = self._at + self._ceiling
        while True:
            cut = self._next_cut(most)
            if cut is None:
                self._quiet = not _MARK.match(self._buffer[-1])
                return self._release(len(self._buffer)) if final else None
            if cut > most:
                return self._release(most, overflow=self._open(most))
            if not self._open(cut):
                return self._release(cut)
            self._searched = cut

    def _worth_a_look(self) -> bool:
        """Whether anything came that could make a cut: a mark, or enough text for another kind of
        cut. Looking at every delta of a long unbroken run would take quadratic time."""
        if not self._quiet:
            return True
        before = len(self._buffer) - self._at
        soft = self._searched - self._at + SOFT
        return before <= soft < self._held or self._held > self._ceiling

    def _open(self, cut: int) -> bool:
        text = self._buffer[self._at : cut]
        if text.rstrip()[-1:].isdigit() and self._buffer[cut : cut + 1].isdigit():
            return True  # a number written over a line break
        return self._pending(self._context + text)

    def _next_cut(self, most: int) -> int | None:
        """The next place to cut after ``_searched``; beyond ``most`` when there is none."""
        start, size = self._searched, len(self._buffer)
        soft = start + SOFT
        sentence = _SENTENCE.search(self._buffer, start, most + 1)
        if sentence and sentence.end() <= min(soft, most):
            return sentence.end()
        if size > soft:
            clauses = [m.end() for m in _CLAUSE.finditer(self._buffer, start, soft + 1)]
            if clauses and clauses[-1] <= min(soft, most):
                return clauses[-1]
            space = _SPACE.search(self._buffer, soft, max(soft, most + 1))
            ends = [match.end() for match in (sentence, space) if match]
            if ends and min(ends) <= most:
                return min(ends)
        return most + 1 if size > most else None

    def _release(self, cut: int, *, overflow: bool = False) -> Window:
        text = self._buffer[self._at : cut]
        window = Window(self._context, text, self._released - len(self._context), overflow)
        self._context = (self._context + text)[-CONTEXT:]
        self._released += len(text)
        self._held -= len(text)
        self._at = self._searched = cut
        self._quiet = False
        return window
