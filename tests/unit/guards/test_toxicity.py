import pytest

from gateway.core.segments import Origin, Segment
from gateway.encoder.calibration import Platt
from gateway.encoder.detector_models import DetectorModels
from gateway.guards.toxicity import ToxicityGuard, ToxicityOptions
from gateway.testing.encoders import WordEncoder
from gateway.testing.exchanges import make_exchange

MODELS = DetectorModels(heads={"offensive": Platt(0.5, 0.0)})
LOGITS = {
    "toxic": {"vermin": 3.0, "idiot": 3.0, "drown": 5.0},
    "hate": {"vermin": 4.0, "idiot": -4.0, "drown": -4.0},
    "offensive": {"vermin": 2.0, "idiot": 8.0, "drown": -2.0},
}


def toxic_words() -> WordEncoder:
    return WordEncoder(LOGITS, rest=-9.0, window=8, overlap=0)


async def scores(text: str, *categories: str) -> dict[str, float]:
    options = ToxicityOptions.model_validate({"categories": categories} if categories else {})
    guard = ToxicityGuard(options, encoder=toxic_words(), detector_models=MODELS)
    findings = await guard.check([Segment(text, Origin.USER)], make_exchange())
    return {finding.category: finding.score for finding in findings}


@pytest.mark.parametrize(
    ("text", "categories", "expected"),
    [
        ("They are vermin.", (), {"toxicity.hate": 0.982, "toxicity.offensive": 0.7311}),
        ("You idiot!", (), {"toxicity.hate": 0.018, "toxicity.offensive": 0.982}),
        (
            "Go and drown.",
            (),
            {"toxicity.hate": 0.018, "toxicity.offensive": 0.2689, "toxicity.other": 0.9933},
        ),
        ("You idiot!", ("hate",), {"toxicity.hate": 0.018}),
        ("They are vermin.", ("other",), {}),
        ("y0u 4r3 4n 1d10t 4nd m0r3", ("offensive",), {"toxicity.offensive": 0.982}),
        ("What a lovely day", (), {"toxicity.offensive": 0.011}),
        ("   ", (), {}),
    ],
)
async def test_each_category_has_a_probability(
    text: str, categories: tuple[str, ...], expected: dict[str, float]
) -> None:
    assert await scores(text, *categories) == pytest.approx(expected, abs=1e-4)


async def test_the_span_is_the_window_that_scores_highest() -> None:
    text = "word " * 20 + "you idiot " + "word " * 20
    guard = ToxicityGuard(
        ToxicityOptions(categories=("offensive",)), encoder=toxic_words(), detector_models=MODELS
    )
    segments = [Segment("hello", Origin.USER), Segment(text, Origin.ASSISTANT)]
    found = await guard.check(segments, make_exchange())
    (finding,) = (one for one in found if one.segment == 1)
    assert "idiot" in text[finding.start : finding.end]
    assert finding.end - finding.start < 60
