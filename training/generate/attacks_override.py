"""Users who try to talk the assistant out of its rules: overrides, personas, pressure, puzzles.

The patterns are in ``attacks_override/*.toml``, one a line: ``{name}`` stands for a line of the
slot of that name, ``[a|b|]`` for one of its alternatives, ``\\n`` for a line break, and a leading
``~`` keeps a text, such as code, from being given capitals.
"""

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

from training.examples import USER, Example
from training.generate.attacks_disguise import DISGUISES
from training.generate.attacks_worn import neat, worn

FAMILIES = ("override", "persona", "buried", "pressure", "splitting")
"""Names of the families, in the order in which examples come."""

LENGTHS: Mapping[str, tuple[int, int]] = {
    "override": (4, 40),
    "persona": (30, 300),
    "buried": (8, 300),
    "pressure": (6, 160),
    "splitting": (6, 160),
}
"""Fewest and most words of a text, by family."""

_FOLDER = Path(__file__).with_suffix("")
_SLOT = re.compile(r"\{([a-z]\w*)\}")
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_TRIES = 12
# A pattern of fewer texts than this is drawn less often, so that it does not repeat itself.
_ENOUGH_TEXTS = 2000

Slots = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One line of a file; ``name`` is its section and its place there."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class _Family:
    """The patterns of one file; ``weights`` is cumulative. ``bound`` slots keep their value."""

    slots: Slots
    bound: frozenset[str]
    patterns: Sequence[_Pattern]
    weights: Sequence[float]

    def pattern(self, rng: random.Random) -> _Pattern:
        return rng.choices(self.patterns, cum_weights=self.weights)[0]

    def filler(self, rng: random.Random) -> "_Filler":
        return _Filler(self.slots, self.bound, rng)


class _Filler:
    """Fills the slots of one text; ``kept`` holds what its bound slots stand for."""

    def __init__(self, slots: Slots, bound: frozenset[str], rng: random.Random) -> None:
        self._slots, self._bound, self._rng = slots, bound, rng
        self.kept: dict[str, str] = {}
        self._used: set[str] = set()

    def fill(self, pattern: str) -> str:
        """The pattern with every choice made and every slot filled.

        Raises KeyError for a slot that does not exist.
        """
        while _CHOICE.search(pattern):
            pattern = _CHOICE.sub(self._chosen, pattern)
        return _SLOT.sub(lambda match: self._slot(match[1]), pattern)

    def _chosen(self, match: re.Match[str]) -> str:
        return self._rng.choice(str(match[1]).split("|"))

    def _slot(self, name: str) -> str:
        if name in self.kept:
            return self.kept[name]
        if name in DISGUISES:
            disguise = DISGUISES[name]
            return disguise(self._slot("secretwish"), self._cut())
        value = self.fill(self._unused(self._slots[name]))
        if name in self._bound:
            self.kept[name] = value
        return value

    def _unused(self, lines: Sequence[str]) -> str:
        """A line that this text does not have yet, if one is found soon."""
        line = self._rng.choice(lines)
        for _ in range(_TRIES):
            if line not in self._used:
                break
            line = self._rng.choice(lines)
        self._used.add(line)
        return line

    def _cut(self) -> float:
        """Where a text is cut in two, drawn once for a text."""
        return float(self.kept.setdefault("cut", str(self._rng.uniform(0.3, 0.7))))


def examples(rng: random.Random, count: int) -> Iterator[Example]:
    """``count`` attacks of the user channel, evenly over ``FAMILIES``; the same for a seed."""
    makers = {name: _maker(name) for name in FAMILIES}
    yield from _drawn(rng, count, makers, "attack")


def bystanders(rng: random.Random, count: int) -> Iterator[Example]:
    """``count`` benign twins of the family ``buried``: its tasks without an order in them."""
    yield from _drawn(rng, count, {"buried": partial(_buried, _carriers(), None)}, "benign")


Maker = Callable[[random.Random], tuple[str, str]]
"""Makes one text, with the name of its template."""


def _drawn(
    rng: random.Random, count: int, makers: Mapping[str, Maker], label: str
) -> Iterator[Example]:
    names = list(makers)
    seen: set[str] = set()
    for at in range(count):
        family = names[at % len(names)]
        for _ in range(_TRIES):
            group, text = makers[family](rng)
            low, high = LENGTHS[family]
            if text.casefold() not in seen and low <= len(text.split()) <= high:
                break
        seen.add(text.casefold())
        yield Example(text, USER, f"gen/{family}", label, group=f"gen/{family}/{group}")


