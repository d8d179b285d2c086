"""What a model is worth, measured on families that it had not learned from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from training.calibrate import WORST, above, probabilities, small_talk
from training.examples import DOCUMENT, ROUTE, TOXICITY, USER
from training.scores import Scored

_TOXIC = {"toxic", "hate", "offensive"}

Figures = dict[str, Any]


def figures(scored: Sequence[Scored], made_of: Mapping[str, Any]) -> Figures:
    """For each channel the operating point, with recall and false positives by family at it, and
    the areas under the curves. ``made_of`` is the calibration as the manifest has it."""
    made: Figures = {
        channel: _channel([s for s in scored if s.task == channel], made_of[channel][0])
        for channel in (USER, DOCUMENT)
    }
    made["toxicity"] = _areas([s for s in scored if s.task == TOXICITY])
    routed = [s for s in scored if s.task == ROUTE]
    threshold = made_of["routing"].get("chitchat", 1.0)
    made["route"] = _routes(routed, made_of["heads"], threshold)
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
    threshold = max(above(own, WORST) for own in benign.values())
    recalls = [_share(own, threshold) for own in attacks.values()]
    return {
        "threshold": round(threshold, 4),
        "auroc": round(float(roc_auc_score(attack, said)), 4),
        "recall": round(float(np.mean(recalls)), 4),
        "attacks": _shares(attacks, threshold),
        "benign": _shares(benign, threshold),
    }


def _shares(
    families: Mapping[str, NDArray[np.float64]], threshold: float
) -> dict[str, dict[str, float]]:
    return {
        str(name): {"flagged": round(_share(own, threshold), 4), "texts": len(own)}
        for name, own in families.items()
    }


def _share(values: NDArray[np.float64], threshold: float) -> float:
    return float(np.mean(values >= threshold))


def _areas(scored: Sequence[Scored]) -> dict[str, float]:
    made = {}
    for family in sorted({s.family for s in scored}):
        own = [s for s in scored if s.family == family]
        labels = [s.label in _TOXIC for s in own]
        if any(labels) and not all(labels):
            made[family] = round(float(roc_auc_score(labels, [s.scores["toxic"] for s in own])), 4)
    return made


def _routes(
    scored: Sequence[Scored], heads: Mapping[str, dict[str, float]], threshold: float
) -> Figures:
    """By label and family, the share that counts as small talk at ``threshold``; and the area."""
    if not scored:
        return {}
    said = small_talk(scored, heads)
    kinds = np.array([f"{s.label}, {s.family}" for s in scored])
    talk = np.array([s.label == "chitchat" for s in scored])
    made: Figures = {
        "small talk": _shares({kind: said[kinds == kind] for kind in np.unique(kinds)}, threshold)
    }
    if talk.any() and not talk.all():
        made["auroc"] = round(float(roc_auc_score(talk, said)), 4)
    return made
