"""Finds many words and phrases in a text in one scan."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.core.views import Viewer

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
"""Letters of scripts that put no blanks between words."""
_WORD_REACH = 32
"""Characters that a word and what follows it take, where the end of a text is looked at."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that stands at ``start`` to ``end`` of the text, with the label it was given."""

    label: str
    phrase: str
    start: int
    end: int


class PhraseMatcher:
    """Whole words and phrases, whatever their case, accents, width or punctuation between words.

    ``diagnos*`` stands for all words that begin so. Phrases in scripts without blanks (Chinese,
    Japanese, Thai, ...) are found anywhere; phrases with signs (``c++``) as they are spelled. The
    scan is linear in the text and does not slow down with the number of phrases.
    """

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        """``phrases`` by label. Raises ValueError for a phrase without any letter or digit."""
        self._viewer = Viewer()
        self._exact: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
        self._prefix: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
        literal: dict[str, list[tuple[str, str]]] = {}
        for label, group in phrases.items():
            for phrase in group:
                self._add(label, phrase, literal)
        self._lengths = sorted({len(word) for word in self._prefix})
        self._literal = literal
        tables = (*self._exact.values(), *self._prefix.values())
        self._longest = max((len(wanted) for table in tables for wanted, _, _ in table), default=0)
        longest_first = sorted(literal, key=len, reverse=True)
        self._signs = re.compile("|".join(map(_bounded, longest_first))) if longest_first else None

    def _add(self, label: str, phrase: str, literal: dict[str, list[tuple[str, str]]]) -> None:
        folded = self._viewer.fold(phrase).strip()
        words = tuple(re.findall(r"[^\W_]+\*?", folded))
        if not words or words[0] == "*":
            raise ValueError(f"{phrase!r} holds no letter and no digit")
        spelled = re.sub(r"[\s\-'*,]", "", folded)
        if _UNSPACED.search(folded) or not spelled.isalnum():
            literal.setdefault(folded, []).append((label, phrase))
            return
        table = self._prefix if words[0].endswith("*") else self._exact
        table.setdefault(words[0].rstrip("*"), []).append((words, label, phrase))

    def find(self, text: str) -> Iterator[Hit]:
        """Every phrase in the text; overlapping ones each."""
        view = self._viewer.plain(text)
        folded = view.text
        if self._exact or self._prefix:
            tokens = list(_WORD.finditer(folded))
            words = [token[0] for token in tokens]
            for index, word in enumerate(words):
                for wanted, label, phrase in self._starting_with(word):
                    last = index + len(wanted) - 1
                    if last < len(words) and all(
                        map(_fits, wanted[1:], words[index + 1 : last + 1])
                    ):
                        span = view.locate(tokens[index].start(), tokens[last].end())
                        yield Hit(label, phrase, *span)
        if self._signs:
            for match in self._signs.finditer(folded):
                for label, phrase in self._literal[match[0]]:
                    yield Hit(label, phrase, *view.locate(*match.span()))

    def open(self, text: str) -> bool:
        """Whether the text ends between the words of a phrase."""
        if self._longest < 2:
            return False
        folded = self._viewer.fold(text[-self._longest * _WORD_REACH :])
        words = _WORD.findall(folded)[1 - self._longest :]
        return any(
            len(wanted) > len(words) - index and all(map(_fits, wanted, words[index:]))
            for index, word in enumerate(words)
            for wanted, _, _ in self._starting_with(word)
        )

    def _starting_with(self, word: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
        yield from self._exact.get(word, ())
        for length in self._lengths:
            if length > len(word):
                return
            yield from self._prefix.get(word[:length], ())


def _fits(wanted: str, word: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def _bounded(phrase: str) -> str:
    pattern = re.escape(phrase)
    if _UNSPACED.search(phrase):
        return pattern
    before = r"(?<!\w)" if phrase[0].isalnum() else ""
    after = r"(?!\w)" if phrase[-1].isalnum() else ""
    return before + pattern + after
