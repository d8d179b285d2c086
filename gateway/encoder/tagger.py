"""Names, places, dates and other entities, read from what the encoder says of each word."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from types import MappingProxyType

from gateway.encoder.tag_paths import Columns, Words
from gateway.ports.encoder import Encoder
from gateway.ports.entity_recognizer import Entity

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "PERSON": "PERSON",
        "ADDRESS": "STREET_ADDRESS",
        "LOCATION": "LOCATION",
        "ORGANIZATION": "ORGANIZATION",
        "DATE_TIME": "DATE_TIME",
        "DATE_OF_BIRTH": "DATE_OF_BIRTH",
        "AGE": "AGE",
        "TITLE": "TITLE",
        "NRP": "NRP",
        "PHONE_NUMBER": "PHONE_NUMBER",
        "US_DRIVER_LICENSE": "US_DRIVER_LICENSE",
        "ID": "ID",
    }
)
"""What the model calls a kind, and what policies call it."""
LEAST = 0.5
"""Score below which a span of a kind that has no calibration is not reported."""

_ALSO: Mapping[str, str] = MappingProxyType({"DATE_OF_BIRTH": "DATE_TIME"})
"""The kind as which a span is reported when its own was not asked for."""
_TINY, _SUREST = 1e-6, 14.0
"""How near to 0 or 1 a probability, and how far from 0 its logit, may be."""
_SURE = 0.02
"""A word whose share of all kinds together is below this is taken to be ordinary."""
_MARKS = " \t\r\n\u00a0\"'’“”‘«»<>[]{}*_`|,;:!?=/\\~•–—-#&"
_abbreviation = re.compile(r"(?:^|[\s.,(-])[^\W\d_]{1,4}\.$").search
_digits = re.compile(r"\d").findall
_FEWEST: Mapping[str, int] = MappingProxyType({"PHONE_NUMBER": 5, "US_DRIVER_LICENSE": 3, "ID": 1})
"""Digits that a text must have for one of this kind to be in it: most texts need not be read."""
_DOTTED = frozenset({"PERSON", "TITLE", "ORGANIZATION", "STREET_ADDRESS"})


@dataclass(frozen=True, slots=True)
class Calibration:
    """How sure the model must be of a kind: a mean probability p becomes the score
    sigmoid(``slope`` * logit(p) + ``bias``); below ``least`` nothing is reported."""

    slope: float = 1.0
    bias: float = 0.0
    least: float = LEAST

    def score(self, probability: float) -> float:
        """The score, in 0..1."""
        p = min(max(probability, _TINY), 1.0 - _TINY)
        logit = self.slope * log(p / (1.0 - p)) + self.bias
        return 1.0 / (1.0 + exp(-min(max(logit, -_SUREST), _SUREST)))


_PLAIN = Calibration()


class EncoderTagger:
    """A Tagger on the shared encoder. It reads any language, English best."""

    languages: frozenset[str] = frozenset()

    def __init__(
        self,
        encoder: Encoder,
        calibration: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
        lean: float = 0.0,
    ) -> None:
        """``calibration``: by kind, as the model calls it, what ``Calibration`` has; those that
        miss have none. ``lean`` is taken from the logit of "nothing": above 0 more is found.
        """
        self.supported = frozenset(KINDS.values())
        self._encoder = encoder
        self._lean = lean
        self._calibration = {
            KINDS.get(kind, kind): Calibration(**values) for kind, values in calibration.items()
        }
        self._columns: Columns | None = None

    async def tag(self, text: str, kinds: frozenset[str], scope: str = "") -> Sequence[Entity]:
        """The entities of these kinds in order, none overlapping another. Raises what the encoder
        raises."""
        wanted = kinds & self.supported
        if wanted <= _FEWEST.keys():
            digits = len(_digits(text))
            wanted = frozenset(kind for kind in wanted if digits >= _FEWEST[kind])
        if not wanted or not text.strip():
            return []
        encoding = await self._encoder.encode(text, scope)
        columns = self._columns
        if columns is None:
            columns = self._columns = Columns.of(self._encoder.tags)
        words = Words.of(text, encoding.windows, columns, self._lean)
        found = []
        for kind, first, last, probability in words.spans(_SURE):
            name = KINDS.get(columns.kinds[kind], columns.kinds[kind])
            calibration = self._calibration.get(name, _PLAIN)
            score = calibration.score(probability)
            if name not in wanted:
                name = _ALSO.get(name, "")
            if score < calibration.least or name not in wanted:
                continue
            start, end = trimmed(text, int(words.starts[first]), int(words.ends[last - 1]), name)
            if start < end:
                found.append(Entity(name, start, end, score))
        return found


def trimmed(text: str, start: int, end: int, kind: str) -> tuple[int, int]:
    """The span without marks at its ends that are none of it; empty when nothing is left."""
    piece = text[start:end].lstrip(_MARKS + ".)")
    bracket = kind == "PHONE_NUMBER" and piece.startswith("(")
    if not bracket:
        piece = piece.lstrip(_MARKS + ".()")
    start = end - len(piece)
    marks = _MARKS + ("(" if "(" in piece else "()")
    piece = piece.rstrip(marks)
    if piece.endswith(".") and not (kind in _DOTTED and _abbreviation(piece)):
        piece = piece.rstrip(marks + ".")
    end = start + len(piece)
    # The plus of a country's code, or a bracket, that the words of the span left out.
    if kind == "PHONE_NUMBER" and not bracket and start and piece[:1].isdigit():
        opened = text[start - 1] == "(" and ")" in piece
        start -= opened or text[start - 1] == "+"
    return (start, end) if any(map(str.isalnum, piece)) else (start, start)
