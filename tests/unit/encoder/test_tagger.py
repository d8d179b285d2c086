import pytest

from gateway.encoder.tagger import Calibration, EncoderTagger, trimmed
from gateway.testing.encoders import WordEncoder

TAGS = (
    "INSTRUCTION", "O", "B-PERSON", "I-PERSON", "B-ADDRESS", "I-ADDRESS", "B-DATE_OF_BIRTH",
    "I-DATE_OF_BIRTH", "B-PHONE_NUMBER", "I-PHONE_NUMBER",
)  # fmt: skip
WORDS = {
    "ada": "B-PERSON",
    "lovelace": "I-PERSON",
    "12": "B-ADDRESS",
    "oak": "I-ADDRESS",
    "lane": "I-ADDRESS",
    "1815": "B-DATE_OF_BIRTH",
    "555": "B-PHONE_NUMBER",
}
ALL = frozenset({"PERSON", "STREET_ADDRESS", "DATE_OF_BIRTH", "PHONE_NUMBER", "DATE_TIME"})


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder(words=WORDS, tags=TAGS)


async def marked(tagger: EncoderTagger, text: str, *kinds: str) -> list[tuple[str, str]]:
    found = await tagger.tag(text, frozenset(kinds) or ALL)
    return [(entity.kind, text[entity.start : entity.end]) for entity in found]


async def test_names_and_addresses_are_marked_as_policies_call_them(encoder: WordEncoder) -> None:
    text = "Ada Lovelace, 12 Oak Lane, born 1815."
    assert await marked(EncoderTagger(encoder), text) == [
        ("PERSON", "Ada Lovelace"),
        ("STREET_ADDRESS", "12 Oak Lane"),
        ("DATE_OF_BIRTH", "1815"),
    ]


async def test_only_what_was_asked_for_is_marked(encoder: WordEncoder) -> None:
    tagger = EncoderTagger(encoder)
    assert await marked(tagger, "Ada of 12 Oak Lane", "PERSON") == [("PERSON", "Ada")]
    assert await marked(tagger, "born 1815", "DATE_TIME") == [("DATE_TIME", "1815")]
    assert await marked(tagger, "born 1815", "PERSON") == []


async def test_the_scope_is_handed_to_the_encoder(encoder: WordEncoder) -> None:
    await EncoderTagger(encoder).tag("Ada", ALL, "acme")
    assert encoder.calls == [("Ada", "acme")]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", ALL),
        (" \n", ALL),
        ("call me", frozenset({"PHONE_NUMBER"})),
        ("order 5551", frozenset({"PHONE_NUMBER"})),
        ("order 55", frozenset({"PHONE_NUMBER", "US_DRIVER_LICENSE"})),
    ],
)
async def test_a_text_that_can_have_none_is_not_read(
    encoder: WordEncoder, text: str, kinds: frozenset[str]
) -> None:
    assert await EncoderTagger(encoder).tag(text, kinds) == []
    assert encoder.calls == []


async def test_a_long_text_is_marked_to_its_end(encoder: WordEncoder) -> None:
    text = "word " * 400 + "Ada Lovelace " + "word " * 100 + "Ada"
    assert await marked(EncoderTagger(encoder), text) == [
        ("PERSON", "Ada Lovelace"),
        ("PERSON", "Ada"),
    ]


async def test_scores_are_calibrated_by_kind(encoder: WordEncoder) -> None:
    (plain,) = await EncoderTagger(encoder).tag("Ada", ALL)
    (lower,) = await EncoderTagger(encoder, {"PERSON": {"slope": 0.5}}).tag("Ada", ALL)
    assert 0.5 < lower.score < plain.score <= 1.0
    unsure = EncoderTagger(encoder, {"PERSON": {"bias": -30.0}, "ADDRESS": {"least": 0.0}})
    assert await marked(unsure, "Ada at 12 Oak Lane") == [("STREET_ADDRESS", "12 Oak Lane")]


def test_calibration_keeps_certainty_finite() -> None:
    assert 0.0 < Calibration(slope=3.0).score(0.0) < Calibration(slope=3.0).score(1.0) < 1.0


@pytest.mark.parametrize(
    ("marked_text", "kind", "expected"),
    [
        ('"Ada Lovelace",', "PERSON", "Ada Lovelace"),
        ("Ada Lovelace.", "PERSON", "Ada Lovelace"),
        ("Sammy Davis Jr.", "PERSON", "Sammy Davis Jr."),
        ("Acme Inc.", "ORGANIZATION", "Acme Inc."),
        ("Rome.", "LOCATION", "Rome"),
        ("(Rome)", "LOCATION", "Rome"),
        ("#5 Oak Lane)", "STREET_ADDRESS", "5 Oak Lane"),
        ("(415) 555-0132", "PHONE_NUMBER", "(415) 555-0132"),
        ("...", "PERSON", ""),
    ],
)
def test_marks_at_the_ends_are_left_out(marked_text: str, kind: str, expected: str) -> None:
    start, end = trimmed(marked_text, 0, len(marked_text), kind)
    assert marked_text[start:end] == expected


@pytest.mark.parametrize("text", ["(415) 555-0132", "+41 555 01 32"])
def test_the_sign_before_a_telephone_number_belongs_to_it(text: str) -> None:
    assert trimmed(text, 1, len(text), "PHONE_NUMBER") == (0, len(text))
