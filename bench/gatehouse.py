"""Gatehouse as a contestant: its configuration for the benchmark and a key to call it with."""

import sys
from pathlib import Path

from bench.launch import Launch, Place
from bench.peers import Unavailable

CONFIG = Path(__file__).parent / "config"
COMMAND = Path(sys.executable).parent / "gatehouse"


def launch_gatehouse(place: Place, config: str) -> Launch:
    """A Gatehouse with ``bench/config/<config>.yaml``. Raises Unavailable when it cannot start."""
    file = CONFIG / f"{config}.yaml"
    if not file.exists():
        raise Unavailable(f"no such configuration: {file}")
    if not COMMAND.exists():
        raise Unavailable(f"no gatehouse command at {COMMAND}; run `make setup`")
    return Launch([str(COMMAND), "serve", "--config", str(file)])
