"""Kinds that the house defines itself: by form (``custom``) and by name (``deny``)."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import regex

from gateway.adapters.presidio.facts import Facts
from gateway.core.phrases import PhraseMatcher
from gateway.schema.recognizer import CustomKeys

_SECONDS = 1.0
"""Time after which a pattern is given up, which fails the request; patterns whose cost can explode
are refused when the configuration is read."""
_METADATA = "recognizer_identifier"


class Custom:
    """One kind of the house's own. Raises TimeoutError for a pattern that takes too long."""

    def __init__(self, keys: CustomKeys, number: int, result: type[Any]) -> None:
        self.kind = keys.entity
        self.id = f"custom-{number}"
        self.context = frozenset(word.lower() for word in keys.context)
        flags = regex.IGNORECASE if keys.ignore_case else 0
        self._patterns = [regex.compile(pattern, flags) for pattern in keys.patterns]
        self._score = keys.score
        self._valid = CHECKSUMS[keys.checksum] if keys.checksum else None
        self._result = result

    def find(self, facts: Facts) -> list[Any]:
        """Results of Presidio's shape."""
        results = []
        for pattern in self._patterns:
            for match in pattern.finditer(facts.text, timeout=_SECONDS):
                start, end = match.span(1 if pattern.groups and match.group(1) else 0)
                score = self._score
                if self._valid is not None:
                    if not self._valid(facts.text[start:end]):
                        continue
                    score = 1.0
                if start < end:
                    metadata = {_METADATA: self.id}
                    results.append(
                        self._result(self.kind, start, end, score, recognition_metadata=metadata)
                    )
        return results


class Denied:
    """The words of one kind that are always found."""

    context: frozenset[str] = frozenset()

    def __init__(self, kind: str, words: Sequence[str], result: type[Any]) -> None:
        self.kind = kind
        self.id = f"denied-{kind}"
        self._matcher = PhraseMatcher({kind: words})
        self._result = result

    def find(self, facts: Facts) -> list[Any]:
        """Results of Presidio's shape, of score 1."""
        metadata = {_METADATA: self.id}
        return [
            self._result(self.kind, hit.start, hit.end, 1.0, recognition_metadata=metadata)
            for hit in self._matcher.find(facts.text)
        ]


def _digits(text: str) -> list[int]:
    return [int(character) for character in text if character.isdecimal()]


def luhn(text: str) -> bool:
    """Whether the digits pass the check of ISO/IEC 7812."""
    digits = _digits(text)
    doubled = (
        digit * 2 - 9 * (digit > 4) if place % 2 else digit
        for place, digit in enumerate(reversed(digits))
    )
    return len(digits) > 1 and sum(doubled) % 10 == 0


def verhoeff(text: str) -> bool:
    """Whether the digits pass Verhoeff's check (J. Verhoeff, Error Detecting Decimal Codes)."""
    digits = _digits(text)
    check = 0
    for place, digit in enumerate(reversed(digits)):
        for _ in range(place % 8):
            digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
        check = _product(check, digit)
    return len(digits) > 1 and check == 0


def _product(a: int, b: int) -> int:
    """In the symmetry group of the pentagon: rotations 0 to 4, reflections 5 to 9."""
    turned = (a + b) % 5 if a < 5 else (a - b) % 5
    return turned + 5 * ((a >= 5) != (b >= 5))


def mod97(text: str) -> bool:
    """Whether letters and digits pass ISO 7064 MOD 97-10 as in an IBAN (four moved to the end)."""
    plain = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    moved = plain[4:] + plain[:4]
    return len(plain) > 4 and int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


CHECKSUMS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {"luhn": luhn, "verhoeff": verhoeff, "mod97": mod97}
)
