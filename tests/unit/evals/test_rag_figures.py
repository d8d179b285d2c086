"""Figures of a golden set, and comparisons of two runs."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.evals.answers import Grounding
from gateway.evals.golden import PriceKeys, ToleranceKeys
from gateway.evals.rag_figures import as_json, compare, metrics_of, run_from, run_of
from gateway.evals.rag_run import Row, Timed


def row(id: str, **changes: Any) -> Row:
    plain = Row(
        id=id, digest=f"d-{id}", ask="?", answerable=True, outcome="answered", detail="",
        answer="a", found=("x#0", "y#0"), gains=(True, False), expected=1, facts=1.0,
        answer_f1=None, prompt_tokens=1000, completion_tokens=10,
        grounding=Grounding(claims=2, supported=2, cited=2, citing=2, covered=2),
    )  # fmt: skip
    return replace(plain, **changes)


UNANSWERABLE: dict[str, Any] = {
    "answerable": False, "expected": 0, "gains": (False, False), "facts": None,
    "grounding": Grounding(),
}  # fmt: skip
ROWS = [
    row("first"),
    row("second", gains=(False, True), grounding=Grounding(2, 1, 0, 4, 1, 1, ("wrong",))),
    row("silent", outcome="abstained", gains=(), facts=0.0, grounding=Grounding()),
    row("right", outcome="abstained", **UNANSWERABLE),
    row("invented", **UNANSWERABLE),
]


def run(rows: list[Row], scorer: str = "words", ms: float = 10.0) -> Any:
    timed = [Timed(one, ms, 1.0) for one in rows]
    return run_of("g.yaml", "p/m", scorer, (1, 3), timed, PriceKeys(prompt=2.0, completion=5.0))


def test_metrics_by_hand() -> None:
    found = metrics_of(ROWS, (1, 3))
    assert found["hit_rate"] == pytest.approx(2 / 3)
    assert found["mrr"] == pytest.approx((1 + 0.5) / 3)
    assert (found["recall@1"], found["recall@3"]) == pytest.approx((1 / 3, 2 / 3))
    assert (found["answered"], found["facts"]) == pytest.approx((2 / 3, 2 / 3))
    assert (found["abstention_precision"], found["abstention_recall"]) == (0.5, 0.5)
    assert (found["faithfulness"], found["citation_precision"]) == pytest.approx((3 / 4, 3 / 6))
    assert found["answer_f1"] is None


def test_cost_is_tokens_by_price() -> None:
    assert run(ROWS).cost == pytest.approx(5 * (1000 * 2.0 + 10 * 5.0) / 1e6)


def test_saved_runs_come_back_as_they_were() -> None:
    assert as_json(run_from(as_json(run(ROWS)))) == as_json(run(ROWS))
    with pytest.raises(ValueError, match="version 9"):
        run_from({"version": 9})
    with pytest.raises(ValueError, match="not a saved run"):
        run_from({"version": 1})


@pytest.mark.parametrize(
    ("tolerance", "regressed"), [(0.0, True), (0.33, True), (0.34, False), (None, False)]
)
def test_a_fall_within_the_tolerance_is_no_regression(
    tolerance: float | None, regressed: bool
) -> None:
    worse = [row("first", gains=(False, False)), *ROWS[1:]]
    keys = ToleranceKeys(hit_rate=tolerance, mrr=None, ndcg=None, recall=None)
    assert bool(compare(run(ROWS), run(worse), keys).regressions) is regressed


def test_gains_are_no_regressions() -> None:
    better = [ROWS[0], row("second"), *ROWS[2:]]
    assert not compare(run(ROWS), run(better), ToleranceKeys()).regressions


def test_a_figure_that_is_gone_is_a_regression() -> None:
    silent = [replace(one, grounding=Grounding()) for one in ROWS]
    gone = {
        change.metric for change in compare(run(ROWS), run(silent), ToleranceKeys()).regressions
    }
    assert gone == {"faithfulness", "citation_precision", "citation_recall"}


def test_other_judges_are_not_compared() -> None:
    silent = [replace(one, grounding=Grounding()) for one in ROWS]
    compared = compare(run(ROWS), run(silent, "model"), ToleranceKeys())
    assert not compared.regressions
    assert "are not compared" in compared.notes[0]


def test_latency_counts_only_when_asked_for() -> None:
    slow = run(ROWS, ms=25.0)
    assert not compare(run(ROWS), slow, ToleranceKeys()).regressions
    late = compare(run(ROWS), slow, ToleranceKeys(latency=1.0)).regressions
    assert [change.metric for change in late] == ["latency"]
    assert not compare(run(ROWS), slow, ToleranceKeys(latency=1.5)).regressions


def test_new_changed_and_lost_questions_are_told_and_left_out() -> None:
    after = [replace(ROWS[0], digest="new", gains=()), *ROWS[2:], row("fresh", gains=())]
    compared = compare(run(ROWS), run(after), ToleranceKeys())
    assert not [change for change in compared.regressions if change.metric == "hit_rate"]
    assert compared.notes[:2] == (
        "new or changed questions, not compared: first, fresh",
        "questions of the baseline that are gone: second",
    )


def test_what_became_worse_is_named() -> None:
    after = [
        row("first", gains=(False, True), facts=0.5),
        *ROWS[1:3],
        row("right", **UNANSWERABLE),
        ROWS[4],
    ]
    assert compare(run(ROWS), run(after), ToleranceKeys()).worse == (
        "first: expected passage was at place 1, is at place 2",
        "first: said 100% of the facts, says 50%",
        "right: was abstained, is answered",
    )