def _maker(family: str) -> Maker:
    if family == "buried":
        return partial(_buried, _carriers(), _family("buried", {"order": _orders()}))
    return partial(_plain, _family(family, _read(family)["templates"]))


def _plain(family: _Family, rng: random.Random) -> tuple[str, str]:
    """A text from one pattern."""
    pattern = family.pattern(rng)
    text = family.filler(rng).fill(pattern.text.removeprefix("~"))
    if pattern.text.startswith("~"):
        return pattern.name, text
    return pattern.name, worn(neat(text), rng)


@dataclass(frozen=True, slots=True)
class _Carriers:
    """Ordinary tasks: ``short`` of one line, and ``passages`` that follow one of ``asks``."""

    family: _Family
    short: Sequence[str]
    asks: Sequence[str]
    passages: Mapping[str, Sequence[str]]


def _buried(carriers: _Carriers, orders: _Family | None, rng: random.Random) -> tuple[str, str]:
    """A task, with one order at its start, in its middle or at its end if there are ``orders``."""
    filler = carriers.family.filler(rng)
    order = ""
    if orders is not None:
        order = neat(filler.fill(orders.pattern(rng).text))
    if rng.random() < 0.4:
        tasks = rng.sample(range(len(carriers.short)), rng.choice((1, 1, 2)))
        units = [neat(filler.fill(carriers.short[at])) for at in tasks]
        name, join = f"short-{tasks[0]}", rng.choice((" ", " ", "\n", "\n\n"))
        _insert(units, order, rng)
        return name, worn(join.join(units), rng)
    name = rng.choice(list(carriers.passages))
    lines = carriers.passages[name]
    wanted = rng.randint(3, len(lines)) if name != "code" else len(lines)
    first = rng.randint(0, len(lines) - wanted)
    units = [filler.fill(line) for line in lines[first : first + wanted]]
    join = "\n" if name in ("code", "list") else rng.choice((" ", " ", " ", "\n"))
    ask = neat(filler.fill(rng.choice(carriers.asks)))
    inside = rng.random() < 0.7
    if inside:
        _insert(units, order, rng)
    blocks = [block for block in (ask, join.join(units)) if block]
    if rng.random() < 0.3:
        blocks.reverse()
    if not inside:
        _insert(blocks, order, rng)
    return name, worn(rng.choice(("\n\n", "\n\n", "\n", " ")).join(blocks), rng)


def _insert(units: list[str], order: str, rng: random.Random) -> None:
    """Puts the order, if any, somewhere between the units, before or behind them."""
    if order:
        units.insert(rng.randint(0, len(units)), order)


def _read(name: str) -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
    return tables


def _lines(block: str) -> list[str]:
    """Lines of a block; empty ones are alternatives too."""
    return [line.replace("\\n", "\n") for line in block.removesuffix("\n").split("\n")]


def _orders() -> str:
    """The patterns of an order, one a line."""
    return _read("buried")["slots"]["order"]


def _carriers() -> _Carriers:
    tables = _read("buried")
    passages = {name: _lines(block) for name, block in tables["passages"].items()}
    tasks = tables["tasks"]
    family = _family("buried", {"tasks": tasks["short"]})
    return _Carriers(family, _lines(tasks["short"]), _lines(tasks["asks"]), passages)


def _family(name: str, templates: Mapping[str, str]) -> _Family:
    tables, common = _read(name), _read("common")
    bound = {**common["bound"], **tables.get("bound", {})}
    texts = {**common["slots"], **bound, **tables.get("slots", {})}
    slots = {slot: _lines(block) for slot, block in texts.items()}
    patterns = [
        _Pattern(f"{section}-{number}", line)
        for section, block in templates.items()
        for number, line in enumerate(_lines(block.strip("\n")), start=1)
    ]
    sizes: dict[str, float] = {}
    weights = accumulate(
        min(_texts(pattern.text, slots, sizes) / _ENOUGH_TEXTS, 1) ** 0.5 for pattern in patterns
    )
    return _Family(slots, frozenset(bound), patterns, list(weights))


def _texts(pattern: str, slots: Slots, sizes: dict[str, float]) -> float:
    """About how many texts a pattern stands for; ``sizes`` keeps those of slots."""
    product = 1.0
    while match := _CHOICE.search(pattern):
        product *= sum(_texts(text, slots, sizes) for text in match[1].split("|"))
        pattern = pattern[: match.start()] + pattern[match.end() :]
    for match in _SLOT.finditer(pattern):
        name = match[1]
        if name not in sizes:
            lines = slots["secretwish" if name in DISGUISES else name]
            sizes[name] = sum(_texts(line, slots, sizes) for line in lines)
        product *= sizes[name]
    return product
