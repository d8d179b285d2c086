"""How long texts are cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.encoder.tokenizer import Tokens
from gateway.encoder.windows import GRAIN, MARKS, padded, windows_of

SIZE, OVERLAP = 20, 5


def words(text: str) -> Tokens:
    """One token for each word and each mark."""
    spans: list[tuple[int, int]] = []
    at = 0
    for part in text.replace("\n", " ").split(" "):
        stem = part.rstrip(".!?")
        if stem:
            spans.append((at, at + len(stem)))
        spans += [(at + i, at + i + 1) for i in range(len(stem), len(part))]
        at += len(part) + 1
    both = np.array(spans, dtype=np.int32).reshape(-1, 2)
    zeros = np.zeros(len(spans), dtype=np.int64)
    return Tokens(zeros, zeros, both[:, 0], both[:, 1])


def cut(text: str) -> list[tuple[int, int]]:
    return list(windows_of(text, words(text), SIZE, OVERLAP))


def test_a_short_text_is_one_window() -> None:
    assert cut("just a few words") == [(0, 4)]


def test_a_text_without_tokens_is_one_window_of_nothing() -> None:
    assert cut("") == [(0, 0)]


def test_a_text_that_just_fits_is_not_cut() -> None:
    assert cut("w " * 19 + "w") == [(0, 20)]


def test_without_sentences_windows_share_the_overlap() -> None:
    assert cut("w " * 49 + "w") == [(0, 20), (15, 35), (30, 50)]


@pytest.mark.parametrize("end", [".", "!", "?"])
def test_a_window_ends_with_a_sentence_in_its_last_quarter(end: str) -> None:
    text = "w " * 16 + "w" + end + " w" * 30  # the mark is token 17
    assert cut(text)[0] == (0, 18)


def test_a_window_ends_with_a_line() -> None:
    text = " ".join(["w"] * 17) + "\n" + " ".join(["w"] * 20)
    assert cut(text)[0] == (0, 17)


def test_a_sentence_end_that_is_too_early_is_passed_over() -> None:
    assert cut("w w w. " + "w " * 39 + "w")[0] == (0, 18)


def test_the_next_window_starts_with_a_sentence_that_fits_the_overlap() -> None:
    text = "w " * 14 + "w. " + "w w. " + "w " * 29 + "w"  # sentences begin at 16 and 19
    assert cut(text)[:2] == [(0, 19), (16, 35)]


def test_a_full_stop_inside_a_word_ends_nothing() -> None:
    text = "w " * 16 + "w.w" + " w" * 30
    assert cut(text)[0] == (0, 19)


def test_windows_are_about_even() -> None:
    assert cut("w " * 20 + "w") == [(0, 13), (8, 21)]


def test_the_sentence_that_begins_nearest_to_even_decides() -> None:
    text = "w " * 13 + "w. " + "w w w. " + "w " * 23 + "w"  # at 15 and 19, even were 18
    assert cut(text)[0] == (0, 19)


@given(st.lists(st.sampled_from(["w", "w.", "w!", "word", "w\nw"]), max_size=200).map(" ".join))
def test_every_token_lies_in_a_window_and_windows_move_on(text: str) -> None:
    count = len(words(text))
    windows = cut(text)
    assert {at for start, end in windows for at in range(start, end)} == set(range(count))
    assert all(end - start <= SIZE for start, end in windows)
    for (start, end), (later, last) in pairwise(windows):
        assert start + SIZE // 2 - 1 <= later + OVERLAP <= end + OVERLAP
        assert later < end < last


def test_windows_are_few_even_where_every_word_ends_a_sentence() -> None:
    count = 3000
    assert len(cut(" ".join(["w."] * (count // 2)))) <= count / (SIZE * 3 / 4 - OVERLAP) + 1


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(126, [126]), (127, [72, 71]), (200, [108, 108]), (254, [94] * 3), (300, [110] * 3)],
)
def test_windows_are_of_a_size_that_is_read_quickly_where_the_overlap_can_spare_it(
    count: int, sizes: list[int]
) -> None:
    text = " ".join(["w"] * count)
    windows = list(windows_of(text, words(text), 126, 16))
    assert [end - start for start, end in windows] == sizes
    assert all(12 <= end - later <= 16 for (_, end), (later, _) in pairwise(windows))


@given(st.integers(127, 3000))
def test_text_without_sentences_is_cut_evenly_with_enough_of_an_overlap(count: int) -> None:
    text = " ".join(["w"] * count)
    windows = list(windows_of(text, words(text), 126, 16))
    assert (windows[0][0], windows[-1][1]) == (0, count)
    assert all(12 <= end - later <= 16 for (_, end), (later, _) in pairwise(windows))
    sizes = [end - start for start, end in windows]
    assert max(sizes) <= 126
    assert max(sizes) - min(sizes) <= len(sizes)


@given(st.integers(2, 128))
def test_a_batch_is_padded_by_little_and_to_a_quick_length_only(tokens: int) -> None:
    made = padded(tokens)
    assert tokens <= made <= tokens + 3
    assert made == tokens or made % GRAIN == 0
    assert padded(GRAIN - MARKS) == GRAIN
