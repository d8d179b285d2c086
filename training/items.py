"""Turns examples into what the network is fed: windows of tokens with a target for each head."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from gateway.encoder.shapes import shapes_of
from training.examples import DOCUMENT, INSTRUCTION, PII, ROUTE, TOXICITY, USER, Example
from training.model import HEADS

WINDOW = 126
"""Tokens of a window, without the two that mark its ends."""
WINDOWS = 3
"""Windows of one text at most: its head, its tail, and one between."""
UNKNOWN = -1.0
IGNORED = -100

_AT = {name: index for index, name in enumerate(HEADS)}
_ROUTES = ("chitchat", "knowledge", "task")
_EFFORTS = ("simple", "medium", "complex")
_SIMPLE_TOKENS, _COMPLEX_TOKENS = 24, 80
_COMPLEX_FAMILIES = frozenset({"arena-hard-v0.1", "mt-bench", "roleplay"})


@dataclass(frozen=True, slots=True)
class Piece:
    """One window: ``ids`` and ``shapes`` [tokens] with the marks at its ends; ``kinds`` [tokens],
    the index of the tag of each token or IGNORED; ``orders`` [tokens], 1 where the token belongs to
    an order, 0 where not, UNKNOWN where nothing is known."""

    ids: NDArray[np.int64]
    shapes: NDArray[np.int64]
    kinds: NDArray[np.int64]
    orders: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Item:
    """A text with its pieces. ``targets`` [heads]: 0 or 1, or UNKNOWN."""

    pieces: tuple[Piece, ...]
    targets: NDArray[np.float32]
    weight: float = 1.0


class Reader:
    """Makes items. ``tags`` in the order of the network's columns, INSTRUCTION first."""

    def __init__(self, tokenizer: Tokenizer, tags: Sequence[str], seed: int) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self._tags = {name: index for index, name in enumerate(tags)}
        self._rng = random.Random(seed)
        self._first, self._last = (tokenizer.get_vocab()[mark] for mark in ("[CLS]", "[SEP]"))

    def items(self, examples: Sequence[Example]) -> list[Item]:
        """One item for every example that has a word in it."""
        read = self._tokenizer.encode_batch([e.text for e in examples], add_special_tokens=False)
        return [self._item(e, r) for e, r in zip(examples, read, strict=True) if r.ids]

    def _item(self, example: Example, read: Encoding) -> Item:
        ids = np.asarray(read.ids, dtype=np.int64)
        offsets = np.asarray(read.offsets, dtype=np.int32)
        shapes = np.asarray(shapes_of(example.text, offsets[:, 0], offsets[:, 1]), dtype=np.int64)
        kinds, orders = self._token_targets(example, offsets)
        wanted = self._starts(len(ids), orders)
        cuts = [slice(at, at + WINDOW) for at in wanted]
        pieces = tuple(self._piece(ids[c], shapes[c], kinds[c], orders[c]) for c in cuts)
        return Item(pieces, _targets(example, len(ids)), _weight(example))

    def _piece(
        self,
        ids: NDArray[np.int64],
        shapes: NDArray[np.int64],
        kinds: NDArray[np.int64],
        orders: NDArray[np.float32],
    ) -> Piece:
        return Piece(
            np.concatenate([[self._first], ids, [self._last]]),
            np.concatenate([[0], shapes, [0]]),
            np.concatenate([[IGNORED], kinds, [IGNORED]]),
            np.concatenate([[UNKNOWN], orders, [UNKNOWN]]).astype(np.float32),
        )

    def _token_targets(
        self, example: Example, offsets: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        kinds = np.full(len(offsets), IGNORED, dtype=np.int64)
        orders = np.full(len(offsets), UNKNOWN, dtype=np.float32)
        if example.task == PII:
            kinds[:] = self._tags["O"]
        if example.task == DOCUMENT:
            orders[:] = 0.0
        for span in example.spans:
            inside = np.flatnonzero((offsets[:, 0] < span.end) & (offsets[:, 1] > span.start))
            if span.kind == INSTRUCTION:
                orders[inside] = 1.0
            elif len(inside) and f"B-{span.kind}" in self._tags:
                kinds[inside] = self._tags[f"I-{span.kind}"]
                kinds[inside[0]] = self._tags[f"B-{span.kind}"]
        return kinds, orders

    def _starts(self, tokens: int, orders: NDArray[np.float32]) -> list[int]:
        """Where windows begin: head and tail, and one between, near an order if there is one."""
        if tokens <= WINDOW:
            return [0]
        last = tokens - WINDOW
        starts = [0, last]
        planted = np.flatnonzero(orders == 1.0)
        if len(planted):
            lead = self._rng.randint(0, WINDOW // 2)
            starts.append(min(last, max(0, int(planted[0]) - lead)))
        elif last > WINDOW // 2 and len(starts) < WINDOWS:
            starts.append(self._rng.randint(1, last))
        return sorted(set(starts))


def _weight(example: Example) -> float:
    """Texts that no template made count twice: there are few of them, and they differ."""
    written = example.family.startswith("written/")
    return 2.0 if written or example.family in ("surge", "jailbreaks") else 1.0


def _targets(example: Example, tokens: int) -> NDArray[np.float32]:
    targets = np.full(len(HEADS), UNKNOWN, dtype=np.float32)
    if example.task == USER:
        targets[_AT["injection"]] = float(example.label == "attack")
        if example.label == "benign" and not example.family.startswith(("gen/", "written/")):
            _choose(targets, _ROUTES, "task")
            _choose(targets, _EFFORTS, _effort(example, tokens))
    elif example.task == ROUTE:
        targets[_AT["injection"]] = 0.0
        _choose(targets, _ROUTES, example.label)
        _choose(targets, _EFFORTS, "simple")
    elif example.task == TOXICITY:
        targets[_AT["injection"]] = 0.0
        _kinds_of_toxicity(targets, example.label)
    elif example.task == PII:
        targets[_AT["injection"]] = 0.0
    return targets


def _choose(targets: NDArray[np.float32], among: Sequence[str], chosen: str) -> None:
    for name in among:
        targets[_AT[name]] = float(name == chosen)


def _kinds_of_toxicity(targets: NDArray[np.float32], label: str) -> None:
    if label == "clean":
        targets[[_AT["toxic"], _AT["hate"], _AT["offensive"]]] = 0.0
    elif label == "toxic":
        targets[_AT["toxic"]] = 1.0
    else:
        targets[[_AT["toxic"], _AT["offensive"]]] = 1.0
        targets[_AT["hate"]] = float(label == "hate")


def _effort(example: Example, tokens: int) -> str:
    """How much a task asks for, by where it comes from and how long it is: there is no set that
    says so."""
    if example.family in _COMPLEX_FAMILIES or tokens > _COMPLEX_TOKENS:
        return "complex"
    return "simple" if tokens <= _SIMPLE_TOKENS else "medium"
