"""Fits the small models that turn scores out of fold into probabilities."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from gateway.encoder.calibration import Combiner
from training.examples import DOCUMENT, ROUTE, TOXICITY, USER
from training.scores import Scored

SETS = (
    ("rules", "ngrams", "encoder"),
    ("rules", "encoder"),
    ("rules", "ngrams"),
    ("ngrams", "encoder"),
    ("encoder",),
    ("ngrams",),
)
"""The sets of detectors that a policy may ask for; rules alone need no model."""
_FARTHEST = 12.0
_HEADS = {
    "toxic": TOXICITY,
    "hate": TOXICITY,
    "offensive": TOXICITY,
    "chitchat": ROUTE,
    "knowledge": ROUTE,
    "task": ROUTE,
}
_MEANS = {
    "toxic": {"toxic", "hate", "offensive"},
    "hate": {"hate"},
    "offensive": {"offensive", "hate"},
}


def combiners(scored: Sequence[Scored]) -> dict[str, list[dict[str, Any]]]:
    """For each channel a combiner for each set of detectors."""
    return {
        channel: [_combiner([s for s in scored if s.task == channel], names) for names in SETS]
        for channel in (USER, DOCUMENT)
    }


def _combiner(scored: Sequence[Scored], names: Sequence[str]) -> dict[str, Any]:
    """Every family weighs the same on its side, however many texts it has."""
    features = np.clip([[s.scores[n] for n in names] for s in scored], -_FARTHEST, _FARTHEST)
    labels = np.array([s.label == "attack" for s in scored])
    sizes = Counter((s.family, s.label) for s in scored)
    weights = np.array([1.0 / np.sqrt(sizes[s.family, s.label]) for s in scored])
    for side in (True, False):
        weights[labels == side] /= weights[labels == side].sum()
    model = LogisticRegression(C=1e3).fit(features, labels, weights * len(scored) / 2)
    return {
        "bias": round(float(model.intercept_[0]), 4),
        "weights": {
            name: round(max(0.0, float(weight)), 4)
            for name, weight in zip(names, model.coef_[0], strict=True)
        },
    }


def heads(scored: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """Slope and bias of each head that stands alone."""
    made = {}
    for head, task in _HEADS.items():
        own = [s for s in scored if s.task == task]
        labels = np.array([s.label in _MEANS.get(head, {head}) for s in own])
        if head == "hate" or head == "offensive":
            known = np.array([s.label != "toxic" for s in own])
            own, labels = [s for s, k in zip(own, known, strict=True) if k], labels[known]
        if not own or labels.all() or not labels.any():
            continue
        logits = np.clip([[s.scores[head]] for s in own], -_FARTHEST, _FARTHEST)
        model = LogisticRegression(C=1e3, class_weight="balanced").fit(logits, labels)
        made[head] = {
            "slope": round(float(model.coef_[0][0]), 4),
            "bias": round(float(model.intercept_[0]), 4),
        }
    return made


def probabilities(scored: Sequence[Scored], combiner: dict[str, Any]) -> np.ndarray[Any, Any]:
    """[texts], what the combiner makes of their scores."""
    one = Combiner.of(combiner)
    return np.array([one.probability(s.scores) for s in scored])
