"""How a document comes to have an order in it, or a sentence for people in the same place."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

from training.examples import DOCUMENT, INSTRUCTION, Example, Span
from training.generate.planted_contexts import CLOSE, OPEN, marked
from training.generate.planted_grammar import Grammar
from training.written import FOLDER, lines

GRAMMAR = Grammar(Path(__file__).parent)
DOCUMENTS = FOLDER / "document"
WRITTEN_SHARE = 0.45
"""Share of the orders, and of the sentences for people, that no template made."""
PLANTED = 0.45
"""Share of the documents that have an order in them."""
TWIN = 0.5
"""Share of those that bring a clean twin: with a sentence for people in the same place."""

_MARKS = re.compile(f"{OPEN}(.*?){CLOSE}", re.DOTALL)
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BLANK = re.compile(r"\n\s*\n\s*")


@cache
def texts_of(name: str) -> tuple[str, ...]:
    """The texts of all files of written documents whose names begin so."""
    return tuple(chain.from_iterable(map(lines, sorted(DOCUMENTS.glob(f"{name}*.txt")))))


def unmarked(text: str) -> tuple[str, tuple[Span, ...]]:
    """``text`` without marks, and what they enclosed."""
    spans, removed = [], 0
    for match in _MARKS.finditer(text):
        start = match.start() - removed
        spans.append(Span(start, start + len(match[1]), INSTRUCTION))
        removed += len(OPEN) + len(CLOSE)
    return text.replace(OPEN, "").replace(CLOSE, ""), tuple(spans)


def attack(text: str, family: str, group: str) -> Example:
    plain, spans = unmarked(text)
    return Example(plain, DOCUMENT, family, "attack", spans, group)


def benign(text: str, family: str, group: str = "") -> Example:
    return Example(unmarked(text)[0], DOCUMENT, family, "benign", (), group)


def _typo(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text))
    row = next((keys for keys in _KEYS if text[place].lower() in keys), "")
    choice = rng.random()
    if not row or choice < 0.4:
        return text[:place] + text[place + 1 :]
    if choice < 0.7:
        return text[:place] + rng.choice(row) + text[place + 1 :]
    return text[:place] + text[place] * 2 + text[place + 1 :]


def worn(text: str, seed: int) -> str:
    """``text`` as people type it; orders and sentences for people are worn alike."""
    rng = random.Random(seed)
    fate = rng.random()
    if fate < 0.03 and len(text) < 120:
        text = text.upper()
    elif fate < 0.12:
        text = text.lower()
    elif fate < 0.17:
        text = text[:1].upper() + text[1:]
    if rng.random() < 0.15:
        text = text.rstrip(".!")
    if rng.random() < 0.1 and len(text) > 12:
        for _ in range(rng.randint(1, 3)):
            text = _typo(text, rng)
    return text


def for_people(rng: random.Random, family: str) -> str:
    """A sentence or more for people, of the kind that a document of this family may have."""
    section = "human"
    if family.endswith("code"):
        section = rng.choice(("human", "note", "note"))
    elif family.endswith(("json", "injecagent", "table")):
        section = rng.choice(("human", "human", "review", "ticket", "snippet"))
    texts = []
    for _ in range(rng.choice((1, 1, 1, 2))):
        own = rng.random() < WRITTEN_SHARE
        texts.append(rng.choice(texts_of("people")) if own else GRAMMAR.one(rng, section))
    return " ".join(texts)


def pairs(
    build: Callable[[int, Sequence[str]], str],
    family: str,
    rng: random.Random,
    orders: Sequence[str],
    group: str,
) -> Iterator[Example]:
    """An attack and, half of the time, its clean twin."""
    seed = rng.getrandbits(32)
    yield attack(build(seed, [worn(order, seed) for order in orders]), family, group)
    if rng.random() < TWIN:
        others = [worn(for_people(rng, family), seed) for _ in orders]
        yield benign(build(seed, others), family, f"twin/{group}")


def cut(text: str) -> list[str]:
    """``text`` cut after sentences and at line breaks, blank lines one at a time."""
    return re.findall(r"[^\n]*?[.!?](?=[ \n]|$)|[^\n]+|\n+", _BLANK.sub("\n\n", text))


def planted_in(pieces: Sequence[str], seed: int, texts: Sequence[str]) -> str:
    rng = random.Random(seed)
    parts = list(pieces)
    for text in texts:
        place = rng.choice((0, len(parts), len(parts), rng.randint(0, len(parts))))
        gap = rng.choice((" ", "\n", "\n", "\n\n"))
        before, after = (gap if place else ""), (gap if place < len(parts) else "")
        parts.insert(place, before + marked(text) + after)
    return "".join(parts)
