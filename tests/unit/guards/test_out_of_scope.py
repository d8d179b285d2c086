import re

import numpy as np
import pytest
from pydantic import ValidationError

from gateway.core.segments import Origin, Segment
from gateway.encoder.detector_models import DetectorModels, Similarity
from gateway.guards.out_of_scope import OutOfScopeGuard, OutOfScopeOptions
from gateway.ports.encoder import Encoding, Window
from gateway.testing.exchanges import make_exchange

SHOP = OutOfScopeOptions(
    in_scope=("which tent is light", "is the tent warm in winter", "return a tent to the shop")
)
MODELS = DetectorModels(similarity=Similarity(slope=30.0, bias=-6.0, background=0.0))


class BagOfWords:
    """The embedding of a text is its words; chit-chat is what has ``hello`` in it."""

    heads = ("injection", "chitchat")
    tags = ("INSTRUCTION",)

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    async def encode(self, text: str, scope: str = "") -> Encoding:
        vector = np.zeros(512, dtype=np.float32)
        for word in re.findall(r"\w+", text.lower()):
            vector[self._places.setdefault(word, len(self._places))] = 1.0
        vector /= np.linalg.norm(vector)
        logits = np.array([0.0, 5.0 if "hello" in text.lower() else -5.0], dtype=np.float32)
        nothing = np.zeros(0, dtype=np.int32)
        none = np.zeros((0, 1), dtype=np.float32)
        window = Window(0, len(text), vector, logits, nothing, nothing, none)
        return Encoding([window], vector)


async def outside(*messages: str, options: OutOfScopeOptions = SHOP) -> list[int]:
    guard = OutOfScopeGuard(options, encoder=BagOfWords(), detector_models=MODELS)
    segments = [Segment(message, Origin.USER) for message in messages]
    findings = await guard.check(
        [Segment("you sell tents", Origin.SYSTEM), *segments], make_exchange()
    )
    return [finding.segment - 1 for finding in findings if finding.score >= 0.5]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (("is this tent light",), []),
        (("who won yesterdays football match",), [0]),
        (("who won yesterdays football match", "is this tent light"), []),
        (("is this tent light", "and sandals"), []),
        (("who won the football match", "and sandals"), [1]),
        (("Hello!",), []),
    ],
)
async def test_the_last_message_is_judged(messages: tuple[str, ...], expected: list[int]) -> None:
    assert await outside(*messages) == expected


async def test_small_talk_can_be_out_of_scope_too() -> None:
    options = SHOP.model_copy(update={"small_talk": False})
    assert await outside("Hello!", options=options) == [0]


async def test_texts_of_others_are_not_judged() -> None:
    guard = OutOfScopeGuard(SHOP, encoder=BagOfWords(), detector_models=MODELS)
    segments = [Segment("who won the match", Origin.MODEL), Segment(" ", Origin.USER)]
    assert not await guard.check(segments, make_exchange())


@pytest.mark.parametrize("in_scope", [["one", "two"], ["one", "two", " "]])
def test_too_few_examples_are_refused(in_scope: list[str]) -> None:
    with pytest.raises(ValidationError, match=r"at least 3|empty sentence"):
        OutOfScopeOptions.model_validate({"in_scope": in_scope})
