"""The report on a golden set: one HTML page, with what changed and what went wrong."""

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.evals.page import Cell, Tile, notes, number, page, percent, section, table, tiles
from gateway.evals.rag_figures import LOWER_IS_BETTER, Change, Comparison, Run, shortcomings
from gateway.evals.rag_run import Row

NAMES: Final = {
    "hit_rate": "Hit rate",
    "mrr": "MRR",
    "ndcg": "nDCG@10",
    "facts": "Facts said",
    "answer_f1": "Answer F1",
    "answered": "Answered",
    "abstention_precision": "Abstention precision",
    "abstention_recall": "Abstention recall",
    "faithfulness": "Faithfulness",
    "citation_precision": "Citation precision",
    "citation_recall": "Citation recall",
    "latency": "Latency p50 (ms)",
    "cost": "Cost",
}
"""What people call the metrics."""
_ABOUT: Final = {
    "hit_rate": "questions for which an expected passage was found",
    "mrr": "mean of one over the place of the first expected passage",
    "ndcg": "gain of the first ten passages, beside the best order",
    "facts": "of the facts that answers must say",
    "answer_f1": "content words shared with the expected answer",
    "answered": "of the answerable questions",
    "abstention_precision": "of the abstentions were right",
    "abstention_recall": "of the unanswerable questions",
    "faithfulness": "of the sentences are borne out by the passages",
    "citation_precision": "of the citations bear out their sentence",
    "citation_recall": "of the sentences are borne out by what they cite",
}
_TILES: Final = ("hit_rate", "ndcg", "facts", "faithfulness", "citation_precision")


def rag_report(run: Run, made: str, comparison: Comparison | None = None) -> str:
    """The page; with what changed, if a run was compared."""
    metrics = run.metrics()
    headline = [Tile(NAMES[name], shown(name, metrics[name]), _ABOUT[name]) for name in _TILES]
    headline.append(_verdict(comparison) if comparison else _latency(run))
    lead = (
        f"{run.golden}: {len(run.rows)} questions, answered by {run.model}; faithfulness and "
        f"citations judged by {run.scorer!r}."
    )
    parts = [
        tiles(headline),
        notes("About the comparison", comparison.notes if comparison else ()),
        *(_compared(comparison) if comparison else ()),
        "" if comparison else section("Figures", "", _figures(run)),
        *_wrong(run),
        section("Questions", "Expected passages are marked with a star.", _questions(run.rows)),
        section("Latency", "Of the whole pipeline, and of retrieval alone.", _times(run)),
    ]
    return page("Answers on golden questions", lead, parts, f"Made {made} by gatehouse eval rag.")


def name_of(metric: str) -> str:
    """What people call a metric."""
    return NAMES.get(metric, metric.replace("recall", "Recall"))


def shown(metric: str, value: float | None) -> str:
    """A figure as people read it."""
    if metric in LOWER_IS_BETTER:
        return number(value, 4 if metric == "cost" else 1)
    return number(value) if metric in ("mrr", "ndcg") else percent(value)


def word_for(change: Change) -> str:
    """One word for what a change means."""
    if change.regressed:
        return "worse"
    if change.tolerance is None or change.before is None:
        return "not compared"
    return "as good" if change.before == change.after else "within tolerance or better"


def _verdict(comparison: Comparison) -> Tile:
    count = len(comparison.regressions)
    if count:
        named = ", ".join(name_of(change.metric) for change in comparison.regressions[:3])
        return Tile("Against the baseline", f"{count} worse", named, "bad")
    return Tile("Against the baseline", "no worse", "within the tolerances", "good")


def _latency(run: Run) -> Tile:
    tail = f"p50; p95 {number(run.timing.get('p95'), 1)} ms"
    return Tile("Latency", f"{number(run.timing.get('p50'), 1)} ms", tail)


def _compared(comparison: Comparison) -> Iterator[str]:
    rows: list[list[str | Cell]] = []
    for change in comparison.changes:
        before, after = shown(change.metric, change.before), shown(change.metric, change.after)
        allowed = "–" if change.tolerance is None else percent(change.tolerance)
        mood = "bad" if change.regressed else ""
        verdict = Cell(word_for(change), mood=mood)
        rows.append([name_of(change.metric), before, Cell(after, mood=mood), allowed, verdict])
    columns = ["metric", "baseline", "this run", "tolerance", "verdict"]
    said = "Over the questions that both runs asked the same way."
    yield section("Against the baseline", said, table(columns, rows))
    if comparison.worse:
        items: list[list[str | Cell]] = [
            [question, what]
            for question, _, what in (line.partition(": ") for line in comparison.worse)
        ]
        yield section("What became worse", "", table(["question", "what"], items, words=True))


def _figures(run: Run) -> str:
    rows: list[list[str | Cell]] = [
        [
            name_of(metric),
            shown(metric, value),
            _ABOUT.get(metric, "of the expected passages are found"),
        ]
        for metric, value in run.metrics().items()
    ]
    if run.cost is not None:
        rows.append([NAMES["cost"], number(run.cost, 4), "of all questions together"])
    return table(["metric", "", "what it is"], rows, words=True)


def _wrong(run: Run) -> Iterator[str]:
    found = shortcomings(run.rows)
    if not found:
        return
    rows: list[list[str | Cell]] = [
        [row.id, Cell(said, mood="bad"), row.ask, row.answer or row.detail] for row, said in found
    ]
    columns = ["question", "what is wrong", "asked", "answer"]
    yield section("What went wrong", "", table(columns, rows, words=True))


def _questions(rows: Sequence[Row]) -> str:
    cells: list[list[str | Cell]] = [
        [
            row.id,
            row.ask,
            row.outcome,
            row.answer or row.detail,
            ", ".join(
                f"{chunk}{' ★' if gain else ''}"
                for chunk, gain in zip(row.found, row.gains, strict=True)
            ),
        ]
        for row in rows
    ]
    return table(["question", "asked", "outcome", "answer", "found"], cells, words=True)


def _times(run: Run) -> str:
    rows: list[list[str | Cell]] = [[name, f"{ms:.2f} ms"] for name, ms in run.timing.items()]
    return table(["percentile", "time"], rows)
