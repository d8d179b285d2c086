"""Sorts requests: small talk, a question that needs knowledge, or a task; and how hard they are."""

import numpy as np

from gateway.encoder.detector_models import DetectorModels
from gateway.ports.classifier import Classifier, Label
from gateway.ports.encoder import Encoder

CHITCHAT = "chitchat"
_KINDS = ("knowledge", "task")
_EFFORTS = ("simple", "medium", "complex")
_CERTAIN = 0.9
"""Score from which the rules have the last word on whether a text is small talk."""


class EncodedClassifier:
    """A Classifier that reads what a request means, after the rules had their say.

    Small talk is what the rules know as such, and what the encoder is very sure of: a question that
    is taken for small talk is answered without documents. Labels are ``chitchat``, ``knowledge``
    and ``task``.
    """

    def __init__(self, encoder: Encoder, models: DetectorModels, rules: Classifier) -> None:
        """``rules`` knows ``chitchat`` by its wording."""
        self._encoder = encoder
        self._models = models
        self._rules = rules

    async def classify(self, text: str, scope: str = "") -> Label | None:
        """None for a text without words."""
        ruled = await self._rules.classify(text, scope)
        if ruled is None:
            return None
        if ruled.name == CHITCHAT:
            return Label(CHITCHAT, ruled.score, "simple")
        encoding = await self._encoder.encode(text, scope)
        logits = np.mean([window.logits for window in encoding.windows], axis=0).tolist()
        says = {
            name: self._models.probability(name, logit)
            for name, logit in zip(self._encoder.heads, logits, strict=True)
        }
        effort, small_talk = max(_EFFORTS, key=says.__getitem__), says[CHITCHAT]
        if small_talk >= self._models.routing.chitchat and ruled.score < _CERTAIN:
            return Label(CHITCHAT, round(small_talk, 4), "simple")
        kind = max(_KINDS, key=says.__getitem__)
        return Label(kind, round(says[kind], 4), effort)
