"""Words around a finding that speak for it, such as ``phone`` before a number.

Presidio's own ``LemmaContextAwareEnhancer`` does the scoring (plus .35, at least .4, for one of the
recogniser's context words among the five words before). It asks for spaCy's tokens; what it needs
of them (words, their places, their lower case) is had from a regular expression. Whole words are
compared, as words are not reduced to their stems here: Presidio's default, substrings, would take
``meeting`` for ``tin``.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_WORD = re.compile(r"\w+")
_WORDS_BEFORE = 5


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in the shape of Presidio's ``NlpArtifacts``.

    The last one is empty and stands at the end of the text, so that a finding after the last word
    has a word to be at.
    """

    tokens: Sequence[str]
    tokens_indices: Sequence[int]
    lemmas: Sequence[str]
    keywords: frozenset[str]


def words_of(text: str) -> Words:
    """All words of ``text``."""
    tokens, places = [], []
    for match in _WORD.finditer(text):
        tokens.append(match.group())
        places.append(match.start())
    return _words([*tokens, " "], [*places, len(text)])


def _words(tokens: Sequence[str], places: Sequence[int]) -> Words:
    lemmas = [token.lower() for token in tokens]
    return Words(tokens, places, lemmas, frozenset(lemmas))


class ContextScores:
    """Raises the scores of findings whose context speaks for them. Linear in the text."""

    def __init__(self, enhancer: type[Any]) -> None:
        self.enhancer = enhancer(
            context_matching_mode="whole_word", context_prefix_count=_WORDS_BEFORE
        )

    def raised(self, text: str, results: Sequence[Any], recognizers: Sequence[Any]) -> list[Any]:
        """Copies of Presidio's ``results`` over ``text`` with their scores as the context has it.

        Each is shown only the words it could use; what comes out is what the enhancer makes of all.
        """
        words = words_of(text)
        ends = [p + len(t) for p, t in zip(words.tokens_indices, words.tokens, strict=True)]
        raised: list[Any] = []
        for result in results:
            at = bisect_left(ends, result.start + 1)
            near = slice(max(0, at - _WORDS_BEFORE), at + 1)
            around = _words(words.tokens[near], words.tokens_indices[near])
            raised += self.enhancer.enhance_using_context(text, [result], around, recognizers)
        return raised
