"""Names of organisations in their many shapes, none of them chosen for what it stands for."""

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from training.generate import pii_words as words
from training.generate.pii_values import Values

_lists = words.lists(Path(__file__).with_suffix(".txt"))
SHAPES = (
    "startup", "firm", "bank", "agency", "charity", "hospital", "uni", "paper", "band", "club",
    "label", "museum", "party", "union", "airline", "hotel",
)  # fmt: skip
"""The sorts of organisation that templates may ask for."""
_hole = re.compile(r"\{(\w+)\}")


class Orgs:
    """Draws names. The same seed gives the same ones."""

    def __init__(self, rng: random.Random, values: Values) -> None:
        self._rng = rng
        self._values = values
        lists: Mapping[str, tuple[str, ...]] = {
            "thing": _lists["things"],
            "quality": _lists["qualities"],
            "trade": _lists["trades"],
            "legal": _lists["legal"],
            "topic": _lists["topics"],
            "causes": _lists["causes"],
            "team": _lists["teams"],
            "paper_name": _lists["paper_names"],
            "plural": _lists["plural_things"],
            "tail": words.ORG_TAILS,
            "end": _lists["brand_ends"],
            "syll": _lists["syllables"],
            "state": words.STATES,
            "country": words.COUNTRIES,
            "nation": words.NATIONALITIES[:65],
            "kind": words.ORG_KINDS,
            "root": words.ORG_ROOTS,
            "field": words.ORG_FIELDS,
        }
        self._makers: dict[str, Callable[[], str]] = {
            name: lambda choices=choices: rng.choice(choices) for name, choices in lists.items()
        } | {
            "brand": self._brand,
            "compound": lambda: _cased(rng, self._compound()),
            "lower": lambda: rng.choice((self._compound(), self._sound())),
            "shout": lambda: self._brand().upper(),
            "acronym": lambda: "".join(self._letters(rng.choice((2, 3, 3, 3, 4, 4, 5)))),
            "dotted": lambda: ".".join(self._letters(rng.choice((2, 3)))) + rng.choice(("", ".")),
            "i": lambda: self._letters(1)[0],
            "ii": lambda: "".join(self._letters(2)),
            "digit": lambda: str(rng.randint(2, 9)),
            "number": lambda: str(rng.choice((1, 3, 7, 21, 24, 42, 99, 101, 360, 404, 1000))),
            "city": values.city,
            "place": lambda: rng.choice((*words.PLACES, *words.COUNTRIES, *words.REGIONS)),
            "road": values.street_name,
            "first": lambda: values.person().first,
            "last": lambda: values.person().last,
            "tail2": lambda: rng.choice(words.ORG_TAILS).title(),
        }

    def any(self) -> str:
        """Of whatever sort, from lists or made up."""
        rng, way = self._rng, self._rng.random()
        if way < 0.14:
            return self._listed()
        if way < 0.24:
            return str(self._values.faker().company())
        if way < 0.29:
            return rng.choice(words.KNOWN_ORGS)
        if way < 0.39:
            return rng.choice(_lists["well_known"])
        if way < 0.44:
            return rng.choice(self._values.rows)["Company"] or rng.choice(words.KNOWN_ORGS)
        if way < 0.52:
            return self._filled(rng.choice(words.ORG_FORMS))
        if way < 0.84:
            return self.shaped("org")
        return self.shaped(rng.choice(SHAPES))

    def shaped(self, shape: str) -> str:
        """Of a sort. Raises KeyError for one that does not exist."""
        name = self._filled(self._rng.choice(_lists[shape]))
        return name.replace(" ,", ",").replace("  ", " ").replace("the the ", "the ")

    def _filled(self, form: str) -> str:
        def made(hole: re.Match[str]) -> str:
            name = hole[1]  # a figure at the end tells two holes of one sort apart
            return self._makers[name if name in self._makers else name[:-1]]()

        return _hole.sub(made, form)

    def _listed(self) -> str:
        """A listed company, as its register or as people have it."""
        name, rng = self._rng.choice(self._values.companies), self._rng
        if rng.random() < 0.3:
            name = re.sub(r",? (?:[A-Z][A-Za-z]?[A-Za-z]?\.?|Group|Holdings?)$", "", name)
        return name

    def _letters(self, count: int) -> list[str]:
        return [self._rng.choice("ABCDEFGHIJKLMNOPRSTUVWZ") for _ in range(count)]

    def _brand(self) -> str:
        way = self._rng.random()
        return _cased(self._rng, self._sound() if way < 0.5 else self._compound())

    def _compound(self) -> str:
        rng = self._rng
        start = rng.choice(_lists["brand_starts"])
        if rng.random() < 0.2:
            return start + rng.choice(_lists["sound_ends"])
        return start + rng.choice(_lists["brand_ends"])

    def _sound(self) -> str:
        rng = self._rng
        body = "".join(rng.choice(_lists["syllables"]) for _ in range(rng.choice((1, 2, 2, 3))))
        return body + rng.choice((*_lists["sound_ends"], *words.ORG_TAILS, ""))


def _cased(rng: random.Random, name: str) -> str:
    way = rng.random()
    if way < 0.06 and len(name) > 5:
        middle = len(name) // 2
        return name[:middle].capitalize() + name[middle:].capitalize()
    return name if way < 0.1 else name.capitalize()
