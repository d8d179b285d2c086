"""Charts as inline SVG. Colours come from the page's style sheet, so that they follow its theme;
what a chart says stands in a table beside it too, and in its description for those who listen."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 560
_ROW = 26
_PLOT_HEIGHT = 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 18, 14, 46
_LONGEST_LABEL = 27


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of a dot chart: a share, its interval, and what stands at its right."""

    label: str
    value: float
    low: float
    high: float
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """A curve through (x, y), each in 0..1. ``kind`` is its colour: ``attack``, ``benign``,
    ``plain``. ``stepped``: it goes sideways first, then up or down."""

    points: Sequence[tuple[float, float]]
    kind: str
    stepped: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of interest on a curve, with a word beside it."""

    x: float
    y: float
    label: str


def dot_chart(title: str, said: str, rows: Sequence[Dot], kind: str, most: float = 1.0) -> str:
    """Shares with their intervals, one a row, on an axis from 0 to ``most``."""
    left, right = 182, 104
    height = len(rows) * _ROW + 40
    span = WIDTH - left - right
    parts = []
    for tick in _ticks(most):
        x = left + span * tick / most
        parts.append(_line(x, 6, x, height - 30, "grid"))
        parts.append(_text(x, height - 12, _percent(tick), "tick", "middle"))
    for index, row in enumerate(rows):
        y = 20 + index * _ROW
        low, at, high = (left + span * min(v / most, 1.0) for v in (row.low, row.value, row.high))
        shown = (
            row.label if len(row.label) <= _LONGEST_LABEL else f"{row.label[: _LONGEST_LABEL - 1]}…"
        )
        parts.append(_text(left - 12, y + 4, shown, "label", "end"))
        parts.append(_line(low, y, high, y, f"whisker {kind}"))
        parts.append(f'<circle class="dot {kind}" cx="{at:.1f}" cy="{y}" r="5"/>')
        parts.append(_text(WIDTH - right + 14, y + 4, row.note, "note", "start"))
    return _svg(title, said, height, parts)


def curve_chart(
    title: str,
    said: str,
    lines: Sequence[Line],
    axes: tuple[str, str],
    marks: Sequence[Mark] = (),
    *,
    logarithmic: bool = False,
) -> str:
    """Curves on axes from 0 to 1; the horizontal one from 0.1% on when it is ``logarithmic``."""
    across = _log if logarithmic else _linear
    bottom = _TOP + _PLOT_HEIGHT
    width = WIDTH - _LEFT - _RIGHT

    def at(x: float, y: float) -> tuple[float, float]:
        return _LEFT + width * across(x), bottom - _PLOT_HEIGHT * min(max(y, 0.0), 1.0)

    parts = []
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        y = at(0, tick)[1]
        parts.append(_line(_LEFT, y, WIDTH - _RIGHT, y, "grid"))
        parts.append(_text(_LEFT - 8, y + 4, _percent(tick), "tick", "end"))
    for tick in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0) if logarithmic else _ticks(1.0):
        x = at(tick, 0)[0]
        parts.append(_line(x, _TOP, x, bottom, "grid"))
        parts.append(_text(x, bottom + 18, _percent(tick), "tick", "middle"))
    parts += [_path(line, at) for line in lines if line.points]
    for mark in marks:
        x, y = at(mark.x, mark.y)
        parts.append(f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
        side = "end" if x > WIDTH / 2 else "start"
        parts.append(_text(x - 10 if side == "end" else x + 10, y + 16, mark.label, "note", side))
    parts.append(_text((_LEFT + WIDTH - _RIGHT) / 2, bottom + 40, axes[0], "axis", "middle"))
    middle = _TOP + _PLOT_HEIGHT / 2
    turned = f'transform="rotate(-90 14 {middle:.0f})"'
    parts.append(_text(14, middle, axes[1], "axis", "middle", turned))
    return _svg(title, said, bottom + _BOTTOM, parts)


def score_chart(
    title: str,
    said: str,
    above: Sequence[int],
    below: Sequence[int],
    thresholds: Iterable[tuple[float, str]],
) -> str:
    """Two distributions of scores in 0..1, back to back: attacks upwards, benign texts downwards.
    Heights are the square roots of the shares, so that a few texts far from the rest are seen."""
    half, middle = 120, _TOP + 132
    width = WIDTH - _LEFT - _RIGHT
    parts = []
    for counts, kind, up in ((above, "attack", True), (below, "benign", False)):
        total = sum(counts)
        for index, count in enumerate(counts):
            if not count:
                continue
            tall = max(2.0, half * math.sqrt(count / total))
            x, wide = _LEFT + width * index / len(counts), width / len(counts) - 1.5
            y = middle - tall if up else middle
            parts.append(
                f'<rect class="bar {kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" '
                f'height="{tall:.1f}" rx="1.5"/>'
            )
    parts.append(_line(_LEFT, middle, WIDTH - _RIGHT, middle, "base"))
    bottom = middle + half + 12
    for tick in _ticks(1.0):
        x = _LEFT + width * tick
        parts.append(_text(x, bottom + 18, f"{tick:g}", "tick", "middle"))
    for threshold, label in thresholds:
        x = _LEFT + width * min(max(threshold, 0.0), 1.0)
        parts.append(_line(x, _TOP - 4, x, bottom, "threshold"))
        parts.append(_text(x - 6, _TOP + 6, label, "note", "end"))
    parts.append(_text(_LEFT - 8, middle - 12, "attacks", "note", "end"))
    parts.append(_text(_LEFT - 8, middle + 20, "benign", "note", "end"))
    parts.append(_text((_LEFT + WIDTH - _RIGHT) / 2, bottom + 40, "score", "axis", "middle"))
    return _svg(title, said, bottom + _BOTTOM, parts)


def _path(line: Line, at: Callable[[float, float], tuple[float, float]]) -> str:
    """A curve with at most a few points a pixel."""
    drawn: list[tuple[float, float]] = []
    for x, y in line.points:
        point = at(x, y)
        if len(drawn) > 1 and math.dist(drawn[-1], point) < 0.4:
            continue
        if line.stepped and drawn:
            drawn.append((point[0], drawn[-1][1]))
        drawn.append(point)
    drawn.append(at(*line.points[-1]))
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
    return f'<polyline class="curve {line.kind}" points="{steps}"/>'


def _svg(title: str, said: str, height: float, parts: Iterable[str]) -> str:
    inside = "".join(parts)
    label = escape(f"{title}. {said}", quote=True)
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{label}">'
        f"<title>{escape(title)}</title>{inside}</svg>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str, anchor: str, more: str = "") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place} {more}>{escape(text)}</text>'


def _linear(x: float) -> float:
    return min(max(x, 0.0), 1.0)


def _log(x: float) -> float:
    """0.1% at 0, 100% at 1; what is rarer stands at 0."""
    return min(max(math.log10(max(x, 1e-9)) / 3 + 1, 0.0), 1.0)


def _ticks(most: float) -> list[float]:
    return [most * step / 5 for step in range(6)]


def rounded(most: float) -> float:
    """The end of an axis that reaches at least to ``most``, such that its ticks are round."""
    return next(end for end in (0.05, 0.1, 0.25, 0.5, 1.0) if end >= min(most, 1.0))


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"
