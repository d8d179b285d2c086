"""Where a server under load spends its time: the same load with a profiler in the server."""

import os
import pstats
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.contestants import Contestant
from bench.launch import Launch, Place
from bench.measure import CHUNKS, PACE, Plan, started, streams, whole

_PATIENCE = 15.0


def profile(contestant: Contestant, plan: Plan, *, stream: bool, lines: int, sort: str) -> None:
    """Runs the server under cProfile and 32 connections (50 streams), then prints the dearest
    functions of the load alone.

    The profiler itself makes the server two to three times slower, and Python calls look dearer
    than C calls: read the order, not the times. Raises ValueError for a server without Python.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "server.prof"

        def launch(place: Place) -> Launch:
            made = contestant.launch(place)
            if made is None or made.command[0] == "node":
                raise ValueError(f"{contestant.name} is no Python server")
            return replace(made, command=_profiled(made.command, file))

        with started(replace(contestant, launch=launch), CHUNKS, PACE) as bench:
            whole(bench, plan, 32, plan.warm_up)
            os.kill(bench.child.pid, signal.SIGUSR1)
            if stream:
                found = streams(bench, 50, plan.seconds)
            else:
                found = whole(bench, plan, 32, plan.seconds)
            os.kill(bench.child.pid, signal.SIGUSR2)
            _await(file)
        rate = found["requests"] / found["seconds"]
        print(f"under the profiler: {found['requests']:,} answers, {rate:,.0f}/s")
        pstats.Stats(str(file), stream=sys.stdout).sort_stats(sort).print_stats(lines)


def _await(file: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not file.exists():
        if time.monotonic() > deadline:
            raise ValueError("the server wrote no profile")
        time.sleep(0.05)


def _profiled(command: list[str], file: Path) -> list[str]:
    first, *rest = command
    python = Path(first).with_name("python")
    program = rest if rest[0] == "-m" else command
    return [str(python), "-m", "bench.profiled", str(file), *program]
