import numpy as np
import pytest

from gateway.adapters.rules.classifier import RuleClassifier
from gateway.encoder.calibration import Platt
from gateway.encoder.classifier import EncodedClassifier
from gateway.encoder.detector_models import DetectorModels, Routing
from gateway.ports.classifier import Label
from gateway.ports.encoder import Encoding, Window

MODELS = DetectorModels(heads={"chitchat": Platt(2.0, 0.0)}, routing=Routing(chitchat=0.95))
KNOWN = {
    "weekend": {"chitchat": 2.0, "knowledge": -1.0},
    "moon": {"chitchat": 1.0, "knowledge": 2.0},
    "write": {"task": 3.0, "knowledge": 1.0, "medium": 2.0},
    "compare": {"task": 3.0, "complex": 2.0},
}
"""The logits of the words that our encoder knows; of all others -3."""


class Words:
    heads = ("injection", "chitchat", "knowledge", "task", "simple", "medium", "complex")
    tags = ("INSTRUCTION",)

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def encode(self, text: str, scope: str = "") -> Encoding:
        self.asked.append((text, scope))
        known = next((logits for word, logits in KNOWN.items() if word in text.lower()), {})
        logits = np.array([known.get(head, -3.0) for head in self.heads], dtype=np.float32)
        nothing, none = np.zeros(0, dtype=np.int32), np.zeros((0, 1), dtype=np.float32)
        vector = np.zeros(2, dtype=np.float32)
        return Encoding([Window(0, len(text), vector, logits, nothing, nothing, none)], vector)


@pytest.mark.parametrize(
    ("text", "name", "score", "complexity"),
    [
        ("hello there", "chitchat", 0.95, "simple"),
        ("Did you have a nice weekend?", "chitchat", 0.982, "simple"),
        ("Is the moon far?", "knowledge", 0.8808, "simple"),
        ("Write me a poem about yaks", "task", 0.9526, "medium"),
        ("Compare these offers", "task", 0.9526, "complex"),
        ("weekend " * 20, "knowledge", 0.2689, "simple"),
    ],
)
async def test_a_request_is_sorted(text: str, name: str, score: float, complexity: str) -> None:
    classifier = EncodedClassifier(Words(), MODELS, RuleClassifier())
    label = await classifier.classify(text)
    assert label == Label(name, pytest.approx(score, abs=1e-3), complexity)  # type: ignore[arg-type]


async def test_what_the_rules_know_is_not_encoded() -> None:
    encoder = Words()
    classifier = EncodedClassifier(encoder, MODELS, RuleClassifier())
    assert await classifier.classify("?!") is None
    await classifier.classify("thank you")
    await classifier.classify("Is the moon far?", "tenant-a")
    assert encoder.asked == [("Is the moon far?", "tenant-a")]
