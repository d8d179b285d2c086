"""Figures of detectors, against values worked out by hand and against counting."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.evals.metrics import (
    Share,
    auroc,
    average_precision,
    flagged,
    histogram,
    percentile,
    precision_recall,
    roc,
    threshold_at,
    wilson,
    worst_threshold,
)

scores = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1.0]), max_size=25)
some_scores = st.lists(st.floats(0, 1), min_size=1, max_size=25)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),  # z²/(n+z²) = 3.8415/13.8415
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals(hits: int, count: int, low: float, high: float) -> None:
    assert wilson(hits, count) == pytest.approx((low, high), abs=5e-5)


def test_shares_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


@given(st.integers(0, 60), st.integers(0, 60))
def test_wilson_interval_holds_the_share(hits: int, more: int) -> None:
    share = Share(hits, hits + more)
    low, high = share.interval
    assert 0 <= low <= (share.value if share.value is not None else low) <= high <= 1


@pytest.mark.parametrize(
    ("positive", "negative", "area"),
    [
        ([0.9], [0.1], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5], [0.5], 0.5),
        ([0.8, 0.4], [0.6, 0.2], 0.75),  # of four pairs one is wrong
        ([0.5, 0.5, 0.9], [0.5, 0.1], 5 / 6),  # two ties of six
        ([], [0.5], None),
        ([0.5], [], None),
    ],
)
def test_auroc(positive: list[float], negative: list[float], area: float | None) -> None:
    assert auroc(positive, negative) == area


@given(scores, scores)
def test_auroc_counts_pairs(positive: list[float], negative: list[float]) -> None:
    won = sum((p > n) + (p == n) / 2 for p in positive for n in negative)
    pairs = len(positive) * len(negative)
    assert auroc(positive, negative) == (pytest.approx(won / pairs) if pairs else None)


@given(some_scores, some_scores)
def test_area_under_the_roc_points_is_the_auroc(
    positive: list[float], negative: list[float]
) -> None:
    points = roc(positive, negative)
    area = sum(
        (after.x - before.x) * (after.y + before.y) / 2 for before, after in pairwise(points)
    )
    assert area == pytest.approx(auroc(positive, negative))
    assert (points[0].x, points[0].y, points[-1].x, points[-1].y) == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("positive", "negative", "average"),
    [
        ([0.9, 0.8], [0.1], 1.0),
        ([0.9, 0.3], [0.5], 0.5 * 1 + 0.5 * 2 / 3),
        ([0.5], [0.5], 0.5),
        ([], [0.5], None),
    ],
)
def test_average_precision(
    positive: list[float], negative: list[float], average: float | None
) -> None:
    found = average_precision(positive, negative)
    assert found == (None if average is None else pytest.approx(average))


def test_precision_and_recall_at_each_score() -> None:
    points = precision_recall([0.9, 0.3], [0.5])
    assert [(p.x, p.y, p.threshold) for p in points] == [
        (0.5, 1.0, 0.9),
        (0.5, 0.5, 0.5),
        (1.0, pytest.approx(2 / 3), 0.3),
    ]


@pytest.mark.parametrize(
    ("share", "hits"),
    [(0.0, 0), (0.09, 0), (0.1, 1), (0.25, 2), (0.5, 5), (1.0, 10)],
)
def test_threshold_flags_no_more_than_its_share(share: float, hits: int) -> None:
    negative = [index / 10 for index in range(10)]
    assert flagged(negative, threshold_at(negative, share)).hits == hits


def test_scores_that_tie_are_flagged_together_or_not_at_all() -> None:
    assert flagged([0.5] * 9 + [0.1], threshold_at([0.5] * 9 + [0.1], 0.5)).hits == 0


@given(some_scores, st.floats(0, 1))
def test_threshold_is_the_lowest_that_keeps_to_the_share(
    negative: list[float], share: float
) -> None:
    threshold = threshold_at(negative, share)
    allowed = share * len(negative) + 1e-9
    assert flagged(negative, threshold).hits <= allowed
    lower = [score for score in negative if score < threshold]
    if lower:
        assert flagged(negative, max(lower)).hits > allowed


def test_no_scores_need_no_threshold() -> None:
    assert threshold_at([], 0.01) == -math.inf
    with pytest.raises(ValueError, match="not a share"):
        threshold_at([0.1], 1.1)


def test_worst_family_sets_the_threshold() -> None:
    calm, heated = [0.1] * 10, [0.1] * 9 + [0.8]
    threshold, family = worst_threshold({"calm": calm, "heated": heated}, 0.05)
    assert family == "heated"
    assert (threshold > 0.8, flagged(heated, threshold).hits) == (True, 0)
    assert worst_threshold({"calm": calm, "heated": heated}, 0.1)[0] == pytest.approx(0.1)
    with pytest.raises(ValueError, match="no benign family"):
        worst_threshold({}, 0.1)


def test_histogram_has_the_ends() -> None:
    assert histogram([0.0, 0.24, 0.25, 0.99, 1.0], 4) == [2, 1, 0, 2]
    assert histogram([], 2) == [0, 0]


def test_percentile_lies_between_neighbours() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0, 2.0], 0.5) == 1.5
    assert percentile([], 0.5) is None


@settings(max_examples=30)
@given(some_scores, some_scores, st.floats(0, 1))
def test_roc_points_are_what_their_thresholds_flag(
    positive: list[float], negative: list[float], at: float
) -> None:
    for point in roc(positive, negative):
        assert point.x == flagged(negative, point.threshold).value
        assert point.y == flagged(positive, point.threshold).value
