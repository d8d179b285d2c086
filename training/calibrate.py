"""Fits the small models that turn scores out of fold into probabilities.

What they say is centred on the operating point: a probability of one half is what 2% of the benign
texts reach, every family weighing the same. So 0.5 is the threshold to begin with, for every set of
detectors. The model of each fold has a scale of its own, and so a point of its own; what ships has
their mean.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil, log
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from gateway.encoder.calibration import Combiner, Platt, evidence, sigmoid
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
FLAGGED = 0.02
"""False positives at the operating point, the mean over the benign families left out."""
WORST_SMALL_TALK = 0.005
"""Questions of any family that may be taken for small talk: they get no documents."""
_RULES_SURE = 0.85
"""The threshold at which the rules do well alone."""
_LEAST_SMALL_TALK = 0.85
"""What ships has learned for longer than the folds, so its scores lie higher."""
_RULES_KNOW = frozenset({"injecagent"})
"""What the rules were written for: it would teach to trust the rules alone."""
_FARTHEST = 12.0
_SUREST = 0.9999
_MOST = 5.0
"""What the encoder's logit counts for at the most beside n-grams, in the user's channel. Beyond it
recall gains nothing, and below it a text that the others find harmless need not be encoded."""
_FREELY = 3.0
"""Scale of the biases of folds, so that they are hardly held down."""
_HEADS = {"toxic": TOXICITY, "chitchat": ROUTE, "knowledge": ROUTE, "task": ROUTE}
"""Heads that several sets teach. Hate and offence are told apart in one set alone: the fold that
leaves it out knows nothing of them."""
_MEANS = {"toxic": {"toxic", "hate", "offensive"}}


def combiners(scored: Sequence[Scored]) -> dict[str, list[dict[str, Any]]]:
    """For each channel a combiner for each set of detectors."""
    return {
        channel: [
            _combiner([s for s in scored if s.task == channel], names, channel) for names in SETS
        ]
        for channel in (USER, DOCUMENT)
    }


def _combiner(scored: Sequence[Scored], names: Sequence[str], channel: str) -> dict[str, Any]:
    """Every family weighs the same on its side, however many texts it has. What the rules are sure
    of is not outvoted in documents: a user may quote an attack, a document has no order to give."""
    teaching = [s for s in scored if s.family not in _RULES_KNOW]
    most = {"encoder": _MOST} if channel == USER and {"encoder", "ngrams"} <= set(names) else {}
    highest = [most.get(name, _FARTHEST) for name in names]
    features = np.clip([[s.scores[n] for n in names] for s in teaching], -_FARTHEST, highest)
    labels = np.array([s.label == "attack" for s in teaching])
    sizes = Counter((s.family, s.label) for s in teaching)
    weights = np.array([1.0 / np.sqrt(sizes[s.family, s.label]) for s in teaching])
    for side in (True, False):
        weights[labels == side] /= weights[labels == side].sum()
    numbers = np.array([s.fold for s in teaching])
    own_bias = (numbers[:, None] == np.unique(numbers)) * _FREELY
    model = LogisticRegression(C=1e3, fit_intercept=False)
    model.fit(np.hstack([features, own_bias]), labels, weights * len(teaching) / 2)
    made: dict[str, Any] = {
        "bias": 0.0,
        "weights": {
            name: round(max(0.0, float(weight)), 4)
            for name, weight in zip(names, model.coef_[0], strict=False)
        },
    }
    if most:
        made["most"] = most
    if channel == DOCUMENT and "rules" in names:
        made["sure"] = round(evidence(_RULES_SURE), 4)
    points = [
        operating_point([s for s in scored if s.fold == fold], made)
        for fold in sorted({s.fold for s in scored})
    ]
    made["bias"] = round(-float(np.mean(np.log(points) - np.log1p(np.negative(points)))), 4)
    return made


def operating_point(scored: Sequence[Scored], combiner: dict[str, Any]) -> float:
    """The least probability that 2% of the benign texts reach at most, families weighing alike."""
    said = probabilities(scored, combiner)
    benign = list(by_family(scored, said, "benign").values())
    points = np.unique(np.concatenate(benign))
    below = [np.searchsorted(np.sort(own), points, side="left") / len(own) for own in benign]
    reached = 1.0 - np.mean(below, axis=0)
    first = min(int(np.searchsorted(-reached, -FLAGGED)), len(points) - 1)
    return min(_SUREST, float(points[first]))


def moved(point: float, asked: float) -> float:
    """The probability that becomes ``asked`` when ``point`` becomes one half."""
    return sigmoid(log(point / (1.0 - point)) + log(asked / (1.0 - asked)))


def by_family(
    scored: Sequence[Scored], said: NDArray[np.float64], label: str
) -> dict[str, NDArray[np.float64]]:
    """What is said of the texts of each family that have the label."""
    families = np.array([s.family if s.label == label else "" for s in scored])
    return {str(family): said[families == family] for family in np.unique(families) if family}


def above(values: NDArray[np.float64], share: float) -> float:
    """The least threshold that at most this share of the values reach."""
    kept = int(np.floor(share * len(values)))
    ordered = np.sort(values)[::-1]
    return float(np.nextafter(ordered[kept], 2.0)) if kept < len(ordered) else 0.0


def heads(scored: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """Slope and bias of each head that stands alone."""
    made = {}
    for head, task in _HEADS.items():
        own = [s for s in scored if s.task == task]
        labels = np.array([s.label in _MEANS.get(head, {head}) for s in own])
        if not own or labels.all() or not labels.any():
            continue
        logits = np.clip([[s.scores[head]] for s in own], -_FARTHEST, _FARTHEST)
        model = LogisticRegression(C=1e3, class_weight="balanced").fit(logits, labels)
        made[head] = {
            "slope": round(float(model.coef_[0][0]), 4),
            "bias": round(float(model.intercept_[0]), 4),
        }
    return made


def routing(scored: Sequence[Scored], heads: Mapping[str, dict[str, float]]) -> dict[str, float]:
    """The probability from which a request counts as small talk. Empty when no family of questions
    was left out."""
    own = [s for s in scored if s.task == ROUTE]
    said = small_talk(own, heads)
    questions = by_family(own, said, "knowledge").values()
    if not questions:
        return {}
    least = max(_LEAST_SMALL_TALK, *(above(f, WORST_SMALL_TALK) for f in questions))
    return {"chitchat": min(_SUREST, ceil(least * 1e4) / 1e4)}


def small_talk(
    scored: Sequence[Scored], heads: Mapping[str, dict[str, float]]
) -> NDArray[np.float64]:
    """[texts], the probability that a request is small talk."""
    platt = Platt(**heads.get("chitchat", {}))
    return np.array([platt.probability(s.scores["chitchat"]) for s in scored])


def probabilities(scored: Sequence[Scored], combiner: dict[str, Any]) -> NDArray[np.float64]:
    """[texts], what the combiner makes of their scores."""
    one = Combiner.of(combiner)
    return np.array([one.probability(s.scores) for s in scored])
