"""What a run over a golden set says as a whole, and how two runs differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from gateway.evals.golden import PriceKeys, ToleranceKeys
from gateway.evals.metrics import percentile
from gateway.evals.rag_run import Row, Timed, row_from
from gateway.evals.ranking import hit, mean, ndcg, recall_at, reciprocal_rank

FORMAT: Final = 1
"""The version of saved runs."""
GROUNDED: Final = frozenset({"faithfulness", "citation_precision", "citation_recall"})
"""Metrics that depend on who judges."""
LOWER_IS_BETTER: Final = frozenset({"latency", "cost"})

_DEPTH = 10
_SLACK = 1e-9

Metrics = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Run:
    """A run: what was asked of whom, the rows, and the times."""

    golden: str
    model: str
    scorer: str
    recall_at: tuple[int, ...]
    rows: tuple[Row, ...]
    timing: Mapping[str, float]
    cost: float | None = None

    def metrics(self, only: frozenset[str] | None = None) -> dict[str, float | None]:
        """The figures, of all questions or of those with these ids; None where nothing counts."""
        rows = [row for row in self.rows if only is None or row.id in only]
        return metrics_of(rows, self.recall_at)


@dataclass(frozen=True, slots=True)
class Change:
    """A metric in two runs. ``tolerance`` None: told, not compared."""

    metric: str
    before: float | None
    after: float | None
    tolerance: float | None

    @property
    def regressed(self) -> bool:
        if self.tolerance is None or self.before is None:
            return False
        if self.after is None:
            return True
        if self.metric in LOWER_IS_BETTER:
            return self.after > self.before * (1 + self.tolerance) + _SLACK
        return self.after < self.before - self.tolerance - _SLACK


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over the questions they have in common."""

    changes: tuple[Change, ...]
    worse: tuple[str, ...]
    """What became worse, question by question."""
    notes: tuple[str, ...]

    @property
    def regressions(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.regressed)


def run_of(
    golden: str,
    model: str,
    scorer: str,
    recall: Sequence[int],
    timed: Sequence[Timed],
    prices: PriceKeys,
) -> Run:
    """A run out of its rows."""
    rows = tuple(one.row for one in timed)
    return Run(golden, model, scorer, tuple(recall), rows, _timing(timed), _cost(rows, prices))


def metrics_of(rows: Sequence[Row], recall: Sequence[int]) -> dict[str, float | None]:
    """Every metric by its name. Retrieval counts questions that expect passages; faithfulness and
    citations count claims and citations of all answers together."""
    searched = [row for row in rows if row.expected]
    answerable = [row for row in rows if row.answerable]
    abstained = [row for row in rows if row.outcome == "abstained"]
    hopeless = [row for row in rows if not row.answerable]
    right = sum(not row.answerable for row in abstained)
    made: dict[str, float | None] = {
        "hit_rate": mean([hit(row.gains) for row in searched]),
        "mrr": mean([reciprocal_rank(row.gains) for row in searched]),
        "ndcg": mean([ndcg(row.gains, row.expected, _DEPTH) for row in searched]),
    }
    for k in recall:
        made[f"recall@{k}"] = mean([recall_at(row.gains, row.expected, k) for row in searched])
    made |= {
        "facts": mean([row.facts for row in rows if row.facts is not None]),
        "answer_f1": mean([row.answer_f1 for row in rows if row.answer_f1 is not None]),
        "answered": _part(sum(r.outcome == "answered" for r in answerable), len(answerable)),
        "abstention_precision": _part(right, len(abstained)),
        "abstention_recall": _part(right, len(hopeless)),
    }
    claims = sum(row.grounding.claims for row in rows)
    cited = sum(row.grounding.cited for row in rows)
    made |= {
        "faithfulness": _part(sum(row.grounding.supported for row in rows), claims),
        "citation_precision": _part(sum(row.grounding.citing for row in rows), cited),
        "citation_recall": _part(sum(row.grounding.covered for row in rows), claims),
    }
    return made


def compare(before: Run, after: Run, tolerances: ToleranceKeys) -> Comparison:
    """How ``after`` differs from ``before``, over the questions that both asked the same way."""
    known = {row.id: row for row in before.rows}
    common = frozenset(
        row.id for row in after.rows if row.id in known and known[row.id].digest == row.digest
    )
    allowed = tolerances.model_dump()
    changes = []
    old, new = before.metrics(common), after.metrics(common)
    for metric, value in new.items():
        tolerance = allowed.get("recall" if metric.startswith("recall@") else metric)
        if metric in GROUNDED and before.scorer != after.scorer:
            tolerance = None
        missing = metric not in old
        changes.append(Change(metric, old.get(metric), value, None if missing else tolerance))
    changes.append(
        Change("latency", before.timing.get("p50"), after.timing.get("p50"), tolerances.latency)
    )
    if before.cost is not None or after.cost is not None:
        changes.append(Change("cost", before.cost, after.cost, tolerances.cost))
    worse = [line for row in after.rows if row.id in common for line in _worse(known[row.id], row)]
    return Comparison(tuple(changes), tuple(worse), tuple(_notes(before, after, common)))


