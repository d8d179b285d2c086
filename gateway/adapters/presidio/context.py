"""Words around a finding that speak for it, such as ``phone`` before a number.

The rule is that of Presidio's ``LemmaContextAwareEnhancer`` (plus .35, at least .4, for one of the
recogniser's context words among the word of the finding and the five before it), whose own way
copies every result and needs spaCy's tokens; a regular expression finds the words here. Whole words
are compared, as words are not reduced to their stems: Presidio's default, substrings, would take
``meeting`` for ``tin``.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WORDS_BEFORE = 5
ADDED, AT_LEAST, AT_MOST = 0.35, 0.4, 1.0
"""Presidio's ``context_similarity_factor``, ``min_score_with_context_similarity``, maximum."""
_FEW = 8
"""Findings up to which only the text around each is split into words."""
_AROUND = 160
"""Characters before a finding that nearly always hold five words."""

_words = re.compile(r"\w+").finditer


def context_of(recognizer: Any) -> frozenset[str]:
    """The context words of one of Presidio's recognisers."""
    return frozenset(word.lower() for word in recognizer.context or ())


def raise_scores(text: str, results: Sequence[Any], context: Mapping[str, frozenset[str]]) -> None:
    """Give Presidio's ``results`` over ``text`` the scores that their context makes them worth.

    ``context`` has the context words by the ``id`` of the recogniser. Changes the results, which
    must be nobody else's. Linear in the text.
    """
    concerned = [r for r in results if context.get(_recognizer(r))]
    words = Words(text, 0) if len(concerned) > _FEW else None
    for result in concerned:
        near = words or Words.around(text, result.start)
        if not context[_recognizer(result)].isdisjoint(near.at(result.start)):
            result.score = min(max(result.score + ADDED, AT_LEAST), AT_MOST)


def _recognizer(result: Any) -> str:
    metadata = result.recognition_metadata or {}
    # Presidio's key for a recogniser that has read its own context already.
    if metadata.get("is_score_enhanced_by_context"):
        return ""
    return str(metadata.get("recognizer_identifier", ""))


class Words:
    """The words of a text from ``begin`` on, in lower case, to be asked for by place."""

    def __init__(self, text: str, begin: int, end: int | None = None) -> None:
        found = list(_words(text, begin, len(text) if end is None else end))
        self._words = [match.group().lower() for match in found]
        self._ends = [match.end() for match in found]

    @classmethod
    def around(cls, text: str, place: int) -> "Words":
        """The words that ``at(place)`` asks for, and some more."""
        reach = _AROUND
        while True:
            begin = max(0, place - reach)
            words = cls(text, begin, _end_of_next_word(text, place))
            # One word more than is needed, for the first may have lost its beginning.
            if begin == 0 or bisect_left(words._ends, place + 1) > WORDS_BEFORE:
                return words
            reach *= 4

    def at(self, place: int) -> Iterable[str]:
        """The word that ends after ``place``, and the five before it."""
        index = bisect_left(self._ends, place + 1)
        return self._words[max(0, index - WORDS_BEFORE) : index + 1]


def _end_of_next_word(text: str, place: int) -> int:
    match = next(_words(text, place), None)
    return match.end() if match else len(text)
