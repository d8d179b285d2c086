"""What every EntityRecognizer must do."""

from collections.abc import Iterator

import pytest

from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.ports.entity_recognizer import EntityRecognizer
from gateway.testing.recognizers import LiteralRecognizer

EMAIL, CARD = "jane@example.com", "4111 1111 1111 1111"
BOTH = frozenset({"EMAIL_ADDRESS", "CREDIT_CARD"})


@pytest.fixture(params=["presidio", "literal"], scope="module")
def recognizer(request: pytest.FixtureRequest) -> Iterator[EntityRecognizer]:
    if request.param == "literal":
        yield LiteralRecognizer(
            {
                EMAIL: ("EMAIL_ADDRESS", 1.0),
                CARD: ("CREDIT_CARD", 1.0),
                "1111 1111 1111": ("PHONE_NUMBER", 0.4),
            }
        )
    else:
        made = PresidioRecognizer()
        yield made
        made.close()


async def test_it_says_which_kinds_it_finds(recognizer: EntityRecognizer) -> None:
    assert recognizer.supported >= BOTH


async def test_entities_come_in_order_with_kind_span_and_score(
    recognizer: EntityRecognizer,
) -> None:
    text = f"Card {CARD}, mail {EMAIL}, again {EMAIL}."
    entities = await recognizer.recognize(text, BOTH)
    assert [(e.kind, text[e.start : e.end]) for e in entities] == [
        ("CREDIT_CARD", CARD),
        ("EMAIL_ADDRESS", EMAIL),
        ("EMAIL_ADDRESS", EMAIL),
    ]
    assert all(0.0 < e.score <= 1.0 for e in entities)


async def test_only_the_kinds_that_were_asked_for_are_found(recognizer: EntityRecognizer) -> None:
    text = f"{CARD} {EMAIL}"
    entities = await recognizer.recognize(text, frozenset({"EMAIL_ADDRESS"}))
    assert [e.kind for e in entities] == ["EMAIL_ADDRESS"]
    assert list(await recognizer.recognize(text, frozenset())) == []


async def test_overlapping_entities_are_resolved(recognizer: EntityRecognizer) -> None:
    entities = await recognizer.recognize(CARD, recognizer.supported)
    assert [(e.kind, e.start, e.end) for e in entities] == [("CREDIT_CARD", 0, len(CARD))]


@pytest.mark.parametrize("text", ["", "Nothing of a person is in this text."])
async def test_a_clean_text_has_none(recognizer: EntityRecognizer, text: str) -> None:
    assert list(await recognizer.recognize(text, recognizer.supported)) == []


async def test_a_long_text_is_searched_to_its_end(recognizer: EntityRecognizer) -> None:
    text = "word " * 10_000 + EMAIL
    (entity,) = await recognizer.recognize(text, BOTH)
    assert entity.end == len(text)


async def test_an_unsupported_kind_is_refused(recognizer: EntityRecognizer) -> None:
    with pytest.raises(ValueError, match="CREDIT_CRAD"):
        await recognizer.recognize("text", frozenset({"CREDIT_CRAD"}))


async def test_what_the_house_added_is_among_what_it_finds(
    recognizer: EntityRecognizer,
) -> None:
    assert recognizer.house <= recognizer.supported
