"""Users who try to get at what the assistant keeps, or to talk it out of its role.

The patterns are in ``attacks_extraction/*.toml``, one a line: ``{name}`` stands for any line of
the slot of that name, ``[a|b|]`` for one of its alternatives.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from training.examples import USER, Example

SHARES = {
    "extraction": 0.25,
    "secret": 0.23,
    "tools": 0.14,
    "tongues": 0.2,
    "override-b": 0.18,
}
"""How much of the examples each family gets, by the name of its file."""

_FOLDER = Path(__file__).with_suffix("")
_SLOT = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
# Letters of scripts that are typed a letter at a time.
_MIDDLE = re.compile(r"(?<=[a-zà-ÿа-яії])[a-zà-ÿа-яії](?=[a-zà-ÿа-яії]{2})", re.IGNORECASE)
_TRIES = 8
# A pattern of fewer texts than this is drawn less often, so that it does not repeat itself.
_ENOUGH_TEXTS = 2000


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One line of a file; ``name`` is its section and its place there."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class _Family:
    """The patterns of one file; ``weights`` is cumulative, for ``random.choices``."""

    slots: Mapping[str, tuple[str, ...]]
    patterns: tuple[_Pattern, ...]
    weights: tuple[float, ...]


def examples(rng: random.Random, count: int) -> Iterator[Example]:
    """``count`` attacks of the user channel, in families by ``SHARES``; the same for a seed."""
    common = _slots(_read("common"))
    families = {name: _family(name, common) for name in SHARES}
    names, shares = list(SHARES), list(SHARES.values())
    seen: set[str] = set()
    for _ in range(count):
        name = rng.choices(names, shares)[0]
        family = families[name]
        # Few texts come twice: short patterns may run out of new ones.
        for _ in range(_TRIES):
            pattern = rng.choices(family.patterns, cum_weights=family.weights)[0]
            text = _worn(_neat(_expanded(pattern.text, family.slots, rng)), rng)
            if text.casefold() not in seen:
                break
        seen.add(text.casefold())
        yield Example(
            text=text,
            task=USER,
            family=f"gen/{name}",
            label="attack",
            group=f"gen/{name}/{pattern.name}",
        )


def _read(name: str) -> Mapping[str, Mapping[str, str]]:
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _slots(tables: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Lines of each slot; empty lines are alternatives too."""
    return {
        name: tuple(lines.removesuffix("\n").split("\n"))
        for name, lines in tables.get("slots", {}).items()
    }


def _family(name: str, common: Mapping[str, tuple[str, ...]]) -> _Family:
    tables = _read(name)
    slots = {**common, **_slots(tables)}
    patterns = tuple(
        _Pattern(f"{section}-{number}", line)
        for section, lines in tables["templates"].items()
        for number, line in enumerate(lines.strip().split("\n"), start=1)
    )
    weights = (min(_texts(pattern.text, slots) / _ENOUGH_TEXTS, 1) ** 0.5 for pattern in patterns)
    return _Family(slots, patterns, tuple(accumulate(weights)))


def _texts(pattern: str, slots: Mapping[str, tuple[str, ...]]) -> int:
    """How many texts a pattern stands for, at most: a product over slots and choices."""
    product = 1
    while match := _CHOICE.search(pattern):
        alternatives = match[1].split("|")
        product *= sum(_texts(text, slots) for text in alternatives)
        pattern = pattern[: match.start()] + pattern[match.end() :]
    for match in _SLOT.finditer(pattern):
        product *= sum(_texts(line, slots) for line in slots[match[1]])
    return product


def _expanded(pattern: str, slots: Mapping[str, tuple[str, ...]], rng: random.Random) -> str:
    """The pattern with every slot filled and every choice made, the innermost first."""
    while "[" in pattern:
        pattern = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), pattern)
    return _SLOT.sub(lambda match: _expanded(rng.choice(slots[match[1]]), slots, rng), pattern)


_NEAT = (
    (re.compile(r"\s+"), " "),
    (re.compile(r"\s+([.,;:?!](?:\s|$))"), r"\1"),
    (re.compile(r"([,:;])[,;]"), r"\1"),
    (re.compile(r"[,;:]\."), "."),
    (re.compile(r"([?!])[.,]"), r"\1"),
    (re.compile(r"([.!?])\s?\.(?=\s|$)"), r"\1"),
    (re.compile(r"^[\s,.;:]+"), ""),
)


def _neat(text: str) -> str:
    """The text without the seams that empty slots leave."""
    for seam, mended in _NEAT:
        text = seam.sub(mended, text)
    return text.strip()


def _worn(text: str, rng: random.Random) -> str:
    """The text as people type: mostly as it is, or with other casing, ends and typing errors."""
    if rng.random() < 0.6:
        text = re.sub(r"(^|[.?!]\s+)([^\W\d_])", lambda match: match[1] + match[2].upper(), text)
    draw = rng.random()
    if draw < 0.12:
        text = text.lower()
    elif draw < 0.14:
        text = text.upper()
    draw = rng.random()
    if draw < 0.2:
        text = text.rstrip(".?!。？！")
    elif draw < 0.24 and text[-1] in ".?!":
        text += text[-1] * rng.randint(1, 2)
    if rng.random() < 0.1:
        text = _mistyped(text, rng)
    return text


def _mistyped(text: str, rng: random.Random) -> str:
    """The text with one or two letters dropped, doubled or swapped, inside longer words."""
    for _ in range(rng.randint(1, 2)):
        places = [match.start() for match in _MIDDLE.finditer(text)]
        if not places:
            break
        at = rng.choice(places)
        letter, following = text[at], text[at + 1]
        change = rng.choice((following, letter * 2 + following, following + letter))
        text = text[:at] + change + text[at + 2 :]
    return text
