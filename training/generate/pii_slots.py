"""The slots of the templates: what each is filled with, and of what kind that is."""

import random
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from training.generate import pii_words as words
from training.generate.pii_dates import Dates
from training.generate.pii_numbers import Numbers
from training.generate.pii_orgs import SHAPES, Orgs
from training.generate.pii_phrases import Piece
from training.generate.pii_values import Home, Person, Values

Maker = Callable[[str], str]
_HOSTS = ("example.com", "mail.test", "inbox.example", "corp.example.org", "example.net")


class Slots:
    """Fills the slots of one text after another; ``begin`` forgets whose values were whose."""

    def __init__(self, rng: random.Random, data: Path) -> None:
        self._rng = rng
        self._values = Values(rng, data)
        self._names = Orgs(rng, self._values)
        self._people: dict[str, Person] = {}
        self._homes: dict[str, Home] = {}
        self._orgs: dict[str, str] = {}
        dates, numbers = Dates(rng), Numbers(rng, self._values)
        self._numbers = numbers
        self._makers: Mapping[str, tuple[str, Maker]] = {
            "person": ("PERSON", self._person),
            "full": ("PERSON", self._full),
            "first": ("PERSON", lambda owner: self._someone(owner).first),
            "last": ("PERSON", lambda owner: self._someone(owner).last),
            "reversed": ("PERSON", self._reversed),
            "initials": ("PERSON", self._initials),
            "honorific": ("TITLE", lambda owner: rng.choice(words.HONORIFICS)),
            "job": ("TITLE", lambda owner: self._job()),
            "jobtitle": ("TITLE", lambda owner: _headed(self._job())),
            "org": ("ORGANIZATION", self._org),
            **{shape: ("ORGANIZATION", partial(self._org, shape=shape)) for shape in SHAPES},
            "address": ("ADDRESS", self._address),
            "block": ("ADDRESS", self._block),
            "cited": ("ADDRESS", lambda owner: self._block(owner, "\n> ")),
            "hashed": ("ADDRESS", lambda owner: self._block(owner, "\n# ")),
            "street": ("ADDRESS", self._street),
            "road": ("ADDRESS", lambda owner: self._values.street_name()),
            "zip": ("ADDRESS", lambda owner: self._home(owner).code),
            "city": ("LOCATION", lambda owner: self._values.city()),
            "country": ("LOCATION", lambda owner: rng.choice(words.COUNTRIES)),
            "state": ("LOCATION", lambda owner: rng.choice(words.STATES)),
            "region": ("LOCATION", lambda owner: rng.choice(words.REGIONS)),
            "place": ("LOCATION", lambda owner: self._place()),
            "nationality": ("NRP", lambda owner: rng.choice(words.NATIONALITIES)),
            "date": ("DATE_TIME", lambda owner: dates.date()),
            "day": ("DATE_TIME", lambda owner: dates.day()),
            "weekday": ("DATE_TIME", lambda owner: rng.choice(words.WEEKDAYS)),
            "time": ("DATE_TIME", lambda owner: dates.time()),
            "datetime": ("DATE_TIME", lambda owner: dates.datetime()),
            "stamp": ("DATE_TIME", lambda owner: dates.stamp()),
            "monthyear": ("DATE_TIME", lambda owner: dates.month_and_year()),
            "dob": ("DATE_OF_BIRTH", lambda owner: dates.birth()),
            "age": ("AGE", lambda owner: dates.age()),
            "phone": ("PHONE_NUMBER", lambda owner: numbers.phone()),
            "license": ("US_DRIVER_LICENSE", lambda owner: numbers.license()),
            "id": ("ID", lambda owner: numbers.identity()),
            **self._ordinary(),
        }

    def _ordinary(self) -> dict[str, tuple[str, Maker]]:
        """What this model need not tell: patterns find some of it, the rest says nothing."""
        rng, numbers = self._rng, self._numbers
        return {
            "email": ("", self._email),
            "user": ("", self._user),
            "url": ("", lambda owner: numbers.url()),
            "ip": ("", lambda owner: numbers.ip()),
            "card": ("", lambda owner: numbers.card()),
            "iban": ("", lambda owner: numbers.iban()),
            "ssn": ("", lambda owner: numbers.masked("###-##-####")),
            "money": ("", lambda owner: numbers.money()),
            "number": (
                "",
                lambda owner: str(rng.choice((rng.randint(2, 99), rng.randint(2, 5000)))),
            ),
            "small": ("", lambda owner: str(rng.randint(2, 24))),
            "year": ("", lambda owner: str(rng.randint(1900, 2031))),
            "month": ("", lambda owner: rng.choice(words.MONTHS)),
            "version": ("", lambda owner: numbers.version()),
            "product": ("", lambda owner: numbers.product()),
            "order": ("", lambda owner: numbers.order()),
            "percent": ("", lambda owner: numbers.percent()),
            "uuid": ("", lambda owner: numbers.uuid()),
        }

    def begin(self) -> None:
        """Forget the people and places of the last text."""
        self._people.clear()
        self._homes.clear()
        self._orgs.clear()

    def fill(self, name: str, owner: str) -> list[Piece]:
        """The pieces of a slot. Raises KeyError for a slot that does not exist."""
        kind, make = self._makers[name]
        return [(make(owner), kind)]

    def _someone(self, owner: str) -> Person:
        if not owner:
            return self._values.person()
        if owner not in self._people:
            self._people[owner] = self._values.person()
        return self._people[owner]

    def _person(self, owner: str) -> str:
        someone, way = self._someone(owner), self._rng.random()
        if way < 0.22:
            return someone.first
        if way < 0.3:
            return someone.last
        return self._named(someone, way)

    def _full(self, owner: str) -> str:
        return self._named(self._someone(owner), self._rng.random())

    def _named(self, someone: Person, way: float) -> str:
        first, last = someone.first, someone.last
        if way > 0.95:
            return f"{first} {self._rng.choice(words.PARTICLES)} {last}"
        if way > 0.89:
            return f"{first} {someone.middle}. {last}"
        if way > 0.87:
            return f"{first[0]}. {last}"
        if way > 0.85:
            return f"{first} {self._values.person().first} {last}"
        if way > 0.84:
            return f"{first} {last} {self._rng.choice(('Jr.', 'Sr.', 'III', 'II'))}"
        return f"{first} {last}"

    def _reversed(self, owner: str) -> str:
        someone = self._someone(owner)
        return f"{someone.last}, {someone.first}"

    def _initials(self, owner: str) -> str:
        someone = self._someone(owner)
        return f"{someone.first[0]}. {someone.last}"

    def _job(self) -> str:
        rng, row = self._rng, self._rng.choice(self._values.rows)
        way = rng.random()
        if way < 0.35 and row["Occupation"]:
            return row["Occupation"]
        if way < 0.55:
            return f"{rng.choice(words.JOB_FIELDS)} {rng.choice(words.JOB_ROLES)}"
        job = rng.choice(words.JOBS)
        return f"{rng.choice(words.JOB_LEADS)} {job}" if way > 0.8 else job

    def _org(self, owner: str, shape: str = "") -> str:
        if owner and owner in self._orgs:
            return self._orgs[owner]
        made = self._names.shaped(shape) if shape else self._names.any()
        if owner:
            self._orgs[owner] = made
        return made

    def _home(self, owner: str) -> Home:
        if not owner:
            return self._values.home()
        if owner not in self._homes:
            self._homes[owner] = self._values.home()
        return self._homes[owner]

    def _street(self, owner: str) -> str:
        home = self._home(owner)
        return f"{home.street}, {home.flat}" if self._rng.random() < 0.2 else home.street

    def _address(self, owner: str) -> str:
        """On one line most often."""
        home, rng = self._home(owner), self._rng
        way = rng.random()
        if way < 0.12:
            return self._block(owner)
        if way < 0.16:
            return self._forces()
        if way < 0.3:
            return self._street(owner)
        separator = rng.choice((", ", ", ", ", ", " "))
        parts = [home.street]
        if rng.random() < 0.3:
            parts.append(home.flat)
        return separator.join([*parts, *self._town(home, separator)])

    def _town(self, home: Home, separator: str) -> list[str]:
        forms = (
            [home.city],
            [home.city, f"{home.state} {home.code}"],
            [home.city, f"{home.state} {home.code}", home.country],
            [f"{home.code} {home.city}"],
            [f"{home.code} {home.city}", home.country],
            [f"{home.city} {home.code}"],
            [home.city, home.country],
            [home.city, home.state],
            [home.city, home.state, home.code],
            [home.city, f"{home.country} {home.code}"],
            [home.code],
        )
        return [part.strip() for part in self._rng.choice(forms) if part.strip()]

    def _block(self, owner: str, gap: str = "") -> str:
        """On lines of their own, with ``gap`` between them."""
        home, rng = self._home(owner), self._rng
        lines = [home.street]
        if rng.random() < 0.4:
            lines.append(home.flat)
        gap = gap or rng.choice(("\n", "\n", "\n ", "\n  ", ",\n"))
        return gap.join([*lines, *self._town(home, "\n")])

    def _forces(self) -> str:
        """Of the armed forces' post."""
        return self._values.masked(
            "PSC ####, Box ####\nAPO AE #####", "Unit #### Box ####\nDPO AA #####",
            "PSC %##, Box %##, APO AP #####", "CMR ### Box ####, APO AE #####",
            "USS Harrier\nFPO AP #####", "USNS Meridian, FPO AE #####",
        )  # fmt: skip

    def _place(self) -> str:
        way = self._rng.random()
        if way < 0.45:
            return self._values.city()
        if way < 0.72:
            return self._rng.choice(words.COUNTRIES)
        return self._rng.choice(words.STATES if way < 0.86 else words.REGIONS)

    def _email(self, owner: str) -> str:
        someone = self._someone(owner)
        first, last = (_plain(name) for name in (someone.first, someone.last))
        form = self._rng.choice(("{}.{}", "{}{}", "{}_{}", "{}-{}", "{}.{}{n}", "{n}{}{}"))
        local = form.format(first or "info", last or "desk", n=self._rng.randint(1, 99))
        return f"{local}@{self._rng.choice(_HOSTS)}"

    def _user(self, owner: str) -> str:
        someone = self._someone(owner)
        return (
            f"{_plain(someone.first)}{self._rng.choice(('', '_', '.'))}{self._rng.randint(1, 2010)}"
        )


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isascii() and c.isalnum())


def _headed(job: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in job.split())
