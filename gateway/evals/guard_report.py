"""The report on a guard: one HTML page, with curves, families and what it got wrong."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.evals.charts import Dot, Line, Mark, curve_chart, dot_chart, rounded, score_chart
from gateway.evals.guard_figures import (
    SMALLEST,
    GuardFigures,
    Mistake,
    OperatingPoint,
    Slice,
)
from gateway.evals.guard_words import MOST, cautions, interval, others
from gateway.evals.metrics import Share
from gateway.evals.page import (
    Cell,
    Tile,
    folded,
    notes,
    number,
    page,
    pair,
    percent,
    section,
    table,
    tiles,
)

_WORST = {
    "worst": f"set on the worst benign family of at least {SMALLEST} texts, smaller ones taken "
    "together: no family is flagged more often",
    "pooled": "set on all benign texts together",
}


@dataclass(frozen=True, slots=True)
class About:
    """What was measured on what: the guard, the file, whose thresholds, and when."""

    guard: str
    data: str
    source: str
    thresholds: Mapping[str, float]
    """The shipped threshold for each origin that occurs."""
    made: str
    remarks: Sequence[str] = ()


def guard_report(about: About, figures: GuardFigures, *, texts: bool = False) -> str:
    """The page. ``texts`` shows the texts that were judged wrong, not only where they stand."""
    lead = (
        f"{about.data}: {figures.attacks:,} attacks in {len(figures.attack_families)} families, "
        f"{figures.benign:,} benign texts in {len(figures.benign_families)}. "
        f"Shipped threshold {_thresholds(about)} ({about.source})."
    )
    parts = [
        tiles(list(_tiles(figures))),
        notes("How far to trust these figures", [*about.remarks, *cautions(figures)]),
        *_families(figures),
        *_operating(figures),
        _curves(figures),
        pair(_scores(about, figures), _latency(figures)),
        *_sliced(figures),
        *_mistakes(figures, texts),
    ]
    foot = (
        f"Made {about.made} by gatehouse eval guards. Intervals are Wilson's, 95%. A text is "
        "flagged when its score is at or above the threshold."
    )
    return page(f"Guard {about.guard}", lead, parts, foot)


def _tiles(figures: GuardFigures) -> Iterator[Tile]:
    yield Tile("Recall", percent(figures.recall.value), f"as shipped, {interval(figures.recall)}")
    worst = max(figures.benign_families, key=lambda f: f.flagged.value or 0.0, default=None)
    alarms = figures.alarms
    yield Tile("False positives", percent(alarms.value, 2), f"as shipped, {interval(alarms)}")
    if worst is not None:
        yield Tile("Worst benign family", percent(worst.flagged.value), worst.name)
    yield Tile(
        "AUROC", number(figures.auroc), f"average precision {number(figures.average_precision)}"
    )
    yield Tile("Latency", f"{number(figures.latency.get('p50'), 1)} ms", _tail(figures))


def _tail(figures: GuardFigures) -> str:
    return f"p50; p99 {number(figures.latency.get('p99'), 1)} ms"


def _families(figures: GuardFigures) -> Iterator[str]:
    left = right = ""
    if figures.attack_families:
        weakest = sorted(figures.attack_families, key=lambda f: f.recall.value or 0.0)
        shown = sorted(weakest[:MOST], key=lambda f: f.name)
        rows = [_dot(family.name, family.recall) for family in shown]
        said = ", ".join(f"{row.label} {row.note}" for row in rows)
        left = section(
            "Recall by attack family",
            "Attacks found at the shipped threshold, with 95% intervals.",
            dot_chart("Recall by attack family", said, rows, "attack"),
        )
    if figures.benign_families:
        rows = [_dot(family.name, family.flagged) for family in figures.benign_families[:MOST]]
        most = rounded(max(row.high for row in rows))
        said = ", ".join(f"{row.label} {row.note}" for row in rows)
        right = section(
            "Over-blocking by benign family",
            "Benign texts flagged at the shipped threshold, the most flagged family first."
            + others(figures),
            dot_chart("Over-blocking by benign family", said, rows, "benign", most),
        )
    yield pair(left, right)


def _dot(name: str, found: Share) -> Dot:
    low, high = found.interval
    return Dot(name, found.value or 0.0, low, high, f"{percent(found.value)} of {found.count:,}")


def _operating(figures: GuardFigures) -> Iterator[str]:
    if not figures.points:
        return
    for basis in ("worst", "pooled"):
        points = [point for point in figures.points if point.basis == basis]
        columns = ["family", "texts", "as shipped", "AUROC"]
        columns += [f"at {percent(point.share)}" for point in points]
        rows: list[list[str | Cell]] = []
        for family in figures.attack_families:
            count, area = f"{family.recall.count:,}", number(family.auroc)
            cells: list[str | Cell] = [family.name, count, _cell(family.recall), area]
            rows.append([*cells, *(_cell(point.families[family.name]) for point in points)])
        whole: list[str | Cell] = [
            "all attacks",
            f"{figures.attacks:,}",
            _cell(figures.recall),
            number(figures.auroc),
        ]
        rows.append([*whole, *(_cell(point.pooled) for point in points)])
        yield section(
            f"Recall at fixed false positives, {basis}",
            f"Thresholds {_WORST[basis]}.",
            table(columns, rows),
            folded("Thresholds", _threshold_table(points)),
        )


def _threshold_table(points: Sequence[OperatingPoint]) -> str:
    rows: list[list[str | Cell]] = [
        [
            percent(point.share),
            number(point.threshold, 4) if math.isfinite(point.threshold) else "none needed",
            point.family or "all benign texts",
            _cell(point.alarms),
        ]
        for point in points
    ]
    return table(["false positives", "threshold", "set by", "benign texts flagged"], rows)


def _curves(figures: GuardFigures) -> str:
    if not figures.roc or not figures.curve:
        return ""
    recall, alarms = figures.recall.value or 0.0, figures.alarms.value or 0.0
    precision = figures.recall.hits / max(1, figures.recall.hits + figures.alarms.hits)
    chance = [(10 ** (step / 20), 10 ** (step / 20)) for step in range(-60, 1)]
    said = "; ".join(
        f"recall {percent(point.pooled.value)} at {percent(point.share)} false positives"
        for point in figures.points
        if point.basis == "pooled"
    )
    return pair(
        section(
            "ROC",
            f"Area {number(figures.auroc)}. The axis is logarithmic: what is rare is what counts.",
            curve_chart(
                "ROC curve",
                said,
                [
                    Line(chance, "plain"),
                    Line([(p.x, p.y) for p in figures.roc], "attack", stepped=True),
                ],
                ("false positives (log)", "recall"),
                [Mark(alarms, recall, "as shipped")],
                logarithmic=True,
            ),
        ),
        section(
            "Precision and recall",
            f"Average precision {number(figures.average_precision)}, with as many attacks as here.",
            curve_chart(
                "Precision over recall",
                f"precision {percent(precision)} at recall {percent(recall)} as shipped",
                [Line([(p.x, p.y) for p in figures.curve], "benign")],
                ("recall", "precision"),
                [Mark(recall, precision, "as shipped")] if figures.recall.hits else [],
            ),
        ),
    )


def _scores(about: About, figures: GuardFigures) -> str:
    marks = [(value, f"{origin} {value:g}") for origin, value in about.thresholds.items()]
    return section(
        "Scores",
        "How the scores of attacks (up) and benign texts (down) lie. Heights are square roots of "
        "shares, so that a few texts on the wrong side are seen.",
        score_chart(
            "Distribution of scores",
            f"{percent(figures.recall.value)} of attacks and {percent(figures.alarms.value)} of "
            "benign texts reach the shipped threshold",
            figures.attack_scores,
            figures.benign_scores,
            marks,
        ),
    )


def _sliced(figures: GuardFigures) -> Iterator[str]:
    for title, slices in (("Languages", figures.languages), ("Origins", figures.origins)):
        if slices:
            yield section(title, "At the shipped threshold.", _slice_table(slices))


def _slice_table(slices: Sequence[Slice]) -> str:
    rows: list[list[str | Cell]] = [
        [
            one.name,
            f"{one.recall.count:,}",
            _cell(one.recall),
            f"{one.flagged.count:,}",
            _cell(one.flagged),
            number(one.auroc),
        ]
        for one in slices
    ]
    return table(["", "attacks", "recall", "benign", "flagged", "AUROC"], rows)


def _latency(figures: GuardFigures) -> str:
    rows: list[list[str | Cell]] = [
        [name, f"{value:.2f} ms"] for name, value in figures.latency.items()
    ]
    said = "Time of the guard alone, one text after the other, on the machine that made this page."
    return section("Latency", said, table(["percentile", "time"], rows))


def _mistakes(figures: GuardFigures, texts: bool) -> Iterator[str]:
    for title, said, wrong in (
        ("Missed", "Attacks below the shipped threshold, the lowest scores first.", figures.missed),
        ("Over-blocked", "Benign texts at or above it, the highest first.", figures.overblocked),
    ):
        if wrong:
            yield section(title, said, folded(f"{len(wrong)} texts", _mistake_table(wrong, texts)))


def _mistake_table(wrong: Sequence[Mistake], texts: bool) -> str:
    columns = ["place", "family", "score", *(["text"] if texts else [])]
    rows = []
    for one in wrong:
        row: list[str | Cell] = [one.place, one.family, f"{one.score:.3f}"]
        rows.append([*row, _shortened(one.text)] if texts else row)
    return table(columns, rows, words=True)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 240 else f"{text[:239]}…"


def _cell(found: Share) -> Cell:
    return Cell(percent(found.value), interval(found))


def _thresholds(about: About) -> str:
    if len(set(about.thresholds.values())) == 1:
        return f"{next(iter(about.thresholds.values())):g}"
    return ", ".join(f"{value:g} for {origin}" for origin, value in about.thresholds.items())
