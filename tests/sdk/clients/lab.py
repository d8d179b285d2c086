"""Runs the behaviours of one client: a setting on stdin, one JSON line for each on stdout."""

import json
import sys
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def run(behaviours: dict[str, Callable[[Json], Any]]) -> None:
    """Every behaviour gets the setting: ``base_url`` (without ``/v1``), ``key``. What one raises is
    what it observed."""
    setting: Json = json.load(sys.stdin)
    for name, behaviour in behaviours.items():
        try:
            observed = behaviour(setting)
        except Exception as error:  # noqa: BLE001 - whatever it raises is what it observed
            observed = {"raised": type(error).__name__, "said": str(error)[:300]}
        sys.stdout.write(json.dumps({"behaviour": name, "observed": observed}) + "\n")
