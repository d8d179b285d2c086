"""Cuts an answer that is still arriving into windows that can be judged and released.

Where a cut falls depends on the text alone, never on how it was split into deltas: that is why
``stream: true`` and ``stream: false`` are judged alike. Why values are never cut in two:
``docs/adr/0004-hold-back.md``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

# Runs of blanks are tried from their beginning alone, so that a run of any length is read once.
_SENTENCE = re.compile(
    r"(?:[.!?…。！？][)\"'\]”’»]*+\s++|(?<!\s)[^\S\n]*+\n\s*+)(?=\S)|[。！？](?=[^\s)\"'\]”’»])"
)
_CLAUSE = re.compile(r"[,;:—–]\s++(?=\S)")
_MARK = re.compile(r"[\s.!?…。！？)\"'\]”’»,;:—–]")
"""Characters that take part in a cut."""
_SPACE = re.compile(r"(?<!\s)\s++(?=\S)")
_BLANKS = re.compile(r"\s*+")

SOFT = 240
"""Characters after which a clause is enough to cut at."""
CEILING = 16_384
"""Characters held back at most."""
CONTEXT = 256
"""Characters of released text that are judged again together with the next window."""
RUN = 1_024
"""Characters from which on a window is cut even inside numbers, as in a long table of them."""
AHEAD = 256
"""Characters behind a cut inside numbers that are judged together with what stands before it."""
AHEAD_OF_TOKEN = 4_096
"""The same for a cut at the ceiling, where even an unbroken run of characters is cut."""

_TAIL = 64
_GROUP = 5
"""Letters of a group in a code such as an IBAN, at most."""
_LAST_WORDS = re.compile(r"(?:(\S+)[^\S\n]+)?(\S+)(\s+)\Z")
_CLOSING = ".!?…,;:)]}\"'”’»—–"


@dataclass(frozen=True, slots=True)
class Window:
    """``text`` is to be judged and released; ``context`` precedes it and was released before.

    ``offset`` is where ``context`` starts in the whole answer. ``overflow`` says that the ceiling
    was reached inside something a guard still waits to see the end of. ``ahead`` is text behind
    the window, to be judged with it and not yet to be released.
    """

    context: str
    text: str
    offset: int
    overflow: bool = False
    ahead: str = ""


class WindowBuffer:
    """The text of one lane of an answer: what came in and was not yet released.

    ``pending`` says whether a text ends inside something that only more text can decide; no cut is
    made there. ``context`` is how many released characters a window is judged with. ``goes_on``
    says whether something may go on over a cut (``gateway.core.findings.GoesOn``); such a cut is
    avoided like one inside a number. Work is linear in the text.
    """

    def __init__(
        self,
        pending: Callable[[str], bool],
        ceiling: int = CEILING,
        context: int = CONTEXT,
        goes_on: Callable[[str, str], bool] | None = None,
    ) -> None:
        self._pending = pending
        self._goes_on = goes_on
        self._ceiling = ceiling
        self._reach = context
        self._least = 0  # characters to be held before another look is worth it
        self._parts: list[str] = []
        self._held = 0  # characters that came in and were not released
        self._quiet = False  # no cut was found, and nothing came since that could make one
        self._buffer = ""
        self._at = 0  # where in the buffer the text begins that was not released
        self._searched = 0  # where in the buffer to look for the next cut
        self._context = ""
        self._released = 0

    @property
    def held(self) -> int:
        """Characters that came in and were not released."""
        return self._held

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
                return self._forced(most, AHEAD_OF_TOKEN, final=final)
            if not self._open(cut):
                if not self._divides(cut):
                    return self._release(cut)
                if cut - self._at > RUN:
                    return self._forced(cut, max(AHEAD, self._reach), final=final)
            self._searched = cut

    def _worth_a_look(self) -> bool:
        """Whether anything came that could make a cut: a mark, or enough text for another kind of
        cut. Looking at every delta of a long unbroken run would take quadratic time."""
        if self._held < self._least:
            return False
        if not self._quiet:
            return True
        before = len(self._buffer) - self._at
        soft = self._searched - self._at + SOFT
        return before <= soft < self._held or self._held > self._ceiling

    def _open(self, cut: int) -> bool:
        return self._pending(self._context + self._buffer[self._at : cut])

    def _divides(self, cut: int) -> bool:
        """Whether the cut may fall inside a number, or inside a run of words."""
        before, after = self._buffer[max(0, cut - _TAIL) : cut], self._buffer[cut]
        if straddles(before, after):
            return True
        if self._goes_on is None:
            return False
        own = cut - self._at
        if own < _TAIL:
            before = self._context[max(0, len(self._context) + own - _TAIL) :] + before[-own:]
        return self._goes_on(before, after)

    def _forced(self, cut: int, ahead: int, *, final: bool) -> Window | None:
        """A cut that may fall inside a value: it waits for the text behind it, to be judged too."""
        if self._open(cut):
            return self._release(cut, overflow=True)
        if len(self._buffer) - cut < ahead and not final:
            self._least = cut - self._at + ahead
            return None
        return self._release(cut, ahead=ahead)

    def _next_cut(self, most: int) -> int | None:
        """The next place to cut after ``_searched``; beyond ``most`` when there is none."""
        start, size = self._searched, len(self._buffer)
        soft = start + SOFT
        sentence = self._end_of(_SENTENCE, start, most + 1, "\n")
        if sentence is not None and sentence <= min(soft, most):
            return sentence
        if size > soft:
            clauses = [m.end() for m in _CLAUSE.finditer(self._buffer, start, soft + 1)]
            if clauses and clauses[-1] <= min(soft, most):
                return clauses[-1]
            space = self._end_of(_SPACE, soft, max(soft, most + 1))
            ends = [end for end in (sentence, space) if end is not None]
            if ends and min(ends) <= most:
                return min(ends)
        return most + 1 if size > most else None

    def _end_of(
        self, pattern: re.Pattern[str], start: int, stop: int, needed: str = ""
    ) -> int | None:
        """Where the first match ends. Blanks at ``start`` are one themselves, if ``needed`` is
        among them: they may be the rest of a run."""
        blanks = _BLANKS.match(self._buffer, start, stop)
        after = start if blanks is None else blanks.end()
        if start < after < min(stop, len(self._buffer)) and needed in self._buffer[start:after]:
            return after
        match = pattern.search(self._buffer, after, stop)
        return None if match is None else match.end()

    def _release(self, cut: int, *, overflow: bool = False, ahead: int = 0) -> Window:
        text = self._buffer[self._at : cut]
        window = Window(
            self._context,
            text,
            self._released - len(self._context),
            overflow,
            self._buffer[cut : cut + ahead],
        )
        seen = self._context + text
        self._context = seen[max(0, len(seen) - max(self._reach, ahead)) :]
        self._released += len(text)
        self._held -= len(text)
        self._least = 0
        self._at = self._searched = cut
        self._quiet = False
        return window


def straddles(before: str, after: str) -> bool:
    """Whether a number or a code written in groups may go on from the end of ``before`` to the
    character ``after``: over a space (cards, phones, IBANs, dates), or digits over a line break.
    """
    match = _LAST_WORDS.search(before)
    if match is None:
        return False
    previous, word, gap = match.groups(default="")
    core = word.rstrip(_CLOSING)
    signs = word[len(core) :].rstrip(")]}\"'”’»")
    counts = any(map(str.isdigit, core))
    if after.isdigit() and (counts or core[-1:] in {"+", "(", "#"}):
        return True
    if "\n" in gap:
        # No form is written in letters over lines; capitals before digits are headings of lists.
        return counts and not signs and after in "+("
    if signs:
        return counts and (after in "+([" or (signs[-1] in ",;:" and after in "eExX#"))
    grouped = counts or (len(core) <= _GROUP and any(map(str.isdigit, previous)))
    return after.isdigit() or (grouped and (after.isalnum() or after in "+([-/.#"))
