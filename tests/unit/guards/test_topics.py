import pytest
from pydantic import ValidationError

from gateway.core.segments import Origin, Segment
from gateway.guards.topics import TopicsGuard, TopicsOptions
from gateway.testing.exchanges import make_exchange

GUARD = TopicsGuard(
    TopicsOptions(
        topics={
            "medical-advice": ("diagnos*", "dosage", "side effects"),
            "politics": ("election", "senator"),
        }
    )
)


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


def test_a_topic_without_phrases_is_refused() -> None:
    with pytest.raises(ValidationError, match="no phrases"):
        TopicsOptions(topics={"politics": ()})
