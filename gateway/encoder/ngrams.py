"""A linear model over hashed words and letter groups: it sees wordings that the encoder overlooks.

Features are words, pairs of neighbouring words, and groups of 3 to 5 letters within words (their
ends included), each hashed to one of 2^17 places (Weinberger et al. 2009, arXiv:0902.2206). Counts
are damped (1 + ln n) and each text's values have length 1. Training uses ``table`` as well, so that
a model is fed the same numbers as when it was fitted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Values = NDArray[np.float32]
_Codes = NDArray[np.uint32]

BUCKETS: Final = 2**17
"""Places that a feature can hash to."""
_GROUPS: Final = (3, 4, 5)
_WORD = re.compile(r"[^\W_]{1,64}")
_BLANK: Final = 32
_BASE: Final = np.uint32(0x01000193)
_MASK: Final = 0xFFFFFFFF
_POWERS: _Codes = np.array([pow(0x01000193, i, 2**32) for i in range(66)], dtype=np.uint32)
_SALTS: Final = {size: np.uint32((0x9E3779B1 * (size + 1)) & _MASK) for size in (1, 2, *_GROUPS)}
"""Keeps a word, a pair of words and a group of letters with the same spelling apart."""


@dataclass(frozen=True, slots=True)
class Table:
    """The features of several texts: text ``rows[i]`` has ``values[i]`` at ``indices[i]``.

    Sorted by row, then index; each pair occurs once.
    """

    rows: Indices
    indices: Indices
    values: Values


def features(text: str) -> tuple[Indices, Values]:
    """Where a folded text (``Viewer.fold``) has features, and how strong they are."""
    one = table([text])
    return one.indices, one.values


def table(texts: Sequence[str]) -> Table:
    """The features of folded texts. Linear in their length."""
    words: list[str] = []
    counts: list[int] = []
    for text in texts:
        found = _WORD.findall(text)
        words += found
        counts.append(len(found))
    if not words:
        nothing = np.zeros(0, dtype=np.int64)
        return Table(nothing, nothing, np.zeros(0, dtype=np.float32))
    owners = np.repeat(np.arange(len(texts)), counts)
    hashes, rows = _hashed(words, owners)
    keys, times = np.unique(rows * BUCKETS + hashes, return_counts=True)
    rows, indices = np.divmod(keys, BUCKETS)
    values = (1.0 + np.log(times)).astype(np.float32)
    length = np.sqrt(np.bincount(rows, weights=np.square(values), minlength=len(texts)))
    return Table(rows, indices, (values / length[rows]).astype(np.float32))


def _hashed(words: Sequence[str], owners: Indices) -> tuple[Indices, Indices]:
    """The place of every feature, and the text it belongs to."""
    line = f" {' '.join(words)} "
    codes = np.frombuffer(line.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    blank = codes == _BLANK
    begun = np.cumsum(blank)  # blanks up to here; the word here, or behind a blank, is one less
    starts = np.flatnonzero(blank)[:-1] + 1
    at = np.arange(len(codes) - 1)
    within = at - starts[begun[:-1] - 1]
    terms = np.where(blank[:-1], np.uint32(0), codes[:-1] * _POWERS[within])
    singles = np.add.reduceat(terms, starts, dtype=np.uint32)
    together = owners[1:] == owners[:-1]
    pairs = (singles[:-1] * _BASE + _mixed(singles[1:]))[together]
    found = [_place(singles, 1), _place(pairs, 2)]
    rows = [owners, owners[1:][together]]
    rolling = codes[:-1] + codes[1:] * _BASE
    for size in _GROUPS:
        if len(codes) < size:
            break
        rolling = rolling[: len(codes) - size + 1] + codes[size - 1 :] * _POWERS[size - 1]
        # a group may begin or end with the blank at a word's end, and holds no other one
        whole = begun[: len(rolling)] == begun[size - 2 : size - 2 + len(rolling)]
        found.append(_place(rolling[whole], size))
        rows.append(owners[begun[: len(rolling)][whole] - 1])
    return np.concatenate(found), np.concatenate(rows)


def _mixed(hashes: _Codes) -> _Codes:
    """Every bit of the result depends on every bit given (the finaliser of MurmurHash3)."""
    mixed: _Codes = hashes ^ (hashes >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def _place(hashes: _Codes, size: int) -> Indices:
    return (_mixed(hashes + _SALTS[size]) % np.uint32(BUCKETS)).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class NgramModel:
    """``weights``: [BUCKETS]. A score is a logit: 0 is even odds."""

    weights: Values
    bias: float

    @classmethod
    def load(cls, path: Path) -> "NgramModel":
        """Reads what ``save`` wrote. Raises OSError, and ValueError for a file of another kind."""
        with np.load(path, allow_pickle=False) as stored:
            if "weights" not in stored or "bias" not in stored:
                raise ValueError(f"{path}: no n-gram model: it has {sorted(stored)}")
            weights, bias = stored["weights"], float(stored["bias"])
        if weights.shape != (BUCKETS,):
            raise ValueError(f"{path}: weights of shape {weights.shape}, expected ({BUCKETS},)")
        return cls(weights.astype(np.float32), bias)

    def save(self, path: Path) -> None:
        """Writes half-precision weights: a quarter of a megabyte, less where many are zero."""
        weights, bias = self.weights.astype(np.float16), np.float32(self.bias)
        np.savez_compressed(path, weights=weights, bias=bias)

    def score(self, text: str) -> float:
        """The logit of one folded text; the bias alone for a text without words."""
        return float(self.scores([text])[0])

    def scores(self, texts: Sequence[str]) -> Values:
        """[texts], the logit of each folded text."""
        found = table(texts)
        sums = np.bincount(
            found.rows, weights=self.weights[found.indices] * found.values, minlength=len(texts)
        )
        return (sums + self.bias).astype(np.float32)
