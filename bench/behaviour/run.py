"""Shows the behaviours on the contestants and says who holds."""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.behaviour.catalog import BEHAVIOURS
from bench.behaviour.outcome import Outcome, Verdict, settled
from bench.behaviour.scene import Contestant, scene
from bench.launch import NotReady
from bench.peers import Unavailable

Column = Mapping[str, Outcome]
"""What one contestant did, by behaviour."""


async def show(contestant: Contestant, folder: Path, patience: float = 5.0) -> Column:
    """All behaviours on one contestant. ``patience`` are the seconds in which an edited policy
    has to come into force. Raises Unavailable or NotReady when it does not run."""
    column = {}
    async with scene(contestant, folder, patience) as place:
        for behaviour in BEHAVIOURS:
            observed = await behaviour.show(place)
            column[behaviour.name] = settled(observed, contestant.lacks.get(behaviour.name))
    return column


async def show_all(contestants: Sequence[Contestant]) -> tuple[dict[str, Column], dict[str, str]]:
    """The columns of those that ran, and why the others did not."""
    columns: dict[str, Column] = {}
    absent: dict[str, str] = {}
    for contestant in contestants:
        print(f"{contestant.title} ...", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="behaviour-") as folder:
            try:
                columns[contestant.name] = await show(contestant, Path(folder))
            except (Unavailable, NotReady) as problem:
                absent[contestant.name] = str(problem)
    return columns, absent


def table(columns: Mapping[str, Column], titles: Mapping[str, str]) -> str:
    """A Markdown table, and under it what was seen."""
    lines = [
        f"| | behaviour | {' | '.join(titles[name] for name in columns)} |",
        f"| ---: | --- |{' --- |' * len(columns)}",
    ]
    for number, behaviour in enumerate(BEHAVIOURS, start=1):
        cells = [column[behaviour.name].verdict for column in columns.values()]
        lines.append(f"| {number} | {behaviour.title} | {' | '.join(cells)} |")
    lines.append("")
    for name, column in columns.items():
        lines += [
            f"- {titles[name]}, {number}: {column[behaviour.name].detail}"
            for number, behaviour in enumerate(BEHAVIOURS, start=1)
        ]
    return "\n".join(lines)


def document(
    columns: Mapping[str, Column], absent: Mapping[str, str], versions: Mapping[str, str]
) -> dict[str, object]:
    """The results as JSON."""
    return {
        "about": {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": dict(versions),
            "absent": dict(absent),
        },
        "behaviours": {behaviour.name: behaviour.title for behaviour in BEHAVIOURS},
        "results": {
            name: {
                key: {"verdict": outcome.verdict, "detail": outcome.detail}
                for key, outcome in column.items()
            }
            for name, column in columns.items()
        },
    }


def save(results: Mapping[str, object], folder: Path) -> Path:
    """Writes ``behaviour-<date>.json``."""
    folder.mkdir(exist_ok=True)
    file = folder / f"behaviour-{datetime.now(UTC):%Y-%m-%dT%H%M}.json"
    file.write_text(json.dumps(results, indent=1) + "\n")
    return file


def broken(column: Column) -> list[str]:
    """The behaviours of a column that do not hold."""
    return [name for name, outcome in column.items() if outcome.verdict is not Verdict.HOLDS]
