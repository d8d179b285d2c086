"""``python -m bench behaviour``: the table of who holds."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from bench.behaviour.gatehouse import Gatehouse
from bench.behaviour.litellm import LiteLLM
from bench.behaviour.portkey import Portkey
from bench.behaviour.run import broken, document, save, show_all, table
from bench.behaviour.scene import Contestant
from bench.peers import versions

CONTESTANTS: tuple[Contestant, ...] = (Gatehouse(), LiteLLM(), Portkey())
NAMES = tuple(contestant.name for contestant in CONTESTANTS)


def run(names: Sequence[str], results: Path | None, *, as_json: bool) -> int:
    """Shows the behaviours on those called ``names``, on all when there are none, and writes a
    file into ``results``. 1 when Gatehouse fails one or does not run."""
    chosen = [c for c in CONTESTANTS if not names or c.name in names]
    columns, absent = asyncio.run(show_all(chosen))
    found = document(columns, absent, versions())
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        print(table(columns, {c.name: c.title for c in CONTESTANTS}))
        for name, why in absent.items():
            print(f"- {name} did not run: {why}")
    if results is not None:
        save(found, results)
    ours = columns.get(Gatehouse.name)
    failed = broken(ours) if ours is not None else []
    return 1 if failed or Gatehouse.name in absent else 0
