"""What a sentence is made of, to be compared with what a source is made of: stems of its content
words, numbers with their units, names, negations."""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.core.words import STOP_WORDS, folded, stem

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_NUMBER = re.compile(
    r"(?P<sign>[$€£#])?\s?(?P<value>\d+(?:[.,:]\d+)*)(?P<after>\s?%|\s?[ap]\.?m\b|st\b|nd\b|rd\b|th\b)?",
    re.IGNORECASE,
)
_COMMAS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_SPELLED = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "noon": 12, "midnight": 0, "dozen": 12, "twice": 2, "second": 2, "third": 3, "half": 2,
}  # fmt: skip
_COMPOUND = re.compile(
    r"\b(take|wi|dine|drive|e|on|off|web|check|sign|log|set|pick|walk|car|life|book|high|air|check)"
    r"[ -](out|fi|in|thru|through|mail|line|site|up|port|time|store|way|style|lights?)\b",
    re.IGNORECASE,
)
"""Words that are written together by some and apart by others: ``take out``, ``Wi-Fi``."""
_WEAK = frozenset({"one", "second", "half", "third", "zero"})
"""Spelled numbers that mostly count nothing: they support a digit, and ask for no support."""
_NEGATORS = frozenset(
    [
        "no",
        "not",
        "never",
        "none",
        "nor",
        "neither",
        "nobody",
        "nothing",
        "cannot",
        "without",
        "isn",
        "aren",
        "wasn",
        "weren",
        "don",
        "doesn",
        "didn",
        "won",
        "wouldn",
        "couldn",
        "shouldn",
        "can't",
        "hasn",
        "haven",
        "hadn",
        "unable",
        "lack",
        "lacks",
        "lacking",
        "false",
        "null",
        "fails",
        "failed",
        "refuse",
        "refuses",
        "refused",
        "deny",
        "denies",
        "denied",
        "unavailable",
        "unlikely",
        "hardly",
        "rarely",
    ]
)
_NEGATED = re.compile(r"\b\w+n['’]t\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence, taken apart.

    ``stems`` in order of place, repeated ones too; ``pairs`` of neighbouring content stems;
    ``numbers`` in a common form; ``amounts`` are numbers with the sign or word that goes with them;
    ``names`` are stems of words written with a capital inside a sentence.
    """

    stems: tuple[str, ...]
    numbers: frozenset[str]
    amounts: frozenset[tuple[str, str]]
    names: frozenset[str]
    negations: int
    pairs: frozenset[tuple[str, str]] = field(default=frozenset())


class WordReader:
    """Takes sentences apart. ``stem`` may remember, since the same words come again and again."""

    def __init__(self, stem: Callable[[str], str] = stem) -> None:
        self._stem = stem

    def read(self, text: str) -> Words:
        """The words of one sentence."""
        text = _COMPOUND.sub(r"\1\2", text)
        stems: list[str] = []
        names: set[str] = set()
        negations = len(_NEGATED.findall(text))
        first = True
        for match in _WORD.finditer(text):
            word = match[0]
            low = folded(word)
            negations += low in _NEGATORS
            if _UNSPACED.search(low):
                stems += _grams(low)
                first = False
                continue
            for part in _parts(low):
                if part in STOP_WORDS or (len(part) < 2 and not part.isdigit()):
                    continue
                root = self._stem(part)
                stems.append(root)
                if word[0].isupper() and not first and part.isalpha():
                    names.add(root)
            first = False
        numbers, amounts = self._numbers(text)
        pairs = frozenset(itertools.pairwise(stems))
        return Words(tuple(stems), numbers, amounts, frozenset(names), negations, pairs)

    def _numbers(self, text: str) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
        numbers: set[str] = set()
        amounts: set[tuple[str, str]] = set()
        for match in _NUMBER.finditer(text):
            value = plain_number(match["value"])
            numbers.add(value)
            unit = (match["sign"] or match["after"] or "").strip().lower().replace(".", "")
            if not unit:
                near = _WORD.match(text, match.end() + 1) if match.end() < len(text) else None
                unit = self._stem(folded(near[0])) if near and near[0][0].isalpha() else ""
            if unit:
                amounts.add((value, unit))
        for match in _WORD.finditer(text):
            low = match[0].lower()
            if low in _SPELLED and low not in _WEAK:
                numbers.add(str(_SPELLED[low]))
        return frozenset(numbers), frozenset(amounts)


def plain_number(value: str) -> str:
    """A number in a common form: ``1,200.50`` is ``1200.5``, ``11:00`` is ``11``."""
    value = _COMMAS.sub("", value).rstrip(".,:")
    if ":" in value:
        hours, _, minutes = value.partition(":")
        hours = hours.lstrip("0") or "0"
        minutes = minutes.partition(":")[0]
        return hours if not minutes.strip("0") else f"{hours}:{minutes.zfill(2)}"
    if "." in value and value.count(".") == 1:
        value = value.rstrip("0").rstrip(".")
    return value.lstrip("0") or "0"


def number_forms(number: str) -> tuple[str, ...]:
    """Other ways to write a number: an hour after noon on the other clock."""
    hours, colon, minutes = number.partition(":")
    if hours.isdigit() and 12 <= int(hours) <= 23:
        return (f"{(int(hours) - 12) or 12}{colon}{minutes}",)
    return ()


def weak_numbers(text: str) -> frozenset[str]:
    """The numbers that a source may mean with words that mostly count nothing."""
    found = {m[0].lower() for m in _WORD.finditer(text)}.intersection(_WEAK)
    return frozenset(str(_SPELLED[word]) for word in found)


def _parts(low: str) -> list[str]:
    return re.findall(r"[^\W_]+", low)


def _grams(low: str) -> list[str]:
    return [low[i : i + 2] for i in range(len(low) - 1)] or [low]
