"""Presidio's recognisers, each with the need that says whether it is worth running."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import tldextract

from gateway.adapters.presidio.catalog import NEEDS, WRITTEN_WITHOUT_SPACES, Need
from gateway.adapters.presidio.context import context_of
from gateway.adapters.presidio.facts import Facts
from gateway.adapters.presidio.lean_import import Presidio
from gateway.adapters.presidio.phones import quick_phone

FLAGS = re.DOTALL | re.MULTILINE | re.IGNORECASE
"""The flags that Presidio's own registry sets on every pattern recogniser."""

LONG_WORD = 1_024
"""Characters from which on a word is read in pieces, since Presidio's e-mail pattern takes time in
the square of its length."""
REACH = 320
"""Characters read on either side of each ``@`` or dot in such a word; RFC 5321 allows an address
64 before the ``@`` and 255 after it."""

_WORD = re.compile(r"\S+")
_WARM_UP = (
    "Call 415-555-0132, jane@example.com, 4111 1111 1111 1111, http://example.com/ on 1/2/2030"
)


def offline_email(base: type[Any]) -> type[Any]:
    """Presidio's e-mail recogniser with the public suffix list that ships with tldextract.

    Its own way asks the network for the list on first use. The rule is the same: there must be a
    registered suffix.
    """
    extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())

    class EmailRecognizer(base):  # type: ignore[misc]
        def validate_result(self, pattern_text: str) -> bool:
            return extract(pattern_text).fqdn != ""

    return EmailRecognizer


class Finder(Protocol):
    """Finds one kind of entity. Must be safe to use from several threads."""

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str:
        """What its results carry as ``recognizer_identifier``."""
        ...

    @property
    def context(self) -> frozenset[str]:
        """Words in lower case that raise the score of what they precede."""
        ...

    def find(self, facts: Facts) -> list[Any]:
        """Results of Presidio's shape, fresh ones that the caller may change."""
        ...


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of entity: Presidio's recogniser, and what a text must have for it."""

    kind: str
    recognizer: Any
    need: Need
    context: frozenset[str]

    @property
    def id(self) -> str:
        return str(self.recognizer.id)

    def find(self, facts: Facts) -> list[Any]:
        """Presidio's results; the same as running the recogniser over all of the text."""
        text, need = facts.text, self.need
        if need.digits and facts.digits < need.digits:
            return []
        if need.literal not in text or (need.search is not None and need.search(text) is None):
            return []
        if self.kind not in WRITTEN_WITHOUT_SPACES:
            found: list[Any] = self.recognizer.analyze(text, [self.kind], None)
            return found
        results: list[Any] = []
        for start, piece in self._pieces(text):
            for result in self.recognizer.analyze(piece, [self.kind], None):
                result.start += start
                result.end += start
                results.append(result)
        return results

    def _pieces(self, text: str) -> Iterator[tuple[int, str]]:
        literal, search = self.need.literal, self.need.search
        for match in _WORD.finditer(text):
            word = match.group()
            if literal not in word or (search is not None and search(word) is None):
                continue
            if len(word) <= LONG_WORD:
                yield match.start(), word
                continue
            for start, end in _around(word, literal):
                yield match.start() + start, word[start:end]


def _around(word: str, literal: str) -> Iterator[tuple[int, int]]:
    """Where to read a long word: around each ``literal``, what overlaps taken together, in pieces
    of at most ``LONG_WORD`` that overlap by ``REACH``."""
    start = end = 0
    at = word.find(literal)
    while at >= 0:
        low, high = max(0, at - REACH), min(len(word), at + REACH)
        if end and low <= end and high - start <= LONG_WORD:
            end = high
        else:
            if end:
                yield start, end
            start, end = low, high
        at = word.find(literal, at + 1)
    if end:
        yield start, end


def _as_it_is(base: type[Any]) -> type[Any]:
    return base


_CHANGED: Mapping[str, Callable[[type[Any]], type[Any]]] = MappingProxyType(
    {"EMAIL_ADDRESS": offline_email, "PHONE_NUMBER": quick_phone}
)


def detectors(presidio: Presidio) -> dict[str, Detector]:
    """All detectors, by kind, with their patterns compiled."""
    made = {}
    for kind, base in presidio.recognizers.items():
        recognizer = _CHANGED.get(kind, _as_it_is)(base)()
        if isinstance(recognizer, presidio.pattern_recognizer):
            recognizer.global_regex_flags = FLAGS
        recognizer.analyze(_WARM_UP, [kind], None)
        made[kind] = Detector(kind, recognizer, NEEDS.get(kind, Need()), context_of(recognizer))
    return made
