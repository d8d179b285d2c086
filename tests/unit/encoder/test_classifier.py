import pytest

from gateway.adapters.rules.classifier import RuleClassifier
from gateway.encoder.calibration import Platt
from gateway.encoder.classifier import EncodedClassifier
from gateway.encoder.detector_models import DetectorModels, Routing
from gateway.ports.classifier import Label
from gateway.testing.encoders import WordEncoder

MODELS = DetectorModels(heads={"chitchat": Platt(2.0, 0.0)}, routing=Routing(chitchat=0.95))
LOGITS = {
    "chitchat": {"weekend": 2.0, "moon": 1.0},
    "knowledge": {"weekend": -1.0, "moon": 2.0, "write": 1.0},
    "task": {"write": 3.0, "compare": 3.0},
    "medium": {"write": 2.0},
    "complex": {"compare": 2.0},
}


def words() -> WordEncoder:
    return WordEncoder(LOGITS, rest=-3.0)


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
    classifier = EncodedClassifier(words(), MODELS, RuleClassifier())
    label = await classifier.classify(text)
    assert label == Label(name, pytest.approx(score, abs=1e-3), complexity)  # type: ignore[arg-type]


async def test_what_the_rules_know_is_not_encoded() -> None:
    encoder = words()
    classifier = EncodedClassifier(encoder, MODELS, RuleClassifier())
    assert await classifier.classify("?!") is None
    await classifier.classify("thank you")
    await classifier.classify("Is the moon far?", "tenant-a")
    assert encoder.calls == [("Is the moon far?", "tenant-a")]
