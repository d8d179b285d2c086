"""Texts from the ``planted_*.txt`` files: lines with slots, by name."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_HEADING = re.compile(r"\[([a-z0-9:_-]+)\]")
_SLOT = re.compile(r"\{([a-z0-9_]+)\}")
_DIGITS = re.compile("d{1,4}")


def _sections(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        heading = _HEADING.fullmatch(line)
        if heading:
            lines = found.setdefault(heading[1], [])
        elif line.strip() and not line.startswith("; "):
            lines.append(line.replace("\\n", "\n"))
    return found


@dataclass(frozen=True, slots=True)
class Listing:
    """A piece of code and what stands before and after a comment in its language."""

    language: str
    before: str
    after: str
    lines: tuple[str, ...]


def _listings(path: Path) -> tuple[Listing, ...]:
    found = []
    for block in path.read_text(encoding="utf-8").split("\n----\n"):
        lines = [line for line in block.splitlines() if not line.startswith("; Code, ")]
        lines = [line for line in lines if not line.startswith("; they are; ")]
        language, before, after = lines[0].strip("[]").split("|")
        found.append(Listing(language, before, after, tuple(lines[1:])))
    return tuple(found)


class Grammar:
    """The sections of the text files in a folder, read when first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def sections(self) -> Mapping[str, Sequence[str]]:
        """The lines of each section. Raises ValueError: two files have one section."""
        found: dict[str, list[str]] = {}
        for name in ("slots", "orders", "pages"):
            sections = _sections(self._folder / f"planted_{name}.txt")
            twice = sorted(found.keys() & sections.keys())
            if twice:
                raise ValueError(f"planted_{name}.txt: sections of another file: {twice}")
            found.update(sections)
        return found

    @cached_property
    def listings(self) -> Sequence[Listing]:
        """Code in several languages."""
        return _listings(self._folder / "planted_code.txt")

    def one(self, rng: random.Random, section: str) -> str:
        """A line of ``section`` with its slots filled. Raises KeyError: no such section."""
        return self.filled(rng, rng.choice(self.sections[section]))

    def filled(self, rng: random.Random, line: str) -> str:
        """``line`` with a text in place of each slot; ``{dd}`` is a number of two digits."""

        def slot(match: re.Match[str]) -> str:
            name = match[1]
            if _DIGITS.fullmatch(name):
                return str(rng.randrange(10 ** (len(name) - 1), 10 ** len(name)))
            if name == "hex":
                return f"{rng.getrandbits(24):06x}"
            return self.one(rng, name)

        return _SLOT.sub(slot, line)
