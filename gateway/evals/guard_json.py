"""Figures of a guard as plain data, for machines."""

import math
from collections.abc import Sequence
from typing import Any

from gateway.evals.guard_figures import GuardFigures, Mistake, Slice
from gateway.evals.metrics import Share


def as_json(figures: GuardFigures) -> dict[str, Any]:
    """The figures as plain data; shares with their count and 95% interval, no texts."""
    return {
        "attacks": figures.attacks,
        "benign": figures.benign,
        "auroc": figures.auroc,
        "average_precision": figures.average_precision,
        "shipped": {"recall": share(figures.recall), "false_positives": share(figures.alarms)},
        "at_false_positives": [
            {
                "share": point.share,
                "basis": point.basis,
                "set_by": point.family or None,
                "threshold": point.threshold if math.isfinite(point.threshold) else None,
                "resolved": point.resolved,
                "recall": share(point.pooled),
                "false_positives": share(point.alarms),
                "families": {name: share(found) for name, found in point.families.items()},
            }
            for point in figures.points
        ],
        "attack_families": {
            family.name: {
                "recall": share(family.recall),
                "auroc": family.auroc,
                "lowest_score": family.lowest,
            }
            for family in figures.attack_families
        },
        "benign_families": {
            family.name: {"flagged": share(family.flagged), "highest_score": family.highest}
            for family in figures.benign_families
        },
        "languages": _sliced(figures.languages),
        "origins": _sliced(figures.origins),
        "latency_ms": dict(figures.latency),
        "missed": [_mistaken(one) for one in figures.missed],
        "overblocked": [_mistaken(one) for one in figures.overblocked],
    }


def share(given: Share) -> dict[str, Any]:
    """A share as plain data."""
    low, high = given.interval
    return {
        "hits": given.hits,
        "count": given.count,
        "share": given.value,
        "low": low,
        "high": high,
    }


def _sliced(slices: Sequence[Slice]) -> dict[str, Any]:
    return {
        one.name: {"recall": share(one.recall), "flagged": share(one.flagged), "auroc": one.auroc}
        for one in slices
    }


def _mistaken(one: Mistake) -> dict[str, Any]:
    return {"place": one.place, "family": one.family, "score": one.score}
