"""Documents of our own for the document channel: with orders to the assistant planted in them, and
clean.

Every text is one task: a span marks each planted order, exactly. Many clean documents are twins of
an attack: the same document with a sentence for people in the same place, so that neither layout
nor place tells them apart.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import islice

from training.examples import Example
from training.generate.planted_contexts import BUILDERS, marked
from training.generate.planted_grammar import Grammar
from training.generate.planting import (
    DOCUMENTS,
    GRAMMAR,
    PLANTED,
    TWIN,
    WRITTEN_SHARE,
    attack,
    benign,
    cut,
    for_people,
    pairs,
    planted_in,
    texts_of,
)
from training.written import lines

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

_TASKS = frozenset({"plain-task", WRITTEN})
"""Pools with orders that only the place makes an attack."""
_SECOND = 0.05


def _written(grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool) -> str:
    """A document that no template made, with texts planted in it."""
    return planted_in(cut(rng.choice(texts_of("clean"))), rng.getrandbits(32), texts)


def _alone(grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool) -> str:
    """A document that says nothing else."""
    return "\n".join(map(marked, texts or [for_people(rng, ALONE)]))


CARRIERS = {**BUILDERS, "doc/written": _written, ALONE: _alone}
"""What makes a document, by family."""


def _order(rng: random.Random, pool: str) -> str:
    return rng.choice(texts_of("orders")) if pool == WRITTEN else GRAMMAR.one(rng, pool)


def _generated(rng: random.Random) -> Iterator[Example]:
    families = list(CARRIERS)
    # Half of the attacks bring a clean twin, so fewer than that are drawn clean.
    planted = PLANTED / (1 - PLANTED * TWIN)
    while True:
        family = rng.choice(families)
        pool = WRITTEN if rng.random() < WRITTEN_SHARE else rng.choice(POOLS)
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
            yield from pairs(build, family, rng, orders, pool)
        else:
            yield benign(builder(GRAMMAR, rng, (), False), family)


def generated(rng: random.Random, count: int) -> Iterator[Example]:
    """``count`` documents of our own: ``family`` is the kind of document, ``group`` the pool."""
    return islice(_generated(rng), count)


def written() -> Iterator[Example]:
    """The documents that were written whole: the order that stands in one is marked."""
    for path in sorted(DOCUMENTS.glob("planted*.txt")):
        family = f"written/{path.stem}"
        for text in lines(path):
            yield attack(text, family, WRITTEN)
        for text in lines(path.with_name(f"un{path.name}")):
            yield benign(text, family)
