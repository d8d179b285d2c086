"""Dates, times and ages, in the ways people write them."""

import random
from datetime import datetime as When
from datetime import timedelta

from training.generate.pii_words import MONTHS, WEEKDAYS

_SHORT = tuple(month[:3] for month in MONTHS)
_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


class Dates:
    """Draws dates."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def date(self) -> str:
        """A day of some year, or a weekday with its date."""
        rng = self._rng
        written = self._written(self._some(1940, 2031))
        if rng.random() < 0.06:
            return f"{rng.choice(WEEKDAYS)}, {written}"
        return written

    def birth(self) -> str:
        """A day on which someone now alive may have been born."""
        return self._written(self._some(1925, 2022))

    def day(self) -> str:
        """A day without its year."""
        rng = self._rng
        month, day = rng.choice((*MONTHS, *_SHORT)), rng.randint(1, 28)
        return rng.choice(
            (f"{month} {day}", f"{month} {_nth(day)}", f"{day} {month}", f"{_nth(day)} {month}",
             f"the {_nth(day)} of {month}", f"{rng.randint(1, 12)}/{day}",
             f"{day}.{rng.randint(1, 12)}.",
             f"{rng.choice(WEEKDAYS)}, {month} {day}",
             f"{rng.choice(WEEKDAYS)} {_nth(day)} {month}")
        )  # fmt: skip

    def month_and_year(self) -> str:
        """A month of a year."""
        rng = self._rng
        year = rng.randint(1950, 2030)
        return rng.choice((f"{rng.choice(MONTHS)} {year}", f"{rng.choice(_SHORT)} {year}",
                           f"{rng.choice(MONTHS)}, {year}",
                           f"{rng.randint(1, 12):02}/{year}"))  # fmt: skip

    def time(self) -> str:
        """A time of the day."""
        rng = self._rng
        hour, minute = rng.randint(0, 23), rng.choice((0, 0, 15, 30, 45, rng.randint(0, 59)))
        half = rng.choice(("am", "pm", " am", " pm", " a.m.", " p.m.", " AM", " PM"))
        twelve = hour % 12 or 12
        return rng.choice(
            (f"{hour:02}:{minute:02}", f"{twelve}:{minute:02}{half}", f"{twelve}{half}")
        )

    def datetime(self) -> str:
        """A day with the time."""
        rng = self._rng
        joint = rng.choice((" ", ", ", " at "))
        day = rng.choice((self.date, self.day, lambda: rng.choice(WEEKDAYS)))()
        return f"{day}{joint}{self.time()}"

    def stamp(self) -> str:
        """As machines write it."""
        when = self._some(1985, 2031)
        form = self._rng.choice(("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ",
        "%d/%b/%Y:%H:%M:%S +0000",
                                 "%Y/%m/%d %H:%M", "%b %d %H:%M:%S",
                                 "%a, %d %b %Y %H:%M:%S"))  # fmt: skip
        return when.strftime(form)

    def age(self) -> str:
        """In years; in words now and then."""
        rng = self._rng
        age = rng.choice((rng.randint(18, 80), rng.randint(1, 102)))
        if rng.random() < 0.12 and age > 20:
            unit = age % 10
            return _TENS[min(age // 10, 9) - 2] + (f"-{_UNITS[unit - 1]}" if unit else "")
        return str(age)

    def _some(self, first: int, last: int) -> When:
        start = When(first, 1, 1)
        return start + timedelta(seconds=self._rng.randint(0, (last - first) * 31_500_000))

    def _written(self, when: When) -> str:
        rng = self._rng
        day, month, year = when.day, when.month, when.year
        name, short = MONTHS[month - 1], _SHORT[month - 1]
        return rng.choice(
            (
                f"{month}/{day}/{year}", f"{month:02}/{day:02}/{year}",
                f"{day:02}/{month:02}/{year}",
                f"{month}/{day}/{year % 100:02}", f"{day}.{month}.{year}",
                f"{day:02}.{month:02}.{year}",
                f"{year}-{month:02}-{day:02}", f"{year}/{month:02}/{day:02}",
                f"{day:02}-{month:02}-{year}",
                f"{day}-{short}-{year}", f"{month}-{day}-{year}", f"{name} {day}, {year}",
                f"{name} {_nth(day)}, {year}", f"{name} {day} {year}", f"{short} {day}, {year}",
                f"{short}. {day}, {year}", f"{day} {name} {year}", f"{day} {short} {year}",
                f"{_nth(day)} {name} {year}", f"{_nth(day)} of {name} {year}",
                f"the {_nth(day)} of {name}, {year}",
                f"{month}/{day}/{year}", f"{name} {_nth(day)} {year}",
                f"{year}.{month:02}.{day:02}",
            )
        )  # fmt: skip


def _nth(day: int) -> str:
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
