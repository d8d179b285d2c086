"""What an answer may rest on: the chunks of an exchange, cut into sentences and made ready once."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.encoder.support_text import sentences_of
from gateway.encoder.support_words import WordReader, Words, number_forms, weak_numbers

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|_|(?<=[A-Z])(?=[A-Z][a-z])")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{1,2})\b(?!:)")
_SHORTEST = 12
_LONGEST = 320
"""Characters of a unit of a source at most."""
_MOST = 600
"""Units of a source at most."""
_PROSE = 80
"""Characters from which on a value is read as sentences."""
_KEYS = 8
"""Keys that are told together at most."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One chunk: what it is called, and its text."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a chunk, or one value of a JSON chunk with the path to it.

    ``start`` and ``end`` are characters of the chunk's text, ``text`` what is compared.
    """

    chunk: int
    start: int
    end: int
    text: str
    words: Words
    keys: tuple[str, ...] = ()
    """The keys that have this value, of ``key, key: value``."""
    value: str = ""

    @property
    def keyed(self) -> bool:
        return bool(self.keys)


@dataclass(frozen=True, slots=True)
class Source:
    """All units of the chunks, with what they have in common.

    ``weights``: how much each stem tells, by how few units have it; ``rare`` is the weight of a
    stem that none has.
    """

    units: tuple[Unit, ...]
    titles: frozenset[str]
    weights: dict[str, float]
    rare: float
    numbers: frozenset[str]
    amounts: frozenset[tuple[str, str]]
    pairs: frozenset[tuple[str, str]]
    heads: frozenset[str]
    """The first letters of the stems, for words of the same family."""
    having: dict[str, tuple[int, ...]]
    """The units that have a stem, by their index."""


def prepare(passages: Sequence[Passage], reader: WordReader) -> Source:
    """The source that these passages make."""
    units: list[Unit] = []
    titles: set[str] = set()
    for index, passage in enumerate(passages):
        titles.update(reader.read(passage.title).stems)
        units += _units(index, passage.text, reader)
    del units[_MOST:]
    having: dict[str, list[int]] = {}
    for place, unit in enumerate(units):
        for stem in dict.fromkeys(unit.words.stems):
            having.setdefault(stem, []).append(place)
    count = max(1, len(units))
    scale = math.log(1 + count)
    weights = {
        stem: 0.4 + math.log(1 + count / (1 + len(places))) / scale
        for stem, places in having.items()
    }
    numbers: set[str] = set()
    amounts: set[tuple[str, str]] = set()
    for unit in units:
        numbers |= unit.words.numbers | weak_numbers(unit.text)
        amounts |= unit.words.amounts
    for number in tuple(numbers):
        numbers.update(number_forms(number))
    return Source(
        units=tuple(units),
        titles=frozenset(titles),
        weights=weights,
        rare=1.4,
        numbers=frozenset(numbers),
        amounts=frozenset(amounts),
        pairs=frozenset(pair for unit in units for pair in unit.words.pairs),
        heads=frozenset(stem[:5] for stem in having if len(stem) >= 5),
        having={stem: tuple(places) for stem, places in having.items()},
    )


def _units(chunk: int, text: str, reader: WordReader) -> list[Unit]:
    values = _values(text)
    if values is not None:
        return [unit for value in values for unit in _keyed(chunk, value, reader)]
    return [
        Unit(chunk, start, end, text[start:end], reader.read(text[start:end]))
        for start, end in _pieces(text)
    ]


def _pieces(text: str) -> list[tuple[int, int]]:
    """Sentences by place; very short ones go with the next, very long ones are cut."""
    pieces: list[tuple[int, int]] = []
    held: int | None = None
    for span in sentences_of(text):
        start = span.start if held is None else held
        if span.end - start < _SHORTEST:
            held = start
            continue
        held = None
        while span.end - start > _LONGEST:
            cut = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
            cut = start + _LONGEST if cut < 0 else cut
            pieces.append((start, cut))
            start = cut
        pieces.append((start, span.end))
    if held is not None:
        pieces.append((held, len(text.rstrip())))
    return pieces


def _keyed(chunk: int, value: "_Value", reader: WordReader) -> list[Unit]:
    start, end, said = value.start, value.end, value.said
    if len(said) > _PROSE:  # prose inside JSON
        return [
            Unit(chunk, start, end, said[a:b], reader.read(said[a:b])) for a, b in _pieces(said)
        ]
    line = f"{value.parent} {', '.join(value.keys)}: {said}".strip()
    return [Unit(chunk, start, end, line, reader.read(line), value.keys, said)]


@dataclass(slots=True)
class _Value:
    """A value of a JSON text with its keys: those of one object that have the same value are told
    together."""

    start: int
    end: int
    parent: str
    keys: tuple[str, ...]
    said: str


def _values(text: str) -> list[_Value] | None:
    """Every value of a JSON text; None when it is not JSON."""
    bare = text.strip()
    if bare[:1] not in ("{", "["):
        return None
    try:
        document = json.loads(bare)
    except ValueError:
        return None
    found: list[_Value] = []
    alike: dict[tuple[int, str], _Value] = {}
    at = 0
    waiting: list[tuple[int, str, str, object]] = [(0, "", "", document)]
    while waiting:
        group, parent, key, node = waiting.pop()
        if isinstance(node, dict):
            inner = id(node)
            waiting += [(inner, key, spaced(str(k)), v) for k, v in node.items()][::-1]
        elif isinstance(node, list):
            waiting += [(id(item), parent, key, item) for item in node][::-1]
        else:
            literal = json.dumps(node, ensure_ascii=False)
            place = text.find(literal, at)
            start, end = (place, place + len(literal)) if place >= 0 else (0, len(text))
            at = end if place >= 0 else at
            said = clocks(_said(node))
            value = alike.get((group, said))
            if value is not None and len(value.keys) < _KEYS and len(said) <= _PROSE:
                value.keys, value.end = (*value.keys, key), end
                continue
            value = alike[group, said] = _Value(start, end, parent, (key,), said)
            found.append(value)
    return found


def spaced(key: str) -> str:
    """A key as words: ``RestaurantsTakeOut`` is ``restaurants take out``."""
    return _HUMP.sub(" ", key).lower().strip()


def clocks(value: str) -> str:
    """Times of day written out: ``17:0`` is ``17:00 (5 pm)``."""

    def written(match: re.Match[str]) -> str:
        hours, minutes = int(match[1]), int(match[2])
        if hours > 24 or minutes > 59:
            return match[0]
        past = f":{minutes:02d}" if minutes else ""
        return f"{(hours % 12) or 12}{past} {'pm' if 12 <= hours < 24 else 'am'}"

    return _CLOCK.sub(written, value) if len(value) < 20 else value


def _said(node: object) -> str:
    if node is True:
        return "yes"
    if node is False:
        return "no"
    return "unknown" if node is None else str(node)
