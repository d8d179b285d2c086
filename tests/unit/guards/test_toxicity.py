import re
from collections.abc import Mapping

import numpy as np
import pytest

from gateway.core.segments import Origin, Segment
from gateway.encoder.calibration import Platt
from gateway.encoder.detector_models import DetectorModels
from gateway.guards.toxicity import ToxicityGuard, ToxicityOptions
from gateway.ports.encoder import Encoding, Window
from gateway.testing.exchanges import make_exchange

MODELS = DetectorModels(heads={"offensive": Platt(0.5, 0.0)})
KINDS = {
    "vermin": {"toxic": 3.0, "hate": 4.0, "offensive": 2.0},
    "idiot": {"toxic": 3.0, "hate": -4.0, "offensive": 8.0},
    "drown": {"toxic": 5.0, "hate": -4.0, "offensive": -2.0},
}
"""The logits of the words that our encoder knows; of all others -9."""


class ToxicWords:
    """Windows of eight words."""

    heads = ("injection", "toxic", "hate", "offensive")
    tags = ("INSTRUCTION",)

    async def encode(self, text: str, scope: str = "") -> Encoding:
        places = [match.span() for match in re.finditer(r"\w+", text)] or [(0, 0)]
        windows = [
            self._window(text, places[i][0], places[min(i + 8, len(places)) - 1][1])
            for i in range(0, len(places), 8)
        ]
        return Encoding(windows, np.zeros(2, dtype=np.float32))

    def _window(self, text: str, start: int, end: int) -> Window:
        known: list[Mapping[str, float]] = [
            logits for word, logits in KINDS.items() if word in text[start:end].lower()
        ]
        logits = [max((one.get(h, -9.0) for one in known), default=-9.0) for h in self.heads]
        nothing = np.zeros(0, dtype=np.int32)
        return Window(
            start, end, np.zeros(2, dtype=np.float32), np.array(logits, dtype=np.float32),
            nothing, nothing, np.zeros((0, 1), dtype=np.float32),
        )  # fmt: skip


async def scores(text: str, *categories: str) -> dict[str, float]:
    options = ToxicityOptions.model_validate({"categories": categories} if categories else {})
    guard = ToxicityGuard(options, encoder=ToxicWords(), detector_models=MODELS)
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
        ToxicityOptions(categories=("offensive",)), encoder=ToxicWords(), detector_models=MODELS
    )
    segments = [Segment("hello", Origin.USER), Segment(text, Origin.ASSISTANT)]
    found = await guard.check(segments, make_exchange())
    (finding,) = (one for one in found if one.segment == 1)
    assert "idiot" in text[finding.start : finding.end]
    assert finding.end - finding.start < 60
