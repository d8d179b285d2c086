"""Documents for the document channel: with orders to the assistant planted in them, and clean.

Every text is one task: a span marks each planted order, exactly. Many clean documents are twins of
an attack: the same document with a sentence for people in the same place, so that neither layout
nor place tells them apart.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from training.corpus import rows
from training.examples import DOCUMENT, INSTRUCTION, Example, Span
from training.generate.planted_contexts import BUILDERS, CLOSE, OPEN, marked
from training.generate.planted_grammar import Grammar
from training.written import FOLDER, lines

POOLS = (
    "plain-task",
    "assistant-order",
    "tool-order",
    "exfiltration",
    "override",
    "propaganda",
    "code-order",
    "hidden",
)
"""Kinds of orders; the ``group`` of a text that has one planted."""

WRITTEN = "written"
"""The pool of the orders that no template made."""

ALONE = "doc/alone"
"""The family of documents that are an order, or a sentence for people, and nothing more."""

GRAMMAR = Grammar(Path(__file__).parent)

_ORDERS, _PEOPLE, _CLEAN, _DONE_PLANTED, _DONE_CLEAN = (
    FOLDER / "document" / f"{name}.txt"
    for name in ("orders", "people", "clean", "planted", "unplanted")
)
_TASKS = frozenset({"plain-task", WRITTEN})
"""Pools with orders that only the place makes an attack."""
_WRITTEN_SHARE = 0.45
"""Share of the orders, and of the sentences for people, that no template made."""
_PLANTED = 0.45
_TWIN = 0.5
_SECOND = 0.05
_WORDS = 350
_PLACEHOLDER = "<Attacker Instruction>"
_MARKS = re.compile(f"{OPEN}(.*?){CLOSE}", re.DOTALL)
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BLANK = re.compile(r"\n\s*\n\s*")
_FRAME = re.compile(
    r"\b(summar|tl;dr|question|answer|passage|paragraph|article|write|extract|generate|title|"
    r"context|choose|information:|guess|stock|storyline|rephrase|recap|roommate|condense|"
    r"outline|topic|movie plot|given|bio)",
    re.IGNORECASE,
)


def _unmarked(text: str) -> tuple[str, tuple[Span, ...]]:
    """``text`` without marks, and what they enclosed."""
    spans, removed = [], 0
    for match in _MARKS.finditer(text):
        start = match.start() - removed
        spans.append(Span(start, start + len(match[1]), INSTRUCTION))
        removed += len(OPEN) + len(CLOSE)
    return text.replace(OPEN, "").replace(CLOSE, ""), tuple(spans)


def _attack(text: str, family: str, group: str) -> Example:
    plain, spans = _unmarked(text)
    return Example(plain, DOCUMENT, family, "attack", spans, group)


def _benign(text: str, family: str, group: str = "") -> Example:
    return Example(_unmarked(text)[0], DOCUMENT, family, "benign", (), group)


def _typo(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text))
    row = next((keys for keys in _KEYS if text[place].lower() in keys), "")
    choice = rng.random()
    if not row or choice < 0.4:
        return text[:place] + text[place + 1 :]
    if choice < 0.7:
        return text[:place] + rng.choice(row) + text[place + 1 :]
    return text[:place] + text[place] * 2 + text[place + 1 :]


def _worn(text: str, seed: int) -> str:
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


def _for_people(rng: random.Random, family: str) -> str:
    """A sentence or more for people, of the kind that a document of this family may have."""
    section = "human"
    if family.endswith("code"):
        section = rng.choice(("human", "note", "note"))
    elif family.endswith(("json", "injecagent", "table")):
        section = rng.choice(("human", "human", "review", "ticket", "snippet"))
    texts = []
    for _ in range(rng.choice((1, 1, 1, 2))):
        own = rng.random() < _WRITTEN_SHARE
        texts.append(rng.choice(lines(_PEOPLE)) if own else GRAMMAR.one(rng, section))
    return " ".join(texts)


def _pairs(
    build: Callable[[int, Sequence[str]], str],
    family: str,
    rng: random.Random,
    orders: Sequence[str],
    group: str,
) -> Iterator[Example]:
    """An attack and, half of the time, its clean twin."""
    seed = rng.getrandbits(32)
    yield _attack(build(seed, [_worn(order, seed) for order in orders]), family, group)
    if rng.random() < _TWIN:
        others = [_worn(_for_people(rng, family), seed) for _ in orders]
        yield _benign(build(seed, others), family, f"twin/{group}")


def _written(grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool) -> str:
    """A document that no template made, with texts planted in it."""
    return _planted_in(_pieces(rng.choice(lines(_CLEAN))), rng.getrandbits(32), texts)


def _alone(grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool) -> str:
    """A document that says nothing else."""
    return "\n".join(map(marked, texts or [_for_people(rng, ALONE)]))


CARRIERS = {**BUILDERS, "doc/written": _written, ALONE: _alone}
"""What makes a document, by family."""


def _order(rng: random.Random, pool: str) -> str:
    return rng.choice(lines(_ORDERS)) if pool == WRITTEN else GRAMMAR.one(rng, pool)


def _generated(rng: random.Random) -> Iterator[Example]:
    families = list(CARRIERS)
    # Half of the attacks bring a clean twin, so fewer than that are drawn clean.
    planted = _PLANTED / (1 - _PLANTED * _TWIN)
    while True:
        family = rng.choice(families)
        pool = WRITTEN if rng.random() < _WRITTEN_SHARE else rng.choice(POOLS)
        if family == ALONE and pool in _TASKS:  # alone it would be any question
            pool = rng.choice([one for one in POOLS if one not in _TASKS])
        if pool == "code-order" and rng.random() < 0.4:
            family = "doc/code"
        builder = CARRIERS[family]

        def build(
            seed: int,
            texts: Sequence[str],
            family: str = family,
            hidden: bool = pool == "hidden",
        ) -> str:
            return CARRIERS[family](GRAMMAR, random.Random(seed), texts, hidden)

        if rng.random() < planted:
            orders = [_order(rng, pool) for _ in range(1 + (rng.random() < _SECOND))]
            yield from _pairs(build, family, rng, orders, pool)
        else:
            yield _benign(builder(GRAMMAR, rng, (), False), family)


def generated(rng: random.Random, count: int) -> Iterator[Example]:
    """``count`` documents of our own: ``family`` is the kind of document, ``group`` the pool."""
    return islice(_generated(rng), count)


def written() -> Iterator[Example]:
    """The documents that were written whole: the order that stands in one is marked."""
    for text in lines(_DONE_PLANTED):
        yield _attack(text, "written/planted", WRITTEN)
    for text in lines(_DONE_CLEAN):
        yield _benign(text, "written/planted")


def _pieces(text: str) -> list[str]:
    """``text`` cut after sentences and at line breaks, blank lines one at a time."""
    return re.findall(r"[^\n]*?[.!?](?=[ \n]|$)|[^\n]+|\n+", _BLANK.sub("\n\n", text))


def _window(text: str, rng: random.Random) -> list[str]:
    """Up to 350 words of ``text``, in pieces between which something can be planted."""
    pieces = _pieces(text)
    if sum(len(piece.split()) for piece in pieces) > _WORDS:
        pieces = pieces[rng.randrange(max(1, len(pieces) // 2)) :]
    kept: list[str] = []
    words = 0
    limit = rng.randint(60, _WORDS)
    for piece in pieces:
        words += len(piece.split())
        if words > limit and kept:
            break
        kept.append(piece)
    return kept


def _planted_in(pieces: Sequence[str], seed: int, texts: Sequence[str]) -> str:
    rng = random.Random(seed)
    parts = list(pieces)
    for text in texts:
        place = rng.choice((0, len(parts), len(parts), rng.randint(0, len(parts))))
        gap = rng.choice((" ", "\n", "\n", "\n\n"))
        before, after = (gap if place else ""), (gap if place < len(parts) else "")
        parts.insert(place, before + marked(text) + after)
    return "".join(parts)


class _Folder:
    """The sets of a data folder that have documents or what to plant in them."""

    def __init__(self, data: Path) -> None:
        folder = data / "injection"
        self.contexts: dict[str, list[str]] = {"email": [], "code": [], "table": []}
        for row in rows(folder / "bipia_contexts_train.jsonl"):
            self.contexts[row["kind"]].append(row["text"])
        self.orders = list(rows(folder / "bipia_text_attacks_train.jsonl"))
        self.code_orders = list(rows(folder / "bipia_code_attacks_train.jsonl"))
        self.responses = list(rows(folder / "injecagent_tool_responses_train.jsonl"))
        wanted = re.compile("xsum|cnn|wiki|quoref|duorc")
        self.passages = [
            row["text"]
            for row in rows(folder / "benign_tasks.jsonl")
            if row["source"].startswith("p3/") and wanted.search(row["source"])
        ]

    def tool_result(self, rng: random.Random) -> Iterator[Example]:
        """A tool's result as it is, or with harmless content in its place."""
        row: dict[str, Any] = rng.choice(self.responses)
        before, _, after = row["template"].partition(_PLACEHOLDER)
        quoted = row["text"].startswith('"') and not row["template"].startswith('"')
        if quoted and rng.random() < 0.3:
            before, after = f'"{before}', f'{after}"'
        text = row["instruction"]
        if rng.random() < _PLANTED:
            yield _attack(before + marked(text) + after, "injecagent", row["tool"])
        else:
            harmless = _worn(_for_people(rng, "injecagent"), rng.getrandbits(32))
            yield _benign(before + harmless + after, "injecagent", f"twin/{row['tool']}")

    def passage(self, rng: random.Random) -> list[str]:
        """Sentences of a passage, without the task that was put around it."""
        for _ in range(20):
            pieces = _window(rng.choice(self.passages), rng)
            kept = [piece for piece in pieces if not _FRAME.search(piece)]
            if sum(len(piece.split()) for piece in kept) >= 30:
                return _pieces("".join(kept).strip())
        return []

    def document(self, rng: random.Random) -> Iterator[Example]:
        """A document of the folder, with an order planted in it or clean."""
        kind = rng.choices(("email", "code", "table", "prose"), (2, 2, 3, 4))[0]
        family = "p3/prose" if kind == "prose" else f"bipia/{kind}"
        passage = kind == "prose"
        pieces = self.passage(rng) if passage else _window(rng.choice(self.contexts[kind]), rng)
        if not pieces:
            return
        if rng.random() >= _PLANTED / (1 - _PLANTED * _TWIN):
            yield _benign("".join(pieces), family)
            return
        pool = self.code_orders if kind == "code" and rng.random() < 0.75 else self.orders
        order = rng.choice(pool)

        def build(seed: int, texts: Sequence[str]) -> str:
            return _planted_in(pieces, seed, texts)

        yield from _pairs(build, family, rng, [order["text"].strip()], order["category"])


def _from_data(folder: _Folder, rng: random.Random) -> Iterator[Example]:
    while True:
        if rng.random() < 0.25:
            yield from folder.tool_result(rng)
        else:
            yield from folder.document(rng)


def from_data(data: Path, rng: random.Random, count: int) -> Iterator[Example]:
    """``count`` documents made of the public sets in the folder ``data``.

    ``family`` is the set and the kind of document, ``group`` the category of what was planted, or
    the tool. Raises FileNotFoundError: a set is missing.
    """
    return islice(_from_data(_Folder(data), rng), count)