def _notes(before: Run, after: Run, common: frozenset[str]) -> Iterator[str]:
    fresh = [row.id for row in after.rows if row.id not in common]
    ours = {row.id for row in after.rows}
    gone = [row.id for row in before.rows if row.id not in ours]
    if fresh:
        yield f"new or changed questions, not compared: {', '.join(fresh)}"
    if gone:
        yield f"questions of the baseline that are gone: {', '.join(gone)}"
    if before.scorer != after.scorer:
        yield (
            f"faithfulness and citations were judged by {before.scorer!r} then and by "
            f"{after.scorer!r} now, and are not compared"
        )
    if before.model != after.model:
        yield f"the baseline was answered by {before.model}, this run by {after.model}"


def _worse(before: Row, after: Row) -> Iterator[str]:
    place_then, place_now = _place(before), _place(after)
    if (place_now or 99) > (place_then or 99):
        now = f"at place {place_now}" if place_now else "not found"
        yield f"{after.id}: expected passage was at place {place_then}, is {now}"
    if before.outcome != after.outcome and not _fine(after):
        said = f" ({after.detail})" if after.detail else ""
        yield f"{after.id}: was {before.outcome}, is {after.outcome}{said}"
    if before.facts is not None and (after.facts or 0.0) < before.facts:
        yield f"{after.id}: said {before.facts:.0%} of the facts, says {after.facts or 0.0:.0%}"
    lost = len(after.grounding.unsupported) - len(before.grounding.unsupported)
    if lost > 0:
        yield f"{after.id}: {lost} more sentences that no passage bears out"


def _place(row: Row) -> int | None:
    return next((place for place, gain in enumerate(row.gains, start=1) if gain), None)


def _fine(row: Row) -> bool:
    return row.outcome == ("answered" if row.answerable else "abstained")


def shortcomings(rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """The questions that did not go as they should, and in what way."""
    found: list[tuple[Row, str]] = []
    checks: Sequence[tuple[Callable[[Row], bool], str]] = (
        (lambda r: r.answerable and r.outcome != "answered", "not answered"),
        (lambda r: not r.answerable and r.outcome != "abstained", "should have abstained"),
        (lambda r: bool(r.expected) and not any(r.gains), "expected passage not found"),
        (lambda r: r.facts is not None and r.facts < 1, "a fact is missing"),
        (lambda r: bool(r.grounding.unsupported), "says what no passage bears out"),
        (lambda r: r.grounding.citing < r.grounding.cited, "a citation is wrong"),
    )
    for row in rows:
        wrong = [said for check, said in checks if check(row)]
        if wrong:
            found.append((row, "; ".join(wrong)))
    return found


def as_json(run: Run) -> dict[str, Any]:
    """A run as it is saved. Two runs of the same gateway differ under ``timing`` alone."""
    return {
        "version": FORMAT,
        "golden": run.golden,
        "model": run.model,
        "scorer": run.scorer,
        "recall_at": list(run.recall_at),
        "metrics": {name: _rounded(value) for name, value in run.metrics().items()},
        "cost": _rounded(run.cost),
        "timing": {name: round(value, 3) for name, value in run.timing.items()},
        "questions": [asdict(row) for row in run.rows],
    }


def run_from(saved: Any) -> Run:
    """A run as it was saved. Raises ValueError when it is none, or of another version."""
    try:
        if saved["version"] != FORMAT:
            raise ValueError(f"a run of version {saved['version']}, not {FORMAT}")
        return Run(
            golden=str(saved["golden"]),
            model=str(saved["model"]),
            scorer=str(saved["scorer"]),
            recall_at=tuple(int(k) for k in saved["recall_at"]),
            rows=tuple(row_from(row) for row in saved["questions"]),
            timing={str(name): float(value) for name, value in saved["timing"].items()},
            cost=None if saved["cost"] is None else float(saved["cost"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a saved run ({error!r})") from error


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _part(hits: int, count: int) -> float | None:
    return hits / count if count else None


def _timing(timed: Sequence[Timed]) -> dict[str, float]:
    whole, search = [one.ms for one in timed], [one.retrieval_ms for one in timed]
    found = {f"p{share * 100:.0f}": percentile(whole, share) for share in (0.5, 0.95, 0.99)}
    found["retrieval p50"] = percentile(search, 0.5)
    found["retrieval p95"] = percentile(search, 0.95)
    return {name: value for name, value in found.items() if value is not None}


def _cost(rows: Sequence[Row], prices: PriceKeys) -> float | None:
    """What the questions cost together; None when no price is known."""
    if not prices.prompt and not prices.completion:
        return None
    prompt = sum(row.prompt_tokens for row in rows)
    completion = sum(row.completion_tokens for row in rows)
    return (prompt * prices.prompt + completion * prices.completion) / 1_000_000
