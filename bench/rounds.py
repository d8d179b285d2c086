"""Several rounds over all contestants, and the median of what they gave."""

import statistics
import sys
from collections.abc import Sequence
from typing import Any

from bench.contestants import Contestant
from bench.launch import NotReady
from bench.measure import Figures, Plan, trial
from bench.peers import Unavailable


def run_rounds(contestants: Sequence[Contestant], plan: Plan, rounds: int) -> dict[str, Figures]:
    """The median figures by contestant. One that cannot run has only ``unavailable``, the reason.

    Contestants take turns within each round, so that a slow minute of the machine hits them all.
    """
    trials: dict[str, list[Figures]] = {contestant.name: [] for contestant in contestants}
    missing: dict[str, str] = {}
    for number in range(1, rounds + 1):
        for contestant in contestants:
            if contestant.name in missing:
                continue
            print(f"round {number}/{rounds}: {contestant.title}", file=sys.stderr)
            try:
                trials[contestant.name].append(trial(contestant, plan))
            except (Unavailable, NotReady, RuntimeError) as reason:
                missing[contestant.name] = str(reason)
                print(f"  not measured: {reason}", file=sys.stderr)
    return {
        contestant.name: {"unavailable": missing[contestant.name]}
        if contestant.name in missing
        else {**median_of(trials[contestant.name]), "rounds": trials[contestant.name]}
        for contestant in contestants
    }


def median_of(samples: Sequence[Figures]) -> Figures:
    """The median of every number; the sum of ``errors``, the first text that says something."""
    result: Figures = {}
    for name in samples[0]:
        values: list[Any] = [sample.get(name) for sample in samples]
        if isinstance(values[0], dict):
            result[name] = median_of(values)
        elif name == "errors":
            result[name] = sum(values)
        elif isinstance(values[0], str):
            result[name] = next((value for value in values if value), "")
        else:
            numbers = [value for value in values if value is not None]
            result[name] = statistics.median(numbers) if numbers else None
    return result
