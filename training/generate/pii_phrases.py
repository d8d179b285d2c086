"""Templates of texts: words, slots for values, and choices.

``{slot}`` is replaced by a value; ``{slot:a}`` by one of the person or place called ``a``, the
same wherever ``a`` stands in the text. ``[one|another|]`` is one of these, drawn anew each time;
brackets without a bar are brackets. ``\\`` before one of ``{}[]|`` takes it as it is.
"""

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Piece = tuple[str, str]
"""Some text with the kind that it is of, empty for ordinary words."""
Fill = Callable[[str, str], list[Piece]]
"""The pieces of a slot, by its name and by whose it is."""

_token = re.compile(r"\\([{}\[\]|])|\{(\w+)(?::(\w+))?\}|([\[\]|])|([^\\{}\[\]|]+)")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value."""

    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Several sequences, of which one is taken."""

    options: tuple["Sequence", ...]


Sequence = tuple[str | Slot | Choice, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """One text with slots. ``name`` is unique, ``domain`` says what the text is about."""

    name: str
    domain: str
    parts: Sequence

    def pieces(self, rng: random.Random, fill: Fill) -> list[Piece]:
        """The text with all slots filled."""
        return list(_pieces(self.parts, rng, fill))


def _pieces(parts: Sequence, rng: random.Random, fill: Fill) -> Iterator[Piece]:
    for part in parts:
        if isinstance(part, str):
            yield part, ""
        elif isinstance(part, Slot):
            yield from fill(part.name, part.owner)
        else:
            yield from _pieces(rng.choice(part.options), rng, fill)


def parse(source: str) -> Sequence:
    """The template that ``source`` describes. Raises ValueError for one that is malformed."""
    stack: list[list[list[str | Slot | Choice]]] = [[[]]]
    at = 0
    while at < len(source):
        match = _token.match(source, at)
        if match is None:
            raise ValueError(f"template {source!r}: {source[at]!r} at {at} is out of place")
        at = match.end()
        escaped, slot, owner, sign, words = match.groups()
        here = stack[-1][-1]
        if slot:
            here.append(Slot(slot, owner or ""))
        elif sign == "[":
            stack.append([[]])
        elif sign == "|" and len(stack) > 1:
            stack[-1].append([])
        elif sign == "]" and len(stack) > 1:
            options = stack.pop()
            if len(options) == 1:
                stack[-1][-1] += ["[", *options[0], "]"]
            else:
                stack[-1][-1].append(Choice(tuple(tuple(option) for option in options)))
        elif sign == "]":
            raise ValueError(f"template {source!r}: ']' without '['")
        else:
            here.append(escaped or words or sign)
    if len(stack) > 1:
        raise ValueError(f"template {source!r}: '[' is not closed")
    return tuple(stack[0][0])


@cache
def templates() -> Mapping[str, tuple[Template, ...]]:
    """All templates of the folder ``pii`` beside this file, by domain."""
    found: dict[str, tuple[Template, ...]] = {}
    for file in sorted((Path(__file__).parent / "pii").glob("*.toml")):
        for domain, sources in tomllib.loads(file.read_text(encoding="utf-8")).items():
            found[domain] = tuple(
                Template(f"{domain}-{number}", domain, parse(source))
                for number, source in enumerate(sources["texts"])
            )
    return found
