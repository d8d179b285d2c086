"""What a model is worth, measured on families that it had not learned from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from training.calibrate import probabilities
from training.examples import DOCUMENT, ROUTE, TOXICITY, USER
from training.scores import Scored

WORST = 0.02
"""False positives that the worst benign family may have at the operating point."""
_TOXIC = {"toxic", "hate", "offensive"}

Figures = dict[str, Any]


def figures(scored: Sequence[Scored], combiners: Mapping[str, Sequence[dict[str, Any]]]) -> Figures:
    """For each channel the operating point, with recall and false positives by family at it, and
    the areas under the curves."""
    made: Figures = {
        channel: _channel([s for s in scored if s.task == channel], combiners[channel][0])
        for channel in (USER, DOCUMENT)
    }
    made["toxicity"] = _areas([s for s in scored if s.task == TOXICITY])
    routed = [s for s in scored if s.task == ROUTE]
    made["route"] = _routes(routed)
    return made


def summary(found: Figures) -> dict[str, float]:
    """The figures by which one model is better than another; more is better in each."""
    return {
        "user recall": found[USER]["recall"],
        "user AUROC": found[USER]["auroc"],
        "document recall": found[DOCUMENT]["recall"],
        "document AUROC": found[DOCUMENT]["auroc"],
        **{f"toxicity AUROC, {name}": area for name, area in found["toxicity"].items()},
        **({"tags F2": found["tags"]["f2"]} if "tags" in found else {}),
    }


def worse(new: Mapping[str, float], old: Mapping[str, float], slack: float = 0.01) -> list[str]:
    """What the new model does worse than the old one by more than ``slack``, in words."""
    return [
        f"{name}: {new.get(name, 0.0):.4f}, was {value:.4f}"
        for name, value in sorted(old.items())
        if new.get(name, 0.0) < value - slack
    ]


def _channel(scored: Sequence[Scored], combiner: dict[str, Any]) -> Figures:
    said = probabilities(scored, combiner)
    attack = np.array([s.label == "attack" for s in scored])
    families = np.array([s.family for s in scored])
    benign = {f: said[~attack & (families == f)] for f in np.unique(families[~attack])}
    attacks = {f: said[attack & (families == f)] for f in np.unique(families[attack])}
    threshold = max(_above(own, WORST) for own in benign.values())
    recalls = {name: _share(own, threshold) for name, own in attacks.items()}
    return {
        "threshold": round(threshold, 4),
        "auroc": round(float(roc_auc_score(attack, said)), 4),
        "recall": round(float(np.mean(list(recalls.values()))), 4),
        "attacks": {name: _entry(recalls[name], len(own)) for name, own in attacks.items()},
        "benign": {name: _entry(_share(own, threshold), len(own)) for name, own in benign.items()},
    }


def _entry(share: float, texts: int) -> dict[str, float]:
    return {"flagged": round(share, 4), "texts": texts}


def _share(values: NDArray[np.float64], threshold: float) -> float:
    return float(np.mean(values >= threshold))


def _above(values: NDArray[np.float64], share: float) -> float:
    """The least threshold that at most this share of the values reach."""
    kept = int(np.floor(share * len(values)))
    ordered = np.sort(values)[::-1]
    return float(np.nextafter(ordered[kept], 2.0)) if kept < len(ordered) else 0.0


def _areas(scored: Sequence[Scored]) -> dict[str, float]:
    made = {}
    for family in sorted({s.family for s in scored}):
        own = [s for s in scored if s.family == family]
        labels = [s.label in _TOXIC for s in own]
        if any(labels) and not all(labels):
            made[family] = round(float(roc_auc_score(labels, [s.scores["toxic"] for s in own])), 4)
    return made


def _routes(scored: Sequence[Scored]) -> dict[str, float]:
    labels = [s.label == "chitchat" for s in scored]
    if not any(labels) or all(labels):
        return {}
    return {
        "chitchat AUROC": round(
            float(roc_auc_score(labels, [s.scores["chitchat"] for s in scored])), 4
        )
    }
