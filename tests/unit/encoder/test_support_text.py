"""Sentences of answers, and which of them need support."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.encoder.support_text import (
    LONGEST,
    is_closed,
    markers_of,
    needs_support,
    sentences_of,
    unmarked,
)


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences_of(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("  \n ", []),
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("It takes 14 days. [1] Then it ends [2].", ["It takes 14 days. [1]", "Then it ends [2]."]),
        ("See Dr. Smith at 5 p.m. on Monday.", ["See Dr. Smith at 5 p.m. on Monday."]),
        ("The U.S. office is J. R. Co. now.", ["The U.S. office is J. R. Co. now."]),
        ("Steps:\n1. Open it.\n2. Close it.", ["Steps:", "1. Open it.", "2. Close it."]),
        ("- one\n- two", ["- one", "- two"]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("It is 3.5 m long.", ["It is 3.5 m long."]),
        ("退款需要十四天。请等待。", ["退款需要十四天。", "请等待。"]),
    ],
)
def test_sentences_are_cut_where_they_end(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_a_run_without_an_end_is_cut() -> None:
    text = "word " * 1_000
    assert all(span.end - span.start <= LONGEST for span in sentences_of(text))
    assert "".join(cut(text)).replace(" ", "") == "word" * 1_000


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("", True),
        ("It ends here. ", True),
        ("It ends here.", False),
        ("It goes on, ", False),
        ("Ask Dr. ", False),
        ("1. ", False),
        ("A heading\n", True),
        ("x" * LONGEST, True),
    ],
)
def test_a_text_is_closed_where_a_sentence_ends(text: str, closed: bool) -> None:
    assert is_closed(text) is closed


PARTS = st.sampled_from(
    [
        "It is so",
        ". ",
        "! ",
        "\n",
        " Dr. ",
        "p.m. ",
        " 14 days",
        "[1]",
        ", ",
        "? ",
        "2. ",
        '"',
        ") ",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(PARTS, max_size=20).map("".join), st.lists(PARTS, max_size=20).map("".join))
def test_more_text_never_moves_the_end_of_a_sentence(before: str, after: str) -> None:
    if not is_closed(before) or "[1]" in after[:6] or not after[:1].strip():
        return
    if not after[0].isalnum():
        return
    assert cut(before + after)[: len(cut(before))] == cut(before)


@pytest.mark.parametrize(
    ("sentence", "needed"),
    [
        ("Refunds take 14 days.", True),
        ("The office is closed on public holidays.", True),
        ("* Barley flour", True),
        ("Call 555-0100.", True),
        ("I can be reached at a@b.example.", True),
        ("It is 5?", False),
        ("Hello there, my friend!", False),
        ("Sure, I can help you with that.", False),
        ("Thanks.", False),
        ("Let me know if you need more.", False),
        ("Would you like to know more about the offer?", False),
        ("Here are the steps you need:", False),
        ("I don't know based on the available knowledge.", False),
        ("I could not find an answer in the documents.", False),
        ("The passages do not mention the price.", False),
        ("You may want to check with the support team.", False),
        ("[1]", False),
        ("[1, 2] ", False),
        ("## Opening hours", False),
        ("", False),
        ("...", False),
    ],
)
def test_greetings_questions_and_abstentions_need_no_support(sentence: str, needed: bool) -> None:
    assert needs_support(sentence) is needed


def test_markers_are_read_and_removed() -> None:
    text = "It takes 14 days [1], or more [2; 3]. See [the page](https://x.example) [4](y)."
    assert markers_of(text) == [1, 2, 3]
    assert unmarked("It takes 14 days [1].") == "It takes 14 days ."


@pytest.mark.parametrize("run", [".", " ", "\n", ".)", ". [", "a\n ", "。", "[1]", ". [1]"])
def test_runs_of_signs_and_blanks_take_linear_time(run: str) -> None:
    text = run * (30_000 // len(run)) + "x"
    started = time.process_time()
    sentences_of(text)
    is_closed(text)
    assert time.process_time() - started < 1.0
