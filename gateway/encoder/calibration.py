"""From scores to probabilities: small logistic models that are fitted on scores out of fold."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from math import exp, expm1, inf, log1p
from typing import Any

_FARTHEST = 12.0
"""Logits beyond this say no more than certainty does."""
_SUREST = 0.999
_RULES = "rules"


def sigmoid(logit: float) -> float:
    """The probability of a logit."""
    return 1.0 / (1.0 + exp(-max(-60.0, min(60.0, logit))))


def evidence(probability: float) -> float:
    """A noisy-or's probability as a sum: -ln(1 - p), 0 for no sign at all, 6.9 at the most.

    Independent signs add up in it, so that a linear model can weigh them.
    """
    return -log1p(-min(probability, _SUREST))


@dataclass(frozen=True, slots=True)
class Platt:
    """The probability of one head's logit (Platt 1999): sigmoid(slope * logit + bias)."""

    slope: float = 1.0
    bias: float = 0.0

    def probability(self, logit: float) -> float:
        return sigmoid(self.slope * logit + self.bias)


@dataclass(frozen=True, slots=True)
class Combiner:
    """One probability out of several named scores: a logistic model over them.

    ``rules`` is given as ``evidence``, the others as logits; each is cut off at ±12, and where
    ``most`` names it at that. Evidence of ``sure`` or more stands for itself: what the rules are
    sure of is not outvoted.
    """

    bias: float
    weights: Mapping[str, float]
    sure: float = inf
    most: Mapping[str, float] = field(default_factory=dict)
    names: AbstractSet[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(self.weights))

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Combiner":
        """What the manifest says: ``{"bias": …, "weights": {name: …}, "sure": …, "most": {name:
        …}}``, the last two only where there are any. Raises ValueError."""
        try:
            weights = {str(name): float(weight) for name, weight in stored["weights"].items()}
            most = {str(name): float(logit) for name, logit in stored.get("most", {}).items()}
            return cls(float(stored["bias"]), weights, float(stored.get("sure", inf)), most)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(
                f"no combiner: {stored!r}; expected a bias, and weights by name"
            ) from error

    def probability(self, scores: Mapping[str, float]) -> float:
        """Raises KeyError for a score that is missing; further ones are not looked at."""
        logit = self.bias
        for name, weight in self.weights.items():
            logit += weight * max(-_FARTHEST, min(self.most.get(name, _FARTHEST), scores[name]))
        ruled = scores[_RULES] if _RULES in self.weights else 0.0
        return max(sigmoid(logit), -expm1(-ruled)) if ruled >= self.sure else sigmoid(logit)


def combiner_for(combiners: Sequence[Combiner], names: AbstractSet[str]) -> Combiner | None:
    """The combiner of exactly these scores, if there is one."""
    return next((combiner for combiner in combiners if combiner.names == names), None)
