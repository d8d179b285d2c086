"""Figures of detectors, as plain functions: flagged means a score at or above the threshold."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Z95: Final = 1.959963984540054
"""The 97.5th percentile of the normal distribution: two-sided 95% intervals."""


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``count``, with the 95% interval of the share. ``value`` is None of nothing."""

    hits: int
    count: int

    @property
    def value(self) -> float | None:
        return self.hits / self.count if self.count else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.count)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One threshold of a curve: (x, y) and the threshold that gives them."""

    x: float
    y: float
    threshold: float


def wilson(hits: int, count: int, z: float = Z95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927); (0, 1) when there is nothing to count.

    Raises ValueError unless 0 <= hits <= count.
    """
    if not 0 <= hits <= count:
        raise ValueError(f"{hits} of {count} is not a share")
    if count == 0:
        return 0.0, 1.0
    share, square = hits / count, z * z
    middle = share + square / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    scale = 1 + square / count
    low = 0.0 if hits == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if hits == count else min(1.0, (middle + half) / scale)
    return low, high


def flagged(scores: Sequence[float], threshold: float) -> Share:
    """How many of these scores reach the threshold."""
    return Share(sum(score >= threshold for score in scores), len(scores))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """How often a positive scores above a negative, a tie counting half (Mann-Whitney); None when
    one side is empty."""
    if not positive or not negative:
        return None
    below = np.sort(np.asarray(negative, dtype=np.float64))
    ours = np.asarray(positive, dtype=np.float64)
    lower = np.searchsorted(below, ours, side="left").sum()
    not_higher = np.searchsorted(below, ours, side="right").sum()
    return float((lower + not_higher) / 2 / (len(positive) * len(negative)))


def threshold_at(negative: Sequence[float], share: float) -> float:
    """The lowest threshold that flags at most ``share`` of these scores: one of them, or the next
    number above one. Minus infinity when all may be flagged or there are none.

    Raises ValueError unless 0 <= share <= 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is not a share")
    ordered = sorted(negative, reverse=True)
    allowed = math.floor(share * len(ordered) + 1e-9)
    if allowed >= len(ordered):
        return -math.inf
    return math.nextafter(ordered[allowed], math.inf)


def worst_threshold(families: Mapping[str, Sequence[float]], share: float) -> tuple[float, str]:
    """The threshold that flags at most ``share`` of every family, and the family that sets it.

    Raises ValueError when there is no family.
    """
    found = {name: threshold_at(scores, share) for name, scores in families.items()}
    if not found:
        raise ValueError("no benign family to set a threshold on")
    worst = max(sorted(found), key=lambda name: found[name])
    return found[worst], worst


def roc(positive: Sequence[float], negative: Sequence[float]) -> list[CurvePoint]:
    """False positives (x) and recall (y) as shares at every distinct score, from (0, 0) to (1, 1).
    Empty when one side is."""
    thresholds, hits, alarms = _steps(positive, negative)
    if not positive or not negative:
        return []
    points = [CurvePoint(0.0, 0.0, math.inf)]
    points += [
        CurvePoint(float(alarm) / len(negative), float(hit) / len(positive), float(threshold))
        for threshold, hit, alarm in zip(thresholds, hits, alarms, strict=True)
    ]
    return points


def precision_recall(positive: Sequence[float], negative: Sequence[float]) -> list[CurvePoint]:
    """Recall (x) and precision (y) at every distinct score, highest first. Empty without
    positives."""
    if not positive:
        return []
    return [
        CurvePoint(float(hit) / len(positive), float(hit) / float(hit + alarm), float(threshold))
        for threshold, hit, alarm in zip(*_steps(positive, negative), strict=True)
    ]


def average_precision(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The precision at each threshold, weighted by the recall it adds; None without positives."""
    if not positive:
        return None
    total, before = 0.0, 0.0
    for point in precision_recall(positive, negative):
        total += (point.x - before) * point.y
        before = point.x
    return total


def histogram(scores: Sequence[float], bins: int) -> list[int]:
    """How many scores fall in each of ``bins`` equal parts of 0..1; the last includes 1."""
    counts, _ = np.histogram(np.clip(scores, 0.0, 1.0), bins=bins, range=(0.0, 1.0))
    return [int(count) for count in counts]


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which ``share`` of the values lie, between neighbours by their distance; None
    of nothing."""
    if not values:
        return None
    return float(np.quantile(np.asarray(values, dtype=np.float64), share))


def _steps(
    positive: Sequence[float], negative: Sequence[float]
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Distinct scores, highest first, with the positives and negatives at or above each."""
    ours = np.sort(np.asarray(positive, dtype=np.float64))
    theirs = np.sort(np.asarray(negative, dtype=np.float64))
    thresholds = np.unique(np.concatenate([ours, theirs]))[::-1]
    hits = len(ours) - np.searchsorted(ours, thresholds, side="left")
    alarms = len(theirs) - np.searchsorted(theirs, thresholds, side="left")
    return thresholds, hits.astype(np.int64), alarms.astype(np.int64)
