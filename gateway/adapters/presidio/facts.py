"""What several recognisers ask of one text, found out once."""

import re

import regex

# Presidio's own engine: what it calls a digit must agree.
_foreign_digits = regex.compile(r"[\d--[0-9]]", regex.VERSION1).findall


_six_digits = re.compile(r"\d(?:[ \t().\-/]{0,2}\d){5}").search


class Facts:
    """A text with its digits counted and in lower case, each when first asked for."""

    __slots__ = ("_digits", "_long", "_lower", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._digits: int | None = None
        self._lower: str | None = None
        self._long: bool | None = None

    @property
    def digits(self) -> int:
        """How many decimal digits of any script."""
        if self._digits is None:
            text = self.text
            found = sum(map(text.count, "0123456789"))
            self._digits = found if text.isascii() else found + len(_foreign_digits(text))
        return self._digits

    @property
    def long_number(self) -> bool:
        """Whether six digits follow each other, with two of the marks of numbers and dates between
        any of them."""
        if self._long is None:
            self._long = self.digits >= 6 and _six_digits(self.text) is not None
        return self._long

    @property
    def lower(self) -> str:
        """In lower case; not of the same length as the text in some scripts."""
        if self._lower is None:
            self._lower = self.text.lower()
        return self._lower

    def cost(self) -> float:
        """Milliseconds that all recognisers together may take, roughly: by length, and by what
        makes them look closer. Measured on one core: ``python -m bench.pii``."""
        text = self.text
        return (
            len(text) * 0.0001
            + self.digits * 0.008
            + text.count("@") * 0.1
            + text.count("://") * 0.15
        )
