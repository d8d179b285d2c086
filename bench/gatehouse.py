"""Gatehouse as a contestant: its configuration for the benchmark and a key to call it with."""

import os
import subprocess
import sys
from pathlib import Path

from bench.launch import Launch, Place
from bench.payload import MODEL
from bench.peers import Unavailable

CONFIG = Path(__file__).parent / "config"
COMMAND = Path(sys.executable).parent / "gatehouse"
_LIMITS = ["--rpm", "100000000", "--tpm", "100000000000", "--concurrent", "100000"]


def launch_gatehouse(place: Place, config: str) -> Launch:
    """A Gatehouse with ``bench/config/<config>.yaml``, its files in the trial's own folder, and a
    key made as a user makes one. Raises Unavailable when it cannot start."""
    if not COMMAND.exists():
        raise Unavailable(f"no gatehouse command at {COMMAND}; run `make setup`")
    var = place.folder / "var"
    options = [*("--tenant", "default"), *("--models", MODEL), *_LIMITS]
    made = subprocess.run(
        [str(COMMAND), "keys", "--store", str(var), "create", *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ},
    )
    if made.returncode != 0:
        raise Unavailable(f"no key could be made: {made.stderr.strip()[-400:]}")
    return Launch(
        [
            *(str(COMMAND), "serve", "--config", str(CONFIG / f"{config}.yaml")),
            *("--port", str(place.port), "--log-level", "warning"),
        ],
        env={
            "BENCH_PORT": str(place.port),
            "BENCH_UPSTREAM_PORT": str(place.upstream),
            "BENCH_VAR": str(var),
        },
        key=made.stdout.strip(),
    )
