import json
import random
from pathlib import Path

import pytest

from training.examples import Span
from training.generate.pii_noise import joined, rough
from training.generate.pii_phrases import Piece, Template, parse, templates
from training.generate.pii_shared import KINDS, labelled, shared


def plain(name: str, owner: str) -> list[Piece]:
    return [(f"<{name}{owner}>", name.upper())]


def written(source: str, seed: int = 0) -> str:
    pieces = Template("t", "d", parse(source)).pieces(random.Random(seed), plain)
    return "".join(text for text, _ in pieces)


def test_slots_are_filled() -> None:
    assert written("Hi {first:a}, {city}!") == "Hi <firsta>, <city>!"


def test_one_of_the_choices_is_taken() -> None:
    assert {written("[a|b {city}|]c", seed) for seed in range(30)} == {"ac", "b <city>c", "c"}


def test_choices_nest() -> None:
    assert {written("[a[1|2]|b]", seed) for seed in range(30)} == {"a1", "a2", "b"}


@pytest.mark.parametrize(
    ("source", "text"),
    [("\\{a\\}", "{a}"), ("[x] a | b", "[x] a | b"), ("\\[{city}\\]", "[<city>]")],
)
def test_marks_without_meaning_are_themselves(source: str, text: str) -> None:
    assert written(source) == text


@pytest.mark.parametrize("source", ["[a", "a]", "{a", "a}"])
def test_what_is_not_closed_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="template"):
        parse(source)


def test_there_are_hundreds_of_templates_in_many_domains() -> None:
    found = templates()
    assert len(found) > 25
    assert sum(map(len, found.values())) > 800
    names = [template.name for group in found.values() for template in group]
    assert len(set(names)) == len(names)
    parts = [template.parts for group in found.values() for template in group]
    assert len(set(parts)) == len(parts)


def test_spans_are_where_their_pieces_are() -> None:
    text, spans = joined([(" Hi ", ""), ("Ada ", "PERSON"), (",", ""), ("", "AGE")])
    assert text == "Hi Ada ,"
    assert spans == (Span(3, 6, "PERSON"),)


def test_rough_texts_keep_their_kinds() -> None:
    pieces = [("Hello ", ""), ("Ada Straße", "PERSON"), (", how are you?", "")]
    made = [rough(random.Random(seed), pieces) for seed in range(200)]
    assert all([kind for _, kind in each] == ["", "PERSON", ""] for each in made)
    texts = {"".join(text for text, _ in each) for each in made}
    assert "hello ada straße, how are you?" in texts
    assert "HELLO ADA STRASSE, HOW ARE YOU?" in texts
    assert len(texts) > 8


def write(folder: Path, text: str, *spans: tuple[str, str]) -> Path:

    marked = [
        {
            "entity_type": kind,
            "start_position": text.index(value),
            "end_position": text.index(value) + len(value),
        }
        for value, kind in spans
    ]
    (folder / "pii").mkdir()
    row = {"full_text": text, "spans": marked, "template_id": 7}
    file = folder / "pii" / "presidio_research_generated_large.jsonl"
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return folder


def test_the_shared_set_is_read_as_it_is(tmp_path: Path) -> None:
    data = write(tmp_path, "Dr. Ada, 4111", ("Dr. Ada", "PERSON"), ("4111", "CREDIT_CARD"))
    (example,) = labelled(data)
    assert example.spans == (Span(0, 7, "PERSON"), Span(9, 13, "CREDIT_CARD"))
    assert (example.family, example.group) == ("presidio-research", "7")


def test_for_training_titles_are_apart_and_addresses_whole(tmp_path: Path) -> None:
    text = "Dr. Ada, born 1/2/1815\n12 Oak Lane\n Rome\n Italy 999, card 4111"
    spans = [("Dr. Ada", "PERSON"), ("1/2/1815", "DATE_TIME"), ("4111", "CREDIT_CARD")]
    spans += [("12 Oak Lane", "ADDRESS"), ("Rome", "LOCATION"), ("Italy", "LOCATION")]
    (example,) = shared(write(tmp_path, text, *spans, ("999", "ADDRESS")))
    assert [(text[s.start : s.end], s.kind) for s in example.spans] == [
        ("Dr.", "TITLE"),
        ("Ada", "PERSON"),
        ("1/2/1815", "DATE_OF_BIRTH"),
        ("12 Oak Lane\n Rome\n Italy 999", "ADDRESS"),
    ]
    assert {span.kind for span in example.spans} <= set(KINDS)
