"""How an answer is cut into windows."""

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.core.window import CEILING, CONTEXT, SOFT, Window, WindowBuffer

TEXTS = st.text(alphabet=st.sampled_from("ab1 .,\n!?。é\"'-@…"), max_size=1_200) | st.text(
    max_size=400
)


def windows(
    text: str, cuts: list[int], *, pending: str | None = None, ceiling: int = CEILING
) -> list[Window]:
    """The windows of ``text`` when it arrives split at ``cuts``."""
    buffer = WindowBuffer(
        lambda seen: pending is not None and seen.count(pending) % 2 == 1, ceiling
    )
    taken: list[Window] = []
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        buffer.feed(text[start:end])
        while window := buffer.take():
            taken.append(window)
    while window := buffer.take(final=True):
        taken.append(window)
    return taken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One. ", "Two."]),
        ("One.\n\nTwo", ["One.\n\n", "Two"]),
        ('He said "no." Then left.', ['He said "no." ', "Then left."]),
        ("Pi is 3.14 today. Yes", ["Pi is 3.14 today. ", "Yes"]),
        ("4111 1111\n1111 1111 ok", ["4111 1111\n1111 1111 ok"]),
        ("mail jane.doe@example.com now! Ok", ["mail jane.doe@example.com now! ", "Ok"]),
        ("完了。次", ["完了。", "次"]),
        ("", []),
    ],
)
def test_windows_end_where_sentences_do(text: str, expected: list[str]) -> None:
    assert [window.text for window in windows(text, [])] == expected


def test_a_long_sentence_is_cut_at_a_clause() -> None:
    text = "word " * 30 + "end, " + "more " * 60
    first = windows(text, [])[0]
    assert first.text.endswith("end, ")
    assert len(first.text) <= SOFT


def test_a_run_without_spaces_is_never_cut_below_the_ceiling() -> None:
    token = "z" * 5_000
    assert {w.text.count("z") for w in windows(f"Key: {token} done. Next", [])} <= {0, 5_000}


@example("11。' 111111111111111", [1999], None, CEILING)
@given(
    TEXTS,
    st.lists(st.integers(0, 2_000), max_size=30),
    st.sampled_from([None, "@", '"']),
    st.sampled_from([CEILING, 300]),
)
def test_windows_do_not_depend_on_how_the_text_arrived(
    text: str, cuts: list[int], pending: str | None, ceiling: int
) -> None:
    split = windows(text, cuts, pending=pending, ceiling=ceiling)
    assert split == windows(text, [], pending=pending, ceiling=ceiling)


@pytest.mark.parametrize("text", ["x" * 50_000, "word " * 10_000, "One. " * 10_000])
def test_text_that_comes_character_by_character_takes_linear_time(text: str) -> None:
    def cost(some: str) -> float:
        began = process_time()
        windows(some, list(range(len(some))))
        return process_time() - began

    whole, part = cost(text), cost(text[: len(text) // 8])
    assert whole < 8 * 3 * part + 0.2


@given(TEXTS, st.lists(st.integers(0, 2_000), max_size=30))
def test_windows_put_together_are_the_text(text: str, cuts: list[int]) -> None:
    taken = windows(text, cuts)
    assert "".join(window.text for window in taken) == text
    position = 0
    for window in taken:
        assert window.context == text[max(0, position - CONTEXT) : position]
        assert window.offset == position - len(window.context)
        position += len(window.text)


@given(st.lists(st.integers(0, 400), max_size=20))
def test_what_stays_undecided_to_the_ceiling_overflows(cuts: list[int]) -> None:
    text = "Start. @" + "and so on. " * 40
    taken = windows(text, cuts, pending="@", ceiling=200)
    assert taken[0].text == "Start. "
    assert taken[1].overflow
