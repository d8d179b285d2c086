import pytest
from pydantic import ValidationError

from gateway.core.segments import Origin, Segment
from gateway.encoder.detector_models import DetectorModels, Similarity
from gateway.guards.topics import TopicsGuard, TopicsOptions
from gateway.testing.encoders import WordEncoder
from gateway.testing.exchanges import make_exchange

PHRASES = TopicsOptions.model_validate(
    {
        "topics": {
            "medical-advice": ["diagnos*", "dosage", "side effects"],
            "politics": {"phrases": ["election", "senator"]},
        }
    }
)
GUARD = TopicsGuard(PHRASES)
EXAMPLES = TopicsOptions.model_validate(
    {
        "topics": {
            "betting": {
                "phrases": ["bookmaker"],
                "examples": ["put money on a horse race", "odds of a bet", "a bet on the match"],
            }
        }
    }
)
MODELS = DetectorModels(similarity=Similarity(slope=20.0, bias=-8.0, background=0.5))


def bag_of_words() -> WordEncoder:
    """Windows of ten words."""
    return WordEncoder(dimensions=4096, window=10, overlap=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Which dosage of ibuprofen?", {"medical-advice": 0.6}),
        ("dosage and dosage again", {"medical-advice": 0.6}),
        ("My diagnosis, the dosage and its side effects", {"medical-advice": 0.936}),
        ("The senator's dosage", {"medical-advice": 0.6, "politics": 0.6}),
        ("When does the shop open?", {}),
    ],
)
async def test_different_phrases_add_up(text: str, expected: dict[str, float]) -> None:
    findings = await GUARD.check([Segment(text, Origin.USER)], make_exchange())
    assert {finding.category: finding.score for finding in findings} == expected


async def test_the_span_reaches_from_the_first_phrase_to_the_last() -> None:
    text = "The dosage and its side effects."
    (finding,) = await GUARD.check([Segment(text, Origin.USER)], make_exchange())
    assert text[finding.start : finding.end] == "dosage and its side effects"


@pytest.mark.parametrize("topic", [[], {}, {"phrases": []}, {"examples": ["  "]}])
def test_a_topic_that_says_nothing_is_refused(topic: object) -> None:
    with pytest.raises(ValidationError, match="phrases or examples"):
        TopicsOptions.model_validate({"topics": {"politics": topic}})


@pytest.mark.parametrize(
    ("text", "seen", "reason"),
    [
        ("Put a bet on the horse", True, "examples"),
        ("Which bookmaker?", True, "bookmaker"),
        ("What time does the tent shop close?", False, ""),
        ("   ", False, ""),
    ],
)
async def test_examples_find_what_is_like_them(text: str, seen: bool, reason: str) -> None:
    guard = TopicsGuard(EXAMPLES, encoder=bag_of_words(), detector_models=MODELS)
    findings = await guard.check([Segment(text, Origin.USER)], make_exchange())
    assert [(one.category, one.reason) for one in findings if one.score >= 0.5] == (
        [("betting", reason)] if seen else []
    )


async def test_the_window_that_comes_nearest_is_the_span() -> None:
    guard = TopicsGuard(EXAMPLES, encoder=bag_of_words(), detector_models=MODELS)
    text = "tents are sold here " * 10 + "put money on the odds of a horse race bet " + "x " * 30
    (finding,) = await guard.check([Segment(text, Origin.USER)], make_exchange())
    assert text[finding.start : finding.end] == "put money on the odds of a horse race bet"


async def test_examples_are_encoded_once() -> None:
    encoder = bag_of_words()
    guard = TopicsGuard(EXAMPLES, encoder=encoder, detector_models=MODELS)
    for text in ("one", "two"):
        await guard.check([Segment(text, Origin.USER)] * 2, make_exchange())
    assert [text for text, _ in encoder.calls].count("odds of a bet") == 1


async def test_examples_without_an_encoder_fail() -> None:
    guard = TopicsGuard(EXAMPLES)
    with pytest.raises(RuntimeError, match="encoder"):
        await guard.check([Segment("hello", Origin.USER)], make_exchange())


def test_a_guard_that_waits_for_an_encoder_says_so() -> None:
    assert GUARD.inline
    assert not TopicsGuard(EXAMPLES, encoder=bag_of_words()).inline
