"""What the support model learns from: sentences that were made wrong are, and say where."""

import json
import random

import pytest

from gateway.encoder.support_source import Passage, prepare
from gateway.encoder.support_words import WordReader
from training.support.data import Case, Said
from training.support.pairs import invented, made_from, verbatim
from training.support.perturb import Perturber
from training.support.records import records

SOURCE = (
    "On Monday the council of Dayton approved 14 new bus lines, and Maria Lopez opened the depot. "
    "The lines are open for 12 hours a day, and the fares were increased by 3 percent in March. "
    "Critics, including Peter Novak, said that the old depot had not been closed early."
)
TEXT = "On Monday the council led by Maria Lopez approved 14 lines, and fares increased in March."
READER = WordReader()
CASE = Case("qa/1", "qa", prepare([Passage("", SOURCE)], READER))


def test_each_kind_of_change_is_made_and_marked() -> None:
    perturber = Perturber(3)
    others = ["The film was praised by many, including two directors of the academy."]
    kinds: set[str] = set()
    for _ in range(20):
        for kind, (text, (start, end)) in perturber.against(TEXT, SOURCE, others):
            kinds.add(kind)
            assert text != TEXT
            assert text[:start] == TEXT[:start]
            assert text[start:end] != TEXT[start:end]
    assert {"number", "name", "date", "antonym", "added"} <= kinds


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The depot was not closed.", "negation"),
        ("The depot was closed at noon.", "negation"),
        ("It lasts for two days.", "unit"),
        ("It has eleven stops.", "number"),
    ],
)
def test_changes_fit_the_sentence(text: str, kind: str) -> None:
    seen = {
        made: changed for n in range(9) for made, changed in Perturber(n).against(text, "", ["x"])
    }
    assert kind in seen
    assert seen[kind][0] != text


def test_rewordings_keep_numbers_and_names() -> None:
    perturber = Perturber(4)
    for _ in range(30):
        text = perturber.reworded("Maria Lopez said that 14 large lines began in March.")
        assert all(part in text for part in ("Maria Lopez", "14", "March"))


def test_made_sentences_are_the_same_for_a_seed() -> None:
    said = [Said(CASE, TEXT, supported=True, answer="qa/1/0")]
    one, two = ([s.text for s in made_from(said, Perturber(1), random.Random(1))] for _ in "ab")
    assert one == two
    assert all(not s.answer for s in made_from(said, Perturber(1), random.Random(1)))


def test_sentences_of_a_source_are_supported() -> None:
    made = list(verbatim([CASE], random.Random(1), 5))
    assert made
    assert all(s.supported and not s.spans for s in made)


def test_records_are_json_and_lies_are_marked_where_they_stand() -> None:
    for record, claims in records(20, 1):
        assert json.loads(record)["name"]
        assert any(claim.wrong for claim in claims)
        assert any(not claim.wrong for claim in claims)
        assert all(claim.wrong in claim.text for claim in claims)
    for sentence in invented(5, 1, READER):
        assert sentence.supported is not bool(sentence.spans)
        assert all(0 <= a < b <= len(sentence.text) for a, b in sentence.spans)
