"""Figures of retrieval and answers, as plain functions.

A ranking is a list of gains, best first: True where a passage is one of the expected ones that no
earlier passage was.
"""

import math
import re
from collections.abc import Sequence

from gateway.core.words import stems

_BLANKS = re.compile(r"\s+")
_GROUPED = re.compile(r"(?<=\d)[,\u202f\u00a0'](?=\d{3}\b)")


def gains(ranked: Sequence[tuple[str, str]], expected: Sequence[str]) -> list[bool]:
    """Which of the ranked passages, as (chunk id, document id), is the first to be one of those
    expected; an expected id names a chunk or a whole document, and counts once."""
    open_ones = list(dict.fromkeys(expected))
    found = []
    for chunk, document in ranked:
        match = next((one for one in (chunk, document) if one in open_ones), None)
        if match is not None:
            open_ones.remove(match)
        found.append(match is not None)
    return found


def hit(ranked: Sequence[bool]) -> float:
    """1 when an expected passage is there at all."""
    return 1.0 if any(ranked) else 0.0


def reciprocal_rank(ranked: Sequence[bool]) -> float:
    """One over the place of the first expected passage; 0 without one."""
    return next((1.0 / place for place, gain in enumerate(ranked, start=1) if gain), 0.0)


def recall_at(ranked: Sequence[bool], expected: int, k: int) -> float:
    """The share of the ``expected`` passages that stand among the first ``k``.

    Raises ValueError when none is expected.
    """
    if expected < 1:
        raise ValueError("recall needs at least one expected passage")
    return sum(ranked[:k]) / expected


def ndcg(ranked: Sequence[bool], expected: int, k: int = 10) -> float:
    """Discounted gain of the first ``k`` over that of the best order (Järvelin & Kekäläinen 2002).

    Raises ValueError when none is expected.
    """
    if expected < 1:
        raise ValueError("nDCG needs at least one expected passage")
    got = sum(1 / math.log2(place + 1) for place, gain in enumerate(ranked[:k], start=1) if gain)
    best = sum(1 / math.log2(place + 1) for place in range(1, min(expected, k) + 1))
    return got / best


def plain(text: str) -> str:
    """A text for comparison: no case, single blanks, ``1,500`` as ``1500``."""
    return _GROUPED.sub("", _BLANKS.sub(" ", text)).casefold().strip()


def says(answer: str, fact: str) -> bool:
    """Whether an answer has a fact's wording, not as part of a longer word or number."""
    wanted = re.escape(plain(fact))
    whole = rf"(?<!\w)(?<!\d[.,]){wanted}(?!\w)(?![.,]\d)"
    return re.search(whole, plain(answer)) is not None


def facts_said(answer: str, facts: Sequence[Sequence[str]]) -> float | None:
    """The share of facts that an answer says; each fact is a list of wordings. None without any."""
    if not facts:
        return None
    return sum(any(says(answer, one) for one in wordings) for wordings in facts) / len(facts)


def token_f1(answer: str, wanted: str) -> float:
    """The overlap of the content words of two texts, as the harmonic mean of precision and recall
    (SQuAD's F1, on distinct stems)."""
    ours, theirs = set(stems(answer)), set(stems(wanted))
    if not ours and not theirs:
        return 1.0
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def mean(values: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return sum(values) / len(values) if values else None
