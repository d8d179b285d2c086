"""Figures of retrieval and answers, against values worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evals.ranking import (
    facts_said,
    gains,
    hit,
    mean,
    ndcg,
    recall_at,
    reciprocal_rank,
    says,
    token_f1,
)

RANKED = [("a#0", "a"), ("b#2", "b"), ("a#1", "a"), ("c#0", "c")]


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (["a"], [True, False, False, False]),
        (["a#1"], [False, False, True, False]),
        (["a", "a#1"], [True, False, True, False]),
        (["c", "b"], [False, True, False, True]),
        (["z"], [False] * 4),
        ([], [False] * 4),
    ],
)
def test_expected_passage_or_document_counts_once(expected: list[str], found: list[bool]) -> None:
    assert gains(RANKED, expected) == found


@pytest.mark.parametrize(
    ("ranked", "expected", "hits", "reciprocal", "recall", "gain"),
    [
        ([True], 1, 1, 1.0, 1.0, 1.0),
        ([False, True], 1, 1, 0.5, 1.0, 1 / math.log2(3)),
        ([False, False, False, True], 1, 1, 0.25, 0.0, 1 / math.log2(5)),
        ([True, False, True], 2, 1, 1.0, 1.0, (1 + 0.5) / (1 + 1 / math.log2(3))),
        ([True], 4, 1, 1.0, 0.25, 1 / (1 + 1 / math.log2(3) + 0.5 + 1 / math.log2(5))),
        ([False], 1, 0, 0.0, 0.0, 0.0),
        ([], 1, 0, 0.0, 0.0, 0.0),
    ],
)
def test_rankings(
    ranked: list[bool], expected: int, hits: float, reciprocal: float, recall: float, gain: float
) -> None:
    assert hit(ranked) == hits
    assert reciprocal_rank(ranked) == reciprocal
    assert recall_at(ranked, expected, 3) == recall
    assert ndcg(ranked, expected) == pytest.approx(gain)


def test_gain_behind_the_tenth_place_does_not_count() -> None:
    assert ndcg([False] * 10 + [True], 1) == 0.0
    with pytest.raises(ValueError, match="at least one"):
        ndcg([], 0)
    with pytest.raises(ValueError, match="at least one"):
        recall_at([], 0, 1)


@given(st.lists(st.booleans(), max_size=12), st.integers(0, 5))
def test_moving_a_gain_forward_never_lowers_ndcg(ranked: list[bool], more: int) -> None:
    expected = sum(ranked) + more
    if expected:
        best = sorted(ranked, reverse=True)
        assert ndcg(ranked, expected) <= ndcg(best, expected) + 1e-12 <= 1 + 1e-9


@pytest.mark.parametrize(
    ("answer", "fact", "said"),
    [
        ("Customers have 30 days.", "30 days", True),
        ("Customers have 30\n  DAYS to ask.", "30 Days", True),
        ("Customers have 130 days.", "30 days", False),
        ("It costs $5.90.", "5.90", True),
        ("It costs $15.90.", "5.90", False),
        ("It costs $5.905.", "$5.90", False),
        ("It exceeds $1,500, so hold it", "$1500", True),
        ("There are 5 of them.", "5", True),
        ("There are 1.5 of them.", "5", False),
        ("Ask Kim.", "Kim", True),
        ("Ask Kimberly.", "Kim", False),
    ],
)
def test_facts_are_whole_words_and_numbers(answer: str, fact: str, said: bool) -> None:
    assert says(answer, fact) is said


def test_one_wording_of_a_fact_is_enough() -> None:
    facts = [["two weeks", "14 days"], ["free"]]
    assert facts_said("It takes 14 days.", facts) == 0.5
    assert facts_said("", facts) == 0.0
    assert facts_said("anything", []) is None


@pytest.mark.parametrize(
    ("answer", "wanted", "f1"),
    [
        ("Tents carry a warranty of 5 years.", "The warranty on tents is 5 years", 8 / 9),
        ("red boots", "blue boots", 0.5),
        ("", "blue boots", 0.0),
        ("the", "of", 1.0),
    ],
)
def test_shared_content_words(answer: str, wanted: str, f1: float) -> None:
    assert token_f1(answer, wanted) == pytest.approx(f1)


def test_mean_of_nothing_is_none() -> None:
    assert mean([1.0, 0.0]) == 0.5
    assert mean([]) is None
