"""Picking the supporting sentences."""

import pytest

from gateway.adapters.extractive.sentences import best_sentences, sentences_of
from gateway.core.knowledge import Access, Chunk


def passage(text: str, title: str = "") -> Chunk:
    return Chunk("d#0", "d", "v", title, None, None, text, Access(public=True))


def test_headings_and_list_marks_are_not_quoted() -> None:
    found = sentences_of(passage("# A > B\n\n- First item.\n2. Second one. Third, e.g. this."), 1)
    assert [s.text for s in found] == ["First item.", "Second one.", "Third, e.g. this."]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How long is the warranty on a tent?", "The warranty on a tent lasts 5 years."),
        ("How much does the tent warranty cost?", "The tent warranty costs $12."),
        ("Where do I claim the warranty on a tent?", "Claim a tent warranty at help@e.test."),
        ("When does the tent warranty team work?", "The tent warranty team works from 8 am."),
    ],
)
def test_sentence_with_the_kind_of_thing_asked_for_wins(question: str, expected: str) -> None:
    text = (
        "The tent warranty is famous. The warranty on a tent lasts 5 years. "
        "The tent warranty costs $12. Claim a tent warranty at help@e.test. "
        "The tent warranty team works from 8 am."
    )
    assert best_sentences(question, [passage(text)])[0].text == expected


def test_number_is_the_place_of_the_passage() -> None:
    chunks = [passage("Opening hours are long."), passage("A refund takes 5 days.")]
    (best,) = best_sentences("How long does a refund take?", chunks)
    assert best.passage == 2


def test_nearly_equal_sentences_are_quoted_once() -> None:
    chunks = [passage("A refund takes 5 days."), passage("A refund takes 5 days.")]
    assert len(best_sentences("How long does a refund take?", chunks)) == 1


def test_at_most_three_sentences() -> None:
    text = "\n".join(f"The refund of {name} works." for name in ("boots", "tents", "skis", "ropes"))
    assert len(best_sentences("refund", [passage(text)])) == 3


def test_questions_in_passages_are_no_answers() -> None:
    assert best_sentences("refund deadline", [passage("What is the refund deadline?")]) == []
