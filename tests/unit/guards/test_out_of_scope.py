import pytest
from pydantic import ValidationError

from gateway.core.segments import Origin, Segment
from gateway.encoder.detector_models import DetectorModels, Similarity
from gateway.guards.out_of_scope import OutOfScopeGuard, OutOfScopeOptions
from gateway.testing.encoders import WordEncoder
from gateway.testing.exchanges import make_exchange

SHOP = OutOfScopeOptions(
    in_scope=("which tent is light", "is the tent warm in winter", "return a tent to the shop")
)
MODELS = DetectorModels(similarity=Similarity(slope=30.0, bias=-6.0, background=0.0))


def bag_of_words() -> WordEncoder:
    return WordEncoder({"chitchat": {"hello": 5.0}}, dimensions=4096)


async def outside(*messages: str, options: OutOfScopeOptions = SHOP) -> list[int]:
    guard = OutOfScopeGuard(options, encoder=bag_of_words(), detector_models=MODELS)
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
    guard = OutOfScopeGuard(SHOP, encoder=bag_of_words(), detector_models=MODELS)
    segments = [Segment("who won the match", Origin.MODEL), Segment(" ", Origin.USER)]
    assert not await guard.check(segments, make_exchange())


@pytest.mark.parametrize("in_scope", [["one", "two"], ["one", "two", " "]])
def test_too_few_examples_are_refused(in_scope: list[str]) -> None:
    with pytest.raises(ValidationError, match=r"at least 3|empty sentence"):
        OutOfScopeOptions.model_validate({"in_scope": in_scope})
