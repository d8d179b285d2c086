"""User-channel texts that look like injections and are none: the hard negatives.

Patterns lie in ``benign/*.toml``, one file or several for each family. A line of ``[patterns]`` is
one pattern; ``{slot}`` is replaced by a line of ``[slots]`` of the same file or of ``slots.toml``,
``{a|b}`` by one of its alternatives, ``\\n`` by a line break, and ``⟦ ⟧`` stand for braces that
stay. A file with ``[kinds]`` holds longer texts, put together from several lines in their order.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.examples import USER, Example

FOLDER = Path(__file__).with_name("benign")

WEIGHTS: Mapping[str, float] = {
    "trigger": 0.26,
    "security": 0.14,
    "llm-dev": 0.16,
    "roleplay": 0.12,
    "own-secret": 0.10,
    "tongues-benign": 0.12,
    "harmful-question": 0.04,
    "documents": 0.06,
}
"""How much of the examples each family makes up."""

_PLAIN = frozenset({"documents", "tongues-benign"})
"""Families that bring their own frame: no English opening or closing is added."""

_SLOT = re.compile(r"\{([a-z0-9_]+|[^{}]*\|[^{}]*)\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeio](?!ne\b|nce\b|u[rgl]|s\b|n\b|r\b|f\b)[a-z-])")
"""The article of a slot that turned out to start with a vowel (not: a one, once, European)."""

_LOWER_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_REDRAWS = 8
_TYPED = re.compile(r"[a-zA-ZÀ-ɏЀ-ӿ]{3}")
"""Letters of keyboards that have one key for each: slips elsewhere look otherwise."""

Slots = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern and the slots of its file. ``parts``: how many of ``lines`` a text takes."""

    group: str
    text: str
    slots: Slots
    lines: tuple[str, ...] = ()
    parts: tuple[int, int] = (0, 0)
    join: str = " "


def examples(rng: random.Random, count: int) -> Iterator[Example]:
    """``count`` benign examples over all families, all but never the same text twice."""
    patterns = {family: load(family) for family in WEIGHTS}
    families, weights = list(WEIGHTS), list(WEIGHTS.values())
    seen: set[str] = set()
    for _ in range(count):
        family = rng.choices(families, weights)[0]
        for _ in range(_REDRAWS):
            text, group = _draw(rng, family, patterns)
            if text not in seen:
                break
        seen.add(text)
        yield Example(text, USER, f"gen/{family}", "benign", group=group)


def _draw(
    rng: random.Random, family: str, patterns: Mapping[str, Sequence[Pattern]]
) -> tuple[str, str]:
    pattern = rng.choice(patterns[family])
    text = fill(pattern, rng)
    if family not in _PLAIN:
        text = _company(rng, family, text, patterns)
        text = _frame(rng, text, pattern.slots)
    return _worn(rng, text, keep_case=family == "documents"), pattern.group


def _company(
    rng: random.Random, family: str, text: str, patterns: Mapping[str, Sequence[Pattern]]
) -> str:
    """The text, sometimes next to a second one, as people ask two things at once."""
    if rng.random() > 0.16:
        return text
    other = family if rng.random() < 0.6 else rng.choice(("trigger", "own-secret", "llm-dev"))
    second = fill(rng.choice(patterns[other]), rng)
    if len(text) + len(second) > 500 or text == second:
        return text
    pair = [text, second]
    rng.shuffle(pair)
    joint = rng.choice((" ", " ", "\n", "\n\n", " Also: ", " And another thing: ", " Then: "))
    return joint.join(pair)


def _frame(rng: random.Random, text: str, slots: Slots) -> str:
    """The text with the openings, closings and headings that attacks have as well."""
    draw = rng.random()
    if draw < 0.16:
        opening = expand("{opening}", slots, rng)
        text = f"{opening} {text if opening[-1] in '.!?:' else _midway(text)}"
    elif draw < 0.21:
        heading = expand("{heading}", slots, rng).replace("\\n", "\n")
        text = f"{heading}{'' if heading[-1] == chr(10) else ' '}{text}"
    elif draw < 0.23:
        fence = rng.choice(("---", "###", "***", '"""', "=====", "```"))
        text = f"{fence}\n{text}\n{fence}"
    if rng.random() < 0.12:
        text = f"{text} {expand('{closing}', slots, rng)}"
    return text


def _midway(text: str) -> str:
    """``text`` as it reads after a comma: with a small first letter, if its word has others."""
    return text[0].lower() + text[1:] if re.match(r"[A-Z][a-z]", text) else text


