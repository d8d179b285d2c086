"""Names, places, dates and numbers, none of them of anyone in particular."""

import csv
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from faker import Faker

from training.generate.pii_words import (
    AMBIGUOUS_FIRST,
    AMBIGUOUS_LAST,
    COUNTRIES,
    FIRST,
    LAST,
    PLACES,
    STATE_CODES,
    STATES,
    STREET_TYPES,
    STREET_WORDS,
)

_LOCALES: Mapping[str, int] = {
    "en_US": 30, "en_GB": 10, "en_CA": 4, "en_AU": 4, "en_IE": 3, "en_NZ": 2, "en_IN": 6,
    "de_DE": 5, "de_AT": 2, "de_CH": 2, "fr_FR": 4, "fr_CA": 2, "es_ES": 4, "es_MX": 3, "es_AR": 1,
    "es_CO": 1, "it_IT": 4, "pt_BR": 3, "pt_PT": 2, "nl_NL": 3, "nl_BE": 2, "sv_SE": 3, "no_NO": 3,
    "da_DK": 3, "fi_FI": 3, "pl_PL": 3, "cs_CZ": 2, "sk_SK": 2, "hu_HU": 2, "ro_RO": 2, "hr_HR": 2,
    "sl_SI": 2, "et_EE": 2, "lt_LT": 1, "lv_LV": 1, "tr_TR": 2, "id_ID": 2, "vi_VN": 1,
    "ru_RU": 1, "uk_UA": 1, "el_GR": 1, "bg_BG": 1, "ja_JP": 1, "zh_CN": 1, "ko_KR": 1,
}  # fmt: skip
"""Faker's locales, each with its share."""
_FLATS = ("Apt. ", "Suite ", "Apt ", "Unit ", "Flat ", "Floor ", "#", "Room ")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone made up: parts of a name, and what an address book says."""

    first: str
    middle: str
    last: str
    row: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Home:
    """An address in its parts; any but ``street`` may be empty."""

    street: str
    flat: str
    city: str
    state: str
    code: str
    country: str


class Values:
    """Draws values. The same seed gives the same ones.

    ``data`` is the folder with ``pii/names_3000.csv`` and ``pii/organizations.csv``.
    """

    def __init__(self, rng: random.Random, data: Path) -> None:
        self._rng = rng
        self._data = data
        self._fakers: dict[str, Faker] = {}
        self._names, self._weights = tuple(_LOCALES), tuple(_LOCALES.values())

    @cached_property
    def rows(self) -> Sequence[Mapping[str, str]]:
        """The address book."""
        with (self._data / "pii/names_3000.csv").open(encoding="utf-8-sig", newline="") as file:
            return tuple(csv.DictReader(file))

    @cached_property
    def companies(self) -> Sequence[str]:
        """Names of listed companies."""
        with (self._data / "pii/organizations.csv").open(encoding="utf-8-sig") as file:
            names = [line.strip().strip('"') for line in file][1:]
        # The list also has funds and certificates, which nobody would call organisations.
        return tuple(n for n in names if 2 < len(n) < 45 and not re.search(r"\d|ETF", n))

    def faker(self) -> Faker:
        """Faker in one of the locales."""
        name = self._rng.choices(self._names, self._weights)[0]
        if name not in self._fakers:
            self._fakers[name] = Faker(name)
            self._fakers[name].seed_instance(self._rng.getrandbits(32))
        return self._fakers[name]

    def person(self) -> Person:
        """Someone."""
        rng = self._rng
        row = rng.choice(self.rows)
        way = rng.random()
        if way < 0.3:
            first, last = row["GivenName"], row["Surname"]
        elif way < 0.8:
            faker = self.faker()
            first, last = str(faker.first_name()), str(faker.last_name())
        elif way < 0.9:
            first, last = rng.choice(FIRST), rng.choice(LAST)
        else:
            first, last = rng.choice(AMBIGUOUS_FIRST), rng.choice((*AMBIGUOUS_LAST, *LAST))
        if rng.random() < 0.1:  # people of one country with names of another
            last = str(self.faker().last_name())
        if rng.random() < 0.04:
            last = f"{last}-{self.faker().last_name()}"
        return Person(first, rng.choice("ABCDEFGHJKLMNPRSTVW"), last, row)

    def home(self) -> Home:
        """An address."""
        rng = self._rng
        row = rng.choice(self.rows)
        if rng.random() < 0.35:
            street, city, state, code = (
                row["StreetAddress"],
                row["City"],
                row["State"],
                row["ZipCode"],
            )
            country = row["CountryFull"]
        else:
            faker = self.faker()
            street = str(faker.street_address()).replace("\n", " ")
            city, code = str(faker.city()), str(faker.postcode())
            country = rng.choice(COUNTRIES)
            state = rng.choice(STATE_CODES)
        way = rng.random()
        if way < 0.2:
            street = f"{rng.randint(1, 9999)} {self.street_name()}"
        elif way < 0.26:
            street = f"{self.street_name()} {rng.randint(1, 300)}"
        elif way < 0.3:
            street = rng.choice(("P.O. Box {}", "PO Box {}", "Box {}", "Postfach {}")).format(
                rng.randint(1, 99999)
            )
        elif way < 0.34:
            street = f"{rng.randint(1, 99)} {street}"
        flat = f"{rng.choice(_FLATS)}{rng.randint(1, 999)}"
        if rng.random() < 0.1:
            state = rng.choice(STATES)
        return Home(street, flat, city, state, code, country)

    def street_name(self) -> str:
        """A street, without a number."""
        rng = self._rng
        way = rng.random()
        if way < 0.4:
            name = rng.choice(STREET_WORDS)
        elif way < 0.7:
            name = str(self.faker().last_name())
        elif way < 0.85:
            number = rng.randint(1, 190)
            ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
            name = f"{number}{'th' if 10 < number % 100 < 14 else ending}"
        else:
            name = f"{rng.choice(STREET_WORDS)} {rng.choice(STREET_WORDS)}"
        kind = rng.choice(STREET_TYPES)
        lead = rng.choice(("N ", "S ", "West ", "East ", "Old ", "Upper ")) if way > 0.92 else ""
        return f"{lead}{name} {kind}"

    def city(self) -> str:
        """A town."""
        way = self._rng.random()
        if way < 0.4:
            return self._rng.choice(self.rows)["City"]
        if way < 0.75:
            return self._rng.choice(PLACES)
        return str(self.faker().city())

    def masked(self, *masks: str) -> str:
        """One of the masks: ``#`` is a digit, ``%`` one but zero, ``?`` a letter."""
        rng = self._rng
        signs = {"#": "0123456789", "%": "123456789", "?": "ABCDEFGHJKLMNPRSTUVWXYZ"}
        return "".join(rng.choice(signs.get(c, c)) for c in rng.choice(masks))
