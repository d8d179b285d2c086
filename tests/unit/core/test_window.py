"""How an answer is cut into windows."""

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.core.window import (
    AHEAD,
    AHEAD_OF_TOKEN,
    CEILING,
    CONTEXT,
    RUN,
    SOFT,
    Window,
    WindowBuffer,
    straddles,
)

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

    # the least of three: a collection of garbage may fall into one of them
    whole = min(cost(text) for _ in range(3))
    part = cost(text[: len(text) // 8])
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


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("card 4111 1111 ", "1", True),
        ("call 555\n", "0", True),
        ("call 415. ", "5", True),
        ("+1 ", "(", True),
        ("+1\n", "(", True),
        ("call (415) ", "5", True),
        ("GB29 ", "N", True),
        ("GB29 NWBK ", "6", True),
        ("gb29 nwbk ", "a", True),
        ("on March ", "5", True),
        ("on 5 ", "M", True),
        ("call 555-0132, ", "e", True),
        ("", "1", False),
        ("in 2024. ", "T", False),
        ("in 2024\n", "T", False),
        ("of the items:\n", "1", False),
        ("- apples: 5\n", "-", False),
        ("one thing.\n", "2", False),
        ("in 2024, ", "t", False),
        ("word ", "w", False),
    ],
)
def test_a_number_in_groups_is_not_cut(before: str, after: str, expected: bool) -> None:
    assert straddles(before, after) is expected


@pytest.mark.parametrize("sign", [" ", "\n", ". "])
def test_a_long_table_of_numbers_is_released_with_what_follows_judged_too(sign: str) -> None:
    text = f"12{sign}" * 8_000
    taken = windows(text, [7, 1_500, 30_000])
    assert "".join(window.text for window in taken) == text
    assert not any(window.overflow for window in taken)
    assert max(len(window.text) for window in taken) <= RUN + 2 * SOFT
    for window in taken[:-1]:
        start = window.offset + len(window.context) + len(window.text)
        assert window.ahead == text[start : start + AHEAD]


def test_an_unbroken_run_is_cut_at_the_ceiling_with_enough_before_and_after() -> None:
    text = "z" * (3 * CEILING)
    first, second, third = windows(text, [CEILING, CEILING + 5])
    assert len(first.text) == len(second.text) == len(third.text) == CEILING
    assert len(first.ahead) == len(second.context) == AHEAD_OF_TOKEN


def test_a_buffer_keeps_as_much_context_as_it_was_asked_to() -> None:
    for size in (0, 5, 1_000):
        buffer = WindowBuffer(lambda _: False, context=size)
        buffer.feed("One sentence. Two")
        assert buffer.take() is not None
        second = buffer.take(final=True)
        assert second is not None
        assert second.context == "One sentence. "[max(0, 14 - size) :]


@pytest.mark.parametrize("run", ["\n", " ", "\n ", ". ", ".", ", ", ")"])
def test_runs_of_blanks_and_signs_take_linear_time(run: str) -> None:
    buffer = WindowBuffer(lambda text: False)
    started = process_time()
    for _ in range(600):
        buffer.feed(run * (40 // len(run)))
        while buffer.take() is not None:
            pass
    assert process_time() - started < 3.0
