"""The ways a text can be read: plain, and with each known disguise undone.

A view is built only when a cheap look at the text says that its disguise may be there, so that an
ordinary English sentence costs one lower-casing and one split into words. All work is linear in
the text.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from gateway.core.views_decode import Run, decoded_runs, unescaped
from gateway.core.views_letters import CONFUSABLES, ELL_WORDS, LEET, LEET_ELL, FoldTable, words_of

Span = tuple[int, int]

_WORD = re.compile(r"[^\W_]+")
_SPACED = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_](?![^\W_])){3,}")
_GAP = re.compile(r"[\W_]+")
_LEET_TOKEN = re.compile(r"[a-z0-9@$!|+€]{2,40}")
_LEET_SIGN = re.compile(r"[a-z][@$!|+€][a-z]|[@$!|€][a-z]|[a-z][@$]")
_TAG = re.compile(r"<[!/a-z][^<>]{0,1000}>")

_TELLTALE = words_of(
    "ignore disregard forget override bypass instruction instructions previous prompt system "
    "reveal rules developer pretend jailbreak password secret unrestricted execute repeat "
    "everything the and you your all with that this from now"
)
_ROT13 = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz0123456789", "nopqrstuvwxyzabcdefghijklm0123456789"
)
_ROT13_WORDS = frozenset(word.translate(_ROT13) for word in _TELLTALE)
_REVERSED_WORDS = frozenset(word[::-1] for word in _TELLTALE)
_ENOUGH = 6
"""Letters from which one telltale word is enough; of shorter ones it takes two."""
_LONG = 14
"""Letters from which a word may be an encoded run."""
_OCTET = 8
"""Digits of a number in binary, and bytes of a hexadecimal run that are worth a look."""
_DEPTH = 3
"""How many encodings inside each other are undone."""


@dataclass(frozen=True, slots=True)
class View:
    """One reading of a text, in small letters. ``name`` says which disguise was undone.

    ``concealed`` is True where a reader of the original text would not have seen these words.
    """

    name: str
    text: str
    words: frozenset[str]
    locate: Callable[[int, int], Span]
    """A span of ``text`` to the span of the original that it was read from."""
    concealed: bool = False


class Viewer:
    """Makes views. Keep one: it remembers what each character folds to."""

    def __init__(self) -> None:
        self._table = FoldTable()

    def fold(self, text: str) -> str:
        """The text as it reads: compatibility forms, accents, case and unseen characters gone."""
        if text.isascii():
            return text.lower()
        return text.translate(self._table)

    def plain(self, text: str) -> View:
        """The text as it reads, with the way back to where it stood."""
        folded = self.fold(text)
        locate = _same if text.isascii() else self._unfold(text)
        return View("plain", folded, frozenset(), locate)

    def views(self, text: str) -> list[View]:
        """All readings of ``text``; the first is always ``plain``."""
        return self._read(text, _same, "plain", _DEPTH, concealed=False)

    def _read(
        self,
        text: str,
        locate: Callable[[int, int], Span],
        name: str,
        depth: int,
        *,
        concealed: bool,
    ) -> list[View]:
        folded = self.fold(text)
        unfolded = locate if text.isascii() else _chain(self._unfold(text), locate)
        words = _WORD.findall(folded)
        plain = View(name, folded, frozenset(words), unfolded, concealed)
        found = [plain]
        singles, long, mixed = _look(words)
        self._reshape(plain, singles, mixed, found)
        if "<" in folded and _TAG.search(folded):
            found.append(_edited(plain, "markup", [(*m.span(), "") for m in _TAG.finditer(folded)]))
        if depth:
            found += self._decode(text, locate, depth, long=long)
        return found

    def _reshape(self, plain: View, singles: int, mixed: bool, found: list[View]) -> None:
        """Letters that stand for other letters; each builds upon the one before."""
        base = plain
        if not plain.text.isascii():
            swapped = plain.text.translate(CONFUSABLES)
            if swapped != plain.text:
                base = _same_length(plain, "homoglyph", swapped)
                found.append(base)
        if mixed or _LEET_SIGN.search(base.text):
            plainer = _LEET_TOKEN.sub(_unleet, base.text)
            if plainer != base.text:
                base = _same_length(base, "leet", plainer)
                found.append(base)
        if singles > 3:
            runs = [(*m.span(), _joined(m[0])) for m in _SPACED.finditer(base.text)]
            if runs:
                found.append(_edited(base, "spaced", runs))
        for name, tell in (("rot13", _ROT13_WORDS), ("reversed", _REVERSED_WORDS)):
            seen = plain.words & tell
            if len(seen) > 1 or any(len(word) >= _ENOUGH for word in seen):
                found.append(_turned(plain, name))

    def _decode(
        self, text: str, locate: Callable[[int, int], Span], depth: int, *, long: bool
    ) -> list[View]:
        found: list[View] = []
        opened = unescaped(text)
        if opened is not None:
            whole = locate(0, len(text))
            found += self._read(opened, lambda *_: whole, "escaped", depth - 1, concealed=True)
        if long or not text.isascii():
            for name, runs in decoded_runs(text):
                joined, origin = _laid_out(runs)
                found += self._read(joined, _chain(origin, locate), name, depth - 1, concealed=True)
        return found

    def _unfold(self, text: str) -> Callable[[int, int], Span]:
        table = self._table
        offsets: list[int] = []

        def locate(start: int, end: int) -> Span:
            if not offsets:
                offsets.extend(accumulate((len(table[ord(c)]) for c in text), initial=0))
            last = bisect_right(offsets, max(start, end - 1))
            return bisect_right(offsets, start) - 1, min(last, len(text))

        return locate


def _same(start: int, end: int) -> Span:
    return start, end


def _chain(
    first: Callable[[int, int], Span], then: Callable[[int, int], Span]
) -> Callable[[int, int], Span]:
    return lambda start, end: then(*first(start, end))


def _look(words: Sequence[str]) -> tuple[int, bool, bool]:
    """How many words are one letter, whether one is very long, whether one mixes in digits."""
    singles, pairs, long, mixed = 0, 0, False, False
    for word in words:
        size = len(word)
        if size == 1:
            singles += 1
            continue
        if size >= _LONG or (size >= _OCTET and word.isdigit()):
            long = True
        elif size == 2:
            pairs += 1
        if not mixed and not word.isalpha() and not word.isdigit():
            mixed = True
    return singles, long or (mixed and pairs >= _OCTET), mixed


def _same_length(base: View, name: str, text: str) -> View:
    return View(name, text, frozenset(_WORD.findall(text)), base.locate, base.concealed)


def _unleet(token: re.Match[str]) -> str:
    word = token[0]
    if word.isalpha() or not any("a" <= c <= "z" for c in word):
        return word
    core = word.rstrip("!|+")
    ell = core.translate(LEET_ELL)
    return (ell if ell in ELL_WORDS else core.translate(LEET)) + word[len(core) :]


def _joined(run: str) -> str:
    """``i g n o r e   a l l`` as ``ignore all``: the narrowest gap stands between letters."""
    gaps = [len(gap) for gap in _GAP.findall(run)]
    narrow = min(gaps)
    return _GAP.sub(lambda gap: "" if len(gap[0]) == narrow else " ", run)


def _turned(plain: View, name: str) -> View:
    if name == "rot13":
        text, locate = plain.text.translate(_ROT13), plain.locate
    else:
        text, size = plain.text[::-1], len(plain.text)
        locate = _chain(lambda start, end: (size - end, size - start), plain.locate)
    return View(name, text, frozenset(_WORD.findall(text)), locate, concealed=True)


def _edited(base: View, name: str, edits: Sequence[Run]) -> View:
    """The view with each (start, end, replacement) made."""
    runs: list[Run] = []
    done = 0
    for start, end, replacement in edits:
        runs += ((done, start, base.text[done:start]), (start, end, replacement))
        done = end
    runs.append((done, len(base.text), base.text[done:]))
    text, locate = _laid_out(runs, glue="")
    return View(
        name, text, frozenset(_WORD.findall(text)), _chain(locate, base.locate), base.concealed
    )


def _laid_out(runs: Sequence[Run], glue: str = "\n") -> tuple[str, Callable[[int, int], Span]]:
    """The texts of the runs one after the other, and the way back to where they stood. A run that
    kept its length maps character by character, any other as a whole."""
    starts = list(accumulate((len(run[2]) + len(glue) for run in runs), initial=0))

    def locate(start: int, end: int) -> Span:
        first = min(bisect_right(starts, start), len(runs)) - 1
        last = min(bisect_right(starts, max(start, end - 1)), len(runs)) - 1
        low, high = runs[first], runs[last]
        begin = low[0] + (start - starts[first] if low[1] - low[0] == len(low[2]) else 0)
        finish = high[1]
        if high[1] - high[0] == len(high[2]):
            finish = min(finish, high[0] + end - starts[last])
        return begin, max(begin, finish)

    return glue.join(run[2] for run in runs), locate
