"""Picks the sentences of passages that best support an answer to a question."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.knowledge import Chunk
from gateway.core.words import stems

_SENTENCE_END = re.compile(r"(?<=[.!?])[)\"'”’]*\s+(?=[A-Z0-9\"'“‘(])")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|approx|no|vs|mr|mrs|ms|dr|inc|ltd|co)\.$", re.I)

_NUMBER = (
    r"(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|thirty|sixty)"
)
_DURATION = re.compile(
    rf"\b{_NUMBER}[\s-]+(?:\w+[\s-]+)?(?:second|minute|hour|day|week|month|year|season)s?\b"
    r"|\blifetime\b",
    re.I,
)
_AMOUNT = re.compile(
    rf"[$€£]\s?\d|\b\d[\d,.]*\s?(?:%|percent|dollars?|euros?|pounds?|USD|EUR|GBP)|\b{_NUMBER}\b",
    re.I,
)
_MONEY = re.compile(r"[$€£]\s?\d|\b\d[\d,.]*\s?(?:%|percent|dollars?|euros?|USD|EUR|GBP)", re.I)
_MOMENT = re.compile(
    r"\b(?:\d{1,2}(?::\d\d)?\s?(?:am|pm)|\d{1,2}:\d\d|monday|tuesday|wednesday|thursday|friday"
    r"|saturday|sunday|january|february|march|april|may|june|july|august|september|october"
    rf"|november|december)\b|{_DURATION.pattern}",
    re.I,
)
_PLACE = re.compile(r"\S+@\S+\.\w|https?://|\bunder\b|\bin your\b|\bpage\b|\bat\b", re.I)

_EXPECTATIONS = (
    (re.compile(r"\bhow (?:long|soon|quickly|fast|old)\b|\bhow many (?:\w+ )?"
                r"(?:minutes|hours|days|weeks|months|years)\b", re.I), _DURATION),
    (re.compile(r"\bhow (?:much|large|big|high)\b|\b(?:budget|price|cost|fee|amount|limit|credit|"
                r"salary|salaries|surcharge)\b", re.I), _MONEY),
    (re.compile(r"\bhow many\b", re.I), _AMOUNT),
    (re.compile(r"\b(?:when|what time|by when|deadline)\b", re.I), _MOMENT),
    (re.compile(r"^\s*(?:where|who)\b|\b(?:e-?mail|address|contact|phone)\b", re.I), _PLACE),
)  # fmt: skip
"""What kind of thing a question asks for, and how a sentence with such a thing looks."""

_NAME = re.compile(r"(?<=\w )(?:[A-Z][a-z]+ ){1,2}[A-Z][a-z]+\b")

SUPPORT = 0.5
"""The share of a question's weight that a sentence, with its headings, must have."""
_HEADING_SHARE = 0.7
_NEIGHBOUR_SHARE = 0.35
_FITS = 0.3
"""Added when a sentence has the kind of thing asked for: a duration for "how long"."""
_CLOSE = 0.8
"""Further sentences must score at least this share of the best one."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, with the number (from 1) of the passage it stands in."""

    text: str
    passage: int
    words: frozenset[str]
    heading: frozenset[str]
    before: frozenset[str] = field(default=frozenset())
    """Words of the sentence before it in the same passage."""


def sentences_of(chunk: Chunk, passage: int) -> list[Sentence]:
    """The sentences of a chunk. Heading lines (``# ...``) and the title count as their headings."""
    heading = set(stems(chunk.title))
    found: list[Sentence] = []
    before: frozenset[str] = frozenset()
    for line in chunk.text.splitlines():
        if line.startswith("#"):
            heading.update(stems(line))
            continue
        for text in _split(_LIST_MARK.sub("", line).strip()):
            words = frozenset(stems(text))
            found.append(Sentence(text, passage, words, frozenset(heading), before))
            before = words
    return found


def _split(line: str) -> list[str]:
    parts: list[str] = []
    for part in _SENTENCE_END.split(line) if line else []:
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return parts


def best_sentences(question: str, chunks: Sequence[Chunk], most: int = 3) -> list[Sentence]:
    """At most ``most`` sentences that support an answer, best first; none when nothing does."""
    asked = stems(question)
    sentences = [s for i, chunk in enumerate(chunks, 1) for s in sentences_of(chunk, i)]
    if not asked or not sentences:
        return []
    weights = _weights(question, asked, sentences)
    expected = next((shape for asks, shape in _EXPECTATIONS if asks.search(question)), None)
    scored = []
    for place, sentence in enumerate(sentences):
        support = _support(sentence, weights)
        own = sentence.words.intersection(weights)
        fits = expected is not None and expected.search(sentence.text) is not None
        if support < _least(len(weights)) or sentence.text.endswith(("?", ":")):
            continue
        if not own and not fits:
            continue  # only its heading is about the question
        score = support + 0.1 * len(own) / len(weights)
        if expected is not None:
            score += _FITS if fits else -_FITS / 2
        scored.append((score, -place, sentence))
    scored.sort(key=lambda entry: entry[:2], reverse=True)
    return _distinct([(score, s) for score, _, s in scored], most)


def _least(words: int) -> float:
    """Long questions tell a story: beyond six words the share asked for falls in proportion."""
    return SUPPORT * min(1.0, 6 / words)


def _weights(
    question: str, asked: Sequence[str], sentences: Sequence[Sentence]
) -> dict[str, float]:
    """How much each word of the question says: its inverse frequency among the sentences. A word
    that no passage has weighs the most, so that what is missing counts against an answer. The words
    of a name ("United States") are one thing, and share the weight of one."""
    count = len(sentences)
    weights = {}
    for word in asked:
        having = sum(word in s.words or word in s.heading for s in sentences)
        weights[word] = 0.4 + math.log(1 + count / (1 + having)) / math.log(1 + count)
    for name in _NAME.findall(question):
        parts = [word for word in stems(name) if word in weights]
        for word in parts:
            weights[word] /= len(parts)
    return weights


def _support(sentence: Sentence, weights: dict[str, float]) -> float:
    got = 0.0
    for word, weight in weights.items():
        if word in sentence.words:
            got += weight
        elif word in sentence.heading:
            got += _HEADING_SHARE * weight
        elif word in sentence.before:
            got += _NEIGHBOUR_SHARE * weight
    return got / sum(weights.values())


def _distinct(scored: Sequence[tuple[float, Sentence]], most: int) -> list[Sentence]:
    kept: list[Sentence] = []
    for score, sentence in scored:
        if score < _CLOSE * scored[0][0] or len(kept) >= most:
            break
        if all(_overlap(sentence.words, other.words) < 0.7 for other in kept):
            kept.append(sentence)
    return kept


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 1.0
