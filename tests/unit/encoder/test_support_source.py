"""Passages made ready, and what of them speaks about a sentence."""

import json

import pytest

from gateway.encoder.support_evidence import WORDS, evidence_for
from gateway.encoder.support_features import NAMES, FeatureReader
from gateway.encoder.support_source import Passage, Source, clocks, prepare, spaced
from gateway.encoder.support_words import WordReader, number_forms, plain_number

READER = WordReader()
RECORD = {
    "name": "Blue Heron",
    "hours": {"Monday": "9:0-17:30", "Tuesday": "9:0-17:30", "Sunday": "10:0-14:0"},
    "attributes": {
        "OutdoorSeating": False,
        "RestaurantsTakeOut": True,
        "WiFi": "free",
        "Music": None,
    },
    "reviews": [{"text": "We loved the lemon cake. " * 6}],
}


def source(*texts: str) -> Source:
    return prepare([Passage("", text) for text in texts], READER)


def features(sentence: str, *texts: str) -> dict[str, float]:
    made = source(*texts)
    words = READER.read(sentence)
    row = FeatureReader(READER).row(sentence, words, evidence_for(words, made), made)
    return dict(zip(NAMES, row.tolist(), strict=True))


def test_json_is_told_by_key_and_value_and_found_again_in_the_text() -> None:
    text = json.dumps(RECORD)
    made = source(text)
    said = [unit.text for unit in made.units]
    assert "hours monday, tuesday: 9 am-5:30 pm" in said
    assert "attributes outdoor seating: no" in said
    assert "attributes restaurants take out: yes" in said
    assert "attributes music: unknown" in said
    place = next(u for u in made.units if u.text == "hours sunday: 10 am-2 pm")
    assert text[place.start : place.end] == '"10:0-14:0"'


@pytest.mark.parametrize("text", ["{not json", "[1, 2", "{}", "[]", "", "  "])
def test_what_is_no_json_or_empty_is_read_as_text(text: str) -> None:
    assert all(unit.keys == () for unit in source(text).units)


def test_evidence_is_the_sentence_about_the_same_thing() -> None:
    made = source(
        "Our office is in Madrid. Refunds are paid within 14 days of the return.",
        "The warranty lasts two years.",
    )
    found = evidence_for(READER.read("You get a refund in 14 days."), made)
    assert found.best is not None
    assert found.best.chunk == 0
    assert found.best.text.startswith("Refunds are paid")


def test_evidence_is_short_however_long_the_sources_are() -> None:
    made = source("The refund policy of the house says that refunds are paid. " * 100)
    found = evidence_for(READER.read("The refund policy of the house says so."), made)
    assert found.text.count(" ") < WORDS + 40


def test_nothing_in_common_is_no_evidence() -> None:
    found = evidence_for(READER.read("Penguins swim."), source("The warranty lasts two years."))
    assert found.best is None
    assert found.text == ""


@pytest.mark.parametrize(
    ("sentence", "figure"),
    [
        ("Refunds are paid within 30 days.", "unseen_numbers"),
        ("Refunds are never paid within 14 days.", "negation_more"),
        ("Refunds are paid by Maria Lopez within 14 days.", "unseen_names"),
        ("Refunds are forbidden within 14 days.", "antonyms"),
    ],
)
def test_what_is_otherwise_shows_in_the_figures(sentence: str, figure: str) -> None:
    text = "Refunds are allowed within 14 days, and paid after the goods arrive."
    assert features(sentence, text)[figure] > 0
    assert features(text, text)[figure] == 0


@pytest.mark.parametrize(
    ("sentence", "figure"),
    [
        ("It offers outdoor seating.", "denied_values"),
        ("It does not offer takeout.", None),
        ("It does not offer take out.", None),
        ("It has live music.", "empty_values"),
    ],
)
def test_values_of_records_are_held_against_the_sentence(sentence: str, figure: str | None) -> None:
    seen = features(sentence, json.dumps(RECORD))
    for name in ("denied_values", "empty_values"):
        assert (seen[name] > 0) is (name == figure)


def test_numbers_have_one_form() -> None:
    assert plain_number("1,200.50") == "1200.5"
    assert plain_number("11:00") == "11"
    assert plain_number("9:5") == "9:05"
    assert number_forms("17:30") == ("5:30",)
    assert READER.read("twelve of 12").numbers == {"12"}


def test_keys_and_clocks_are_written_out() -> None:
    assert spaced("RestaurantsTakeOut") == "restaurants take out"
    assert spaced("review_info") == "review info"
    assert clocks("17:0") == "5 pm"
    assert clocks("0:0-12:30") == "12 am-12:30 pm"


def test_scripts_without_blanks_are_compared_by_pairs_of_letters() -> None:
    seen = features("退款需要十四天。", "退款需要十四天。请等待。")
    assert seen["coverage"] == 1.0
