"""The figures as a picture: an SVG with three panels of bars, on logarithmic scales."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from bench.contestants import Contestant
from bench.measure import Figures

_ROW = 26
_LABEL = 210
_BAR = 420
_WIDTH = _LABEL + _BAR + 110
_INK = "#1f2933"
_COLOURS = {"passthrough": "#0b7285", "guarded": "#0b7285"}
_OTHERS = "#9aa5b1"

Rows = list[tuple[str, str, float]]


def draw(
    path: Path, results: Mapping[str, Figures], contestants: Sequence[Contestant], caption: str
) -> None:
    """Writes the chart. Contestants without figures are left to the table, which names them."""
    titles = {c.name: c.title for c in contestants if "whole" in results.get(c.name, {})}
    rates: Rows = [(n, t, results[n]["whole"]["32"]["rate"]) for n, t in titles.items()]
    tails: Rows = [(n, t, (results[n]["whole"]["32"]["p99"] or 0) * 1e3) for n, t in titles.items()]
    memory: Rows = [(n, t, results[n]["memory_loaded"] / 2**20) for n, t in titles.items()]
    panels = (
        ("Requests per second at 32 connections (more is better)", rates, "{:,.0f}"),
        ("p99 latency at 32 connections, ms (less is better)", tails, "{:,.1f}"),
        ("Memory after load, MiB (less is better)", memory, "{:,.0f}"),
    )
    parts, top = [], 20
    for title, rows, shape in panels:
        parts.append(_panel(title, rows, shape, top))
        top += 44 + _ROW * len(rows)
    parts.append(f'<text x="16" y="{top}" font-size="11" fill="#52606d">{escape(caption)}</text>')
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + 16}" '
        f'width="{_WIDTH}" font-family="system-ui, sans-serif" font-size="13" fill="{_INK}">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(title: str, rows: Rows, shape: str, top: int) -> str:
    lines = [f'<text x="16" y="{top}" font-weight="600">{escape(title)} - logarithmic</text>']
    values = [value for _, _, value in rows if value > 0]
    low = min(values, default=1.0) / 2
    span = math.log(max(values, default=1.0) / low) or 1.0
    for number, (name, label, value) in enumerate(rows):
        y = top + 12 + number * _ROW
        width = _BAR * math.log(value / low) / span if value > 0 else 0.0
        colour = _COLOURS.get(name, _OTHERS)
        lines += [
            f'<text x="{_LABEL - 10}" y="{y + 14}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{_LABEL}" y="{y}" width="{width:.1f}" height="18" rx="2" fill="{colour}"/>',
            f'<text x="{_LABEL + width + 8:.1f}" y="{y + 14}">{shape.format(value)}</text>',
        ]
    return "\n".join(lines)
