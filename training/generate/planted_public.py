"""Documents of the public sets, with orders planted in them, and clean."""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from training.corpus import rows
from training.examples import Example
from training.generate.planted_contexts import marked
from training.generate.planting import (
    PLANTED,
    TWIN,
    attack,
    benign,
    cut,
    for_people,
    pairs,
    planted_in,
    worn,
)

_WORDS = 350
_PLACEHOLDER = "<Attacker Instruction>"
_FRAME = re.compile(
    r"\b(summar|tl;dr|question|answer|passage|paragraph|article|write|extract|generate|title|"
    r"context|choose|information:|guess|stock|storyline|rephrase|recap|roommate|condense|"
    r"outline|topic|movie plot|given|bio)",
    re.IGNORECASE,
)


def _window(text: str, rng: random.Random) -> list[str]:
    """Up to 350 words of ``text``, in pieces between which something can be planted."""
    pieces = cut(text)
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
        if rng.random() < PLANTED:
            yield attack(before + marked(text) + after, "injecagent", row["tool"])
        else:
            harmless = worn(for_people(rng, "injecagent"), rng.getrandbits(32))
            yield benign(before + harmless + after, "injecagent", f"twin/{row['tool']}")

    def passage(self, rng: random.Random) -> list[str]:
        """Sentences of a passage, without the task that was put around it."""
        for _ in range(20):
            pieces = _window(rng.choice(self.passages), rng)
            kept = [piece for piece in pieces if not _FRAME.search(piece)]
            if sum(len(piece.split()) for piece in kept) >= 30:
                return cut("".join(kept).strip())
        return []

    def document(self, rng: random.Random) -> Iterator[Example]:
        """A document of the folder, with an order planted in it or clean."""
        kind = rng.choices(("email", "code", "table", "prose"), (2, 2, 3, 4))[0]
        family = "p3/prose" if kind == "prose" else f"bipia/{kind}"
        passage = kind == "prose"
        pieces = self.passage(rng) if passage else _window(rng.choice(self.contexts[kind]), rng)
        if not pieces:
            return
        if rng.random() >= PLANTED / (1 - PLANTED * TWIN):
            yield benign("".join(pieces), family)
            return
        pool = self.code_orders if kind == "code" and rng.random() < 0.75 else self.orders
        order = rng.choice(pool)

        def build(seed: int, texts: Sequence[str]) -> str:
            return planted_in(pieces, seed, texts)

        yield from pairs(build, family, rng, [order["text"].strip()], order["category"])


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
