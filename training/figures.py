"""What a model is worth, measured on families that it had not learned from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from sklearn.metrics import roc_auc_score

from training.calibrate import (
    FLAGGED,
    above,
    by_family,
    moved,
    operating_point,
    probabilities,
    small_talk,
)
from training.examples import DOCUMENT, ROUTE, TOXICITY, USER
from training.scores import Scored

_POLICY = Path(__file__).parents[1] / "policies" / "baseline.yaml"
_TOXIC = {"toxic", "hate", "offensive"}

Figures = dict[str, Any]


def asked() -> dict[str, float]:
    """The thresholds of the ``baseline`` policy, by channel."""
    layers = YAML(typ="safe").load(_POLICY.read_text(encoding="utf-8"))["layers"]
    thresholds = {rule["id"]: rule.get("threshold") for rule in layers["input"] + layers["context"]}
    return {USER: thresholds["injection"]["default"], DOCUMENT: thresholds["poisoned-chunk"]}


def figures(scored: Sequence[Scored], made_of: Mapping[str, Any]) -> Figures:
    """For each channel the operating points, with recall and false positives by family at them,
    and the areas under the curves. ``made_of`` is the calibration as the manifest has it."""
    baseline = asked()
    made: Figures = {
        channel: _channel(
            [s for s in scored if s.task == channel], made_of[channel][0], baseline[channel]
        )
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


def _channel(scored: Sequence[Scored], combiner: dict[str, Any], baseline: float) -> Figures:
    """Each fold by its own model at that model's operating points: ``flagged`` at one half,
    ``baseline`` at that threshold, ``strict`` where no benign family has more than 2%."""
    sides: dict[str, dict[str, dict[str, float]]] = {"attack": {}, "benign": {}}
    areas, halves = [], []
    for fold in sorted({s.fold for s in scored}):
        own = [s for s in scored if s.fold == fold]
        said = probabilities(own, combiner)
        benign = by_family(own, said, "benign")
        half = operating_point(own, combiner)
        points = {
            "flagged": half,
            "baseline": moved(half, baseline),
            "strict": max(above(family, FLAGGED) for family in benign.values()),
        }
        for label, kept in sides.items():
            for name, family in by_family(own, said, label).items():
                shares = {at: round(float(np.mean(family >= p)), 4) for at, p in points.items()}
                kept[name] = {**shares, "texts": len(family)}
        areas.append(roc_auc_score([s.label == "attack" for s in own], said))
        halves.append(round(half, 4))
    means = {
        name: round(float(np.mean([one[at] for one in sides["attack"].values()])), 4)
        for name, at in (("recall", "flagged"), ("recall_strict", "strict"))
    }
    return {
        "baseline": baseline,
        "thresholds": halves,
        "auroc": round(float(np.mean(areas)), 4),
        **means,
        "attacks": sides["attack"],
        "benign": sides["benign"],
    }


def _shares(families: Mapping[str, NDArray[np.bool_]]) -> dict[str, dict[str, float]]:
    return {
        str(name): {"flagged": round(float(np.mean(own)), 4), "texts": len(own)}
        for name, own in families.items()
    }


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
        "small talk": _shares({k: said[kinds == k] >= threshold for k in np.unique(kinds)})
    }
    if talk.any() and not talk.all():
        made["auroc"] = round(float(roc_auc_score(talk, said)), 4)
    return made
