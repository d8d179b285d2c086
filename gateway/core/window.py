"""Cuts an answer that is still arriving into windows that can be judged and released.

Where a cut falls depends on the text alone, never on how it was split into deltas: that is why
``stream: true`` and ``stream: false`` are judged alike.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_SENTENCE = re.compile(r"(?:[.!?…。！？][)\"'\]”’»]*\s+|\n\s*)(?=\S)|[。！？](?=[^\s)\"'\]”’»])")
_CLAUSE = re.compile(r"[,;:—–]\s+(?=\S)")
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
        self._buffer = ""
        self._searched = 0
        self._context = ""
        self._released = 0

    def feed(self, text: str) -> None:
        self._parts.append(text)

    def take(self, *, final: bool = False) -> Window | None:
        """The next window, or None when more text is needed. ``final``: no more will come."""
        if self._parts:
            self._buffer += "".join(self._parts)
            self._parts.clear()
        if not self._buffer:
            return None
        while True:
            cut = self._next_cut()
            if cut is None:
                return self._release(len(self._buffer)) if final else None
            if cut > self._ceiling:
                return self._release(self._ceiling, overflow=self._open(self._ceiling))
            if not self._open(cut):
                return self._release(cut)
            self._searched = cut

    def _open(self, cut: int) -> bool:
        before, after = self._buffer[:cut].rstrip(), self._buffer[cut : cut + 1]
        if before[-1:].isdigit() and after.isdigit():
            return True  # a number written over a line break
        return self._pending(self._context + self._buffer[:cut])

    def _next_cut(self) -> int | None:
        """The next place to cut after ``_searched``; beyond the ceiling when there is none."""
        start, size = self._searched, len(self._buffer)
        soft = start + SOFT
        sentence = _SENTENCE.search(self._buffer, start)
        if sentence and sentence.end() <= min(soft, self._ceiling):
            return sentence.end()
        if size > soft:
            clauses = [m.end() for m in _CLAUSE.finditer(self._buffer, start, soft + 1)]
            if clauses and clauses[-1] <= min(soft, self._ceiling):
                return clauses[-1]
            space = _SPACE.search(self._buffer, soft)
            ends = [match.end() for match in (sentence, space) if match]
            if ends and min(ends) <= self._ceiling:
                return min(ends)
        return self._ceiling + 1 if size > self._ceiling else None

    def _release(self, cut: int, *, overflow: bool = False) -> Window:
        text = self._buffer[:cut]
        window = Window(self._context, text, self._released - len(self._context), overflow)
        self._buffer = self._buffer[cut:]
        self._context = (self._context + text)[-CONTEXT:]
        self._released += cut
        self._searched = 0
        return window