def fill(pattern: Pattern, rng: random.Random) -> str:
    """One text of a pattern, as it is before it is framed and worn."""
    text = pattern.text
    if pattern.lines:
        low, high = pattern.parts
        wanted = min(rng.randint(low, high), len(pattern.lines))
        chosen = sorted(rng.sample(range(len(pattern.lines)), wanted))
        text = text.replace("{body}", pattern.join.join(pattern.lines[at] for at in chosen))
    filled = expand(text, pattern.slots, rng)
    if not pattern.group.startswith("tongues"):
        filled = _ARTICLE.sub(r"\1n ", filled)
    return filled.replace("\\n", "\n").replace("⟦", "{").replace("⟧", "}").strip()


def expand(text: str, slots: Slots, rng: random.Random) -> str:
    """``text`` with every slot and alternative filled, the innermost first.

    Raises KeyError for a slot that does not exist.
    """
    used: set[str] = set()
    while found := _SLOT.search(text):
        inner = found[1]
        if "|" in inner:
            value = rng.choice(inner.split("|"))
        elif inner in _NUMBERS:
            value = str(rng.randint(*_NUMBERS[inner]))
        else:
            value = rng.choice(slots[inner])
            if value in used:
                value = rng.choice(slots[inner])
            used.add(value)
        text = text[: found.start()] + value + text[found.end() :]
    return text


_NUMBERS = {
    "n": (2, 30),
    "hour": (7, 20),
    "hundreds": (100, 990),
    "big": (1000, 99999),
    "year": (1987, 2026),
}
"""Slots that are a whole number between two bounds."""


def _worn(rng: random.Random, text: str, keep_case: bool) -> str:
    """The text as people type: now and then in one case, without a full stop, with slips."""
    draw = rng.uniform(0.15, 1) if keep_case else rng.random()
    if draw < 0.12:
        text = text.lower()
    elif draw < 0.145 and len(text) < 300:
        text = text.upper()
    elif draw < 0.20 and text[-1:] in ".?!":
        text = text[:-1]
    elif draw < 0.23 and text[-1:] in ".?!":
        text += text[-1] * rng.randint(1, 3)
    elif draw < 0.25 and not keep_case:
        text = re.sub(r"[,.?!'’]", "", text) or text
    if rng.random() < 0.10:
        for _ in range(rng.randint(1, 2 + len(text) // 120)):
            text = _slip(rng, text)
    return text


def _slip(rng: random.Random, text: str) -> str:
    """``text`` with one slip of the finger."""
    letters = [at for at in range(1, len(text) - 1) if _TYPED.fullmatch(text[at - 1 : at + 2])]
    if not letters:
        return text
    at = rng.choice(letters)
    before, letter, after = text[:at], text[at], text[at + 1 :]
    kind = rng.randrange(4)
    if kind == 0:
        return before + after
    if kind == 1:
        return before + letter + letter + after
    if kind == 2:
        return before + after[0] + letter + after[1:]
    for row in _LOWER_KEYS:
        if letter in row:
            place = row.index(letter)
            return before + row[place - 1 if place else 1] + after
    return before + after


def load(family: str) -> list[Pattern]:
    """The patterns of a family, from ``family.toml`` and ``family.*.toml``."""
    shared = _lists(_read(FOLDER / "slots.toml")["slots"])
    patterns: list[Pattern] = []
    for path in sorted([*FOLDER.glob(f"{family}.toml"), *FOLDER.glob(f"{family}.*.toml")]):
        content = _read(path)
        slots = {**shared, **_lists(content.get("slots", {}))}
        for name, lines in _lists(content.get("patterns", {})).items():
            patterns += [
                Pattern(f"{family}/{name}/{at}", line, slots) for at, line in enumerate(lines)
            ]
        for name, kind in content.get("kinds", {}).items():
            patterns += _kind(f"{family}/{name}", kind, slots)
    return patterns


def _kind(group: str, kind: Mapping[str, Any], slots: Slots) -> list[Pattern]:
    """The patterns of a longer text: each of its frames around some of its lines."""
    low, high = kind["parts"]
    lines = tuple(_split(kind["lines"]))
    return [
        Pattern(f"{group}/{at}", frame, slots, lines, (low, high), kind.get("join", " "))
        for at, frame in enumerate(_split(kind["frames"]))
        for _ in range(int(kind.get("weight", 1)))
    ]


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _lists(table: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: _split(text) for name, text in table.items()}


def _split(text: str) -> list[str]:
    """The lines of a block; a short list may stand on one line, parted by `` / ``."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if len(lines) == 1 and " / " in lines[0]:
        return [entry.strip() for entry in lines[0].split(" / ")]
    return lines
