"""Picks, for one sentence of an answer, what of the source speaks about the same things."""

from dataclasses import dataclass

from gateway.encoder.support_source import Source, Unit
from gateway.encoder.support_words import Words

UNITS = 8
"""Units of evidence at most."""
WORDS = 72
"""Words of evidence at most; the best unit always has its place."""
_LEAST = 0.12
"""A further unit must add this share of the sentence's weight, or _LEAST_VALUE for a value."""
_LEAST_VALUE = 0.04
_NUMBER = 1.2
_KEEP = 40
"""Words of one unit that are shown."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The units, in the order of the source; ``best`` is the one that alone covers most, with the
    share that it covers. ``covered`` is the share that all of them cover."""

    units: tuple[Unit, ...]
    best: Unit | None
    best_share: float
    covered: float

    @property
    def text(self) -> str:
        """What the model is shown."""
        return " ".join(_shown(unit.text) for unit in self.units)


def evidence_for(words: Words, source: Source) -> Evidence:
    """The units that cover the sentence's stems and numbers best, each adding to the others."""
    weights = {stem: source.weights.get(stem, source.rare) for stem in words.stems}
    total = sum(weights.values()) + _NUMBER * len(words.numbers) or 1.0
    left: dict[int, float] = {}
    for stem, weight in weights.items():
        for place in source.having.get(stem, ()):
            left[place] = left.get(place, 0.0) + weight
    for place in left:
        left[place] += _NUMBER * len(words.numbers & source.units[place].words.numbers)
    chosen: list[int] = []
    room = WORDS
    missing = dict(weights)
    covered = 0.0
    best, best_share = None, 0.0
    while left and len(chosen) < UNITS:
        place = max(left, key=lambda p: (_dense(left[p], source.units[p]), -p))
        gain = left.pop(place)
        unit = source.units[place]
        size = min(_KEEP, unit.text.count(" ") + 1)
        if best is None:
            best, best_share = unit, gain / total
        elif size > room or gain / total < (_LEAST_VALUE if unit.keyed else _LEAST):
            if gain / total < _LEAST_VALUE:
                break
            continue
        chosen.append(place)
        covered += gain / total
        room -= size
        for stem in set(unit.words.stems).intersection(missing):
            weight = missing.pop(stem)
            for other in source.having[stem]:
                if other in left:
                    left[other] -= weight
    return Evidence(
        tuple(source.units[place] for place in sorted(chosen)), best, best_share, min(1.0, covered)
    )


def _dense(gain: float, unit: Unit) -> float:
    """A gain, a little less for units that say much else too."""
    return gain - 0.004 * len(unit.words.stems)


def _shown(text: str) -> str:
    words = text.split()
    return " ".join(words[:_KEEP])
