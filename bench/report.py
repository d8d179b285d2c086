"""The figures as tables that a person reads."""

from collections.abc import Mapping, Sequence

from bench.contestants import Contestant
from bench.measure import CONNECTIONS, STREAM_CONNECTIONS, Figures

_MEBI = 1024 * 1024
BUSY_STRANGERS = 0.05
"""Share of the server's core that others used, above which a figure is marked."""


def milliseconds(seconds: float | None) -> str:
    """A latency in three significant digits."""
    if seconds is None:
        return "-"
    value = seconds * 1000
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def tables(results: Mapping[str, Figures], contestants: Sequence[Contestant]) -> str:
    """Both tables and the notes, as Markdown."""
    titles = {c.name: c.title for c in contestants}
    there = {name: f for name, f in results.items() if "unavailable" not in f}
    notes = [
        f"NOT MEASURED: {titles[name]}: {f['unavailable']}"
        for name, f in results.items()
        if "unavailable" in f
    ]
    for name, figures in there.items():
        notes += _complaints(titles[name], figures)
    parts = [
        "Whole answers: requests/s, then p50 / p99 in ms",
        _whole_table(there, titles),
        "Streams of 50 chunks, one every 10 ms (p50 / p99 in ms); memory in MiB; start-up in s",
        _stream_table(there, titles),
        *notes,
    ]
    return "\n\n".join(parts)


def _whole_table(results: Mapping[str, Figures], titles: Mapping[str, str]) -> str:
    head = ["", *(f"{c} conn." for c in CONNECTIONS), *(f"latency at {c}" for c in CONNECTIONS)]
    head.append("CPU ms/request")
    rows = []
    for name, figures in results.items():
        levels = [figures["whole"][str(c)] for c in CONNECTIONS]
        rates = [f"{level['rate']:,.0f}" for level in levels]
        times = [f"{milliseconds(lv['p50'])} / {milliseconds(lv['p99'])}" for lv in levels]
        cost = figures["whole"]["32"]["cpu_ms"]
        rows.append([titles[name], *rates, *times, "-" if cost is None else f"{cost:.3f}"])
    return grid(head, rows)


def _stream_table(results: Mapping[str, Figures], titles: Mapping[str, str]) -> str:
    head = [""]
    for count in STREAM_CONNECTIONS:
        head += [f"first text, {count} open", f"gap, {count} open"]
    head += ["memory idle", "after load", "start-up"]
    rows = []
    for name, figures in results.items():
        row = [titles[name]]
        for count in STREAM_CONNECTIONS:
            level = figures["stream"][str(count)]
            for kind in ("first", "gap"):
                p50, p99 = level[f"{kind}_p50"], level[f"{kind}_p99"]
                row.append(f"{milliseconds(p50)} / {milliseconds(p99)}")
        row += [f"{figures[kind] / _MEBI:.0f}" for kind in ("memory_idle", "memory_loaded")]
        rows.append([*row, f"{figures['start_up']:.2f}"])
    return grid(head, rows)


def _complaints(title: str, figures: Figures) -> list[str]:
    """What makes a contestant's figures doubtful: errors, and others on the server's core."""
    found = []
    for kind in ("whole", "stream"):
        for count, level in figures[kind].items():
            where = f"{title}, {kind}, {count} connections"
            if level["errors"]:
                found.append(
                    f"ERRORS: {where}: {level['errors']} {level.get('failure', '')}".rstrip()
                )
            if (level["strangers"] or 0) > BUSY_STRANGERS:
                share = f"{level['strangers']:.0%}"
                found.append(f"NOISE: {where}: other programs took {share} of the server's core")
    return found


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its first column to the left and all others to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (cell for cell in cells)
        padded = [first.ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        return "| " + " | ".join(padded) + " |"

    rule = "| " + " | ".join(["-" * widths[0], *("-" * (w - 1) + ":" for w in widths[1:])]) + " |"
    return "\n".join([line(head), rule, *map(line, rows)])
