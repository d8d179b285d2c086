"""Many streams open at once for a minute: no error, and memory that does not grow."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.client import raise_open_files
from bench.contestants import Contestant
from bench.launch import call_environment
from bench.measure import Bench, started
from bench.process import LOAD_CORE

CHUNKS = 80
PACE = 0.25
RAMP = CHUNKS * PACE
"""Seconds over which the streams start; their ends are then spread evenly too."""
FLAT = 0.02
"""Growth of memory per minute that still counts as flat, as a share of the whole."""
_MEBI = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Soak:
    """What a soak showed. ``memory`` in bytes, one sample a second while all streams were open."""

    figures: dict[str, Any]
    memory: list[int]

    @property
    def growth(self) -> float:
        """The slope of memory, bytes a minute, by least squares."""
        return slope(self.memory) * 60

    @property
    def flat(self) -> bool:
        return self.growth <= FLAT * (sum(self.memory) / len(self.memory))


def soak(contestant: Contestant, connections: int, seconds: float) -> bool:
    """Whether the contestant held ``connections`` streams for ``seconds`` without an error and
    with flat memory; prints what was seen. Each stream lasts 20 s and is replaced at its end."""
    raise_open_files(4 * connections + 1024)
    with started(contestant, CHUNKS, PACE) as bench:
        idle = bench.child.memory()
        found = _hold(bench, connections, seconds)
        words = bench.child.last_words()
    figures = found.figures
    print(f"{contestant.title}: {connections} streams for {seconds:.0f} s")
    print(f"  answers complete     {figures['requests']:,}")
    print(f"  most open at once    {figures['most_open']:,}")
    print(f"  errors               {figures['errors']} {figures['failure']}".rstrip())
    print(f"  first text p50/p99   {_ms(figures['first_p50'])} / {_ms(figures['first_p99'])} ms")
    print(f"  gap p50/p99          {_ms(figures['gap_p50'])} / {_ms(figures['gap_p99'])} ms")
    print(f"  memory idle          {idle / _MEBI:.1f} MiB")
    print(f"  memory held          {found.memory[0] / _MEBI:.1f} to {found.memory[-1] / _MEBI:.1f}")
    print(f"  growth per minute    {found.growth / _MEBI:+.2f} MiB (flat is below {FLAT:.0%})")
    passed = figures["errors"] == 0 and found.flat and figures["most_open"] >= connections
    if figures["errors"] and words:
        print(f"  the server said      {words}")
    print("passed" if passed else "FAILED")
    return passed


def slope(samples: Sequence[float]) -> float:
    """The rise per sample of the straight line that fits best."""
    count = len(samples)
    if count < 2:
        return 0.0
    middle, mean = (count - 1) / 2, sum(samples) / count
    above = sum((x - middle) * (y - mean) for x, y in enumerate(samples))
    return above / sum((x - middle) ** 2 for x in range(count))


def _hold(bench: Bench, connections: int, seconds: float) -> Soak:
    options = [
        *("--port", str(bench.port), "--connections", str(connections)),
        *("--seconds", str(seconds), "--ramp", str(RAMP), "--words", str(CHUNKS)),
    ]
    command = ["taskset", "-c", str(LOAD_CORE), sys.executable, "-m", "bench.client", *options]
    env = call_environment(bench.launch, stream=True)
    load = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    try:
        began = time.monotonic()
        memory = []
        # the first round of streams is left out: buffers grow to their working size in it
        while load.poll() is None and time.monotonic() - began < RAMP + seconds:
            time.sleep(1)
            if time.monotonic() - began > RAMP + 2:
                memory.append(bench.child.memory())
        output, _ = load.communicate(timeout=RAMP + 90)
    finally:
        load.kill()
    return Soak(json.loads(output), memory or [bench.child.memory()])


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.1f}"
