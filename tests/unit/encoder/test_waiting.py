"""Which pieces a run takes."""

import numpy as np

from gateway.encoder.reading import Reading
from gateway.encoder.tokenizer import Tokens
from gateway.encoder.waiting import Waiting

BUDGET = 100


def reading(*sizes: int) -> Reading:
    """A text with windows of these sizes, the marks at their ends included."""
    made = Reading("x" * sum(sizes))
    none = np.zeros(0, dtype=np.int64)
    empty = np.zeros(0, dtype=np.int32)
    made.cut(Tokens(none, none, empty, empty), [(0, size - 2) for size in sizes])
    return made


def waiting(*readings: Reading) -> Waiting:
    made = Waiting(BUDGET)
    for each in readings:
        made.add(each)
    made.enter(made.uncut(10**9))
    return made


def sizes(line: Waiting) -> list[int]:
    return [piece.size for piece in line.batch()]


def test_texts_of_like_length_share_a_run() -> None:
    line = waiting(reading(20), reading(18), reading(19))
    assert sizes(line) == [20, 18, 19]
    assert len(line) == 0


def test_others_wait_for_a_run_of_their_own() -> None:
    line = waiting(reading(20), reading(90), reading(5), reading(19))
    assert [sizes(line) for _ in range(3)] == [[20, 19], [90], [5]]


def test_no_run_takes_more_than_the_budget() -> None:
    line = waiting(*(reading(30) for _ in range(10)))
    assert sizes(line) == [30, 30, 30]


def test_a_piece_beyond_the_budget_runs_alone() -> None:
    line = waiting(reading(300), reading(300))
    assert sizes(line) == [300]


def test_a_long_text_lets_a_short_one_pass() -> None:
    long, short = reading(*[50] * 40), reading(10)
    line = waiting(long, short)
    assert sizes(line) == [50, 50]
    assert sizes(line) == [10]
    assert sizes(line) == [50, 50]


def test_who_was_given_up_is_left_out() -> None:
    gone, stays = reading(20), reading(20)
    line = waiting(gone, stays)
    gone.abandoned = True
    assert [piece.reading for piece in line.batch()] == [stays]


def test_what_was_given_up_before_it_was_cut_is_never_cut() -> None:
    line = Waiting(BUDGET)
    gone = reading(20)
    line.add(gone)
    gone.abandoned = True
    assert line.uncut(1000) == []
    assert (len(line), line.characters) == (0, 0)


def test_characters_are_counted_until_the_last_piece_is_taken() -> None:
    line = waiting(reading(50, 50, 50))
    assert line.characters == 150
    line.batch()
    assert line.characters == 150
    line.batch()
    assert line.characters == 0


def test_texts_are_cut_in_portions_and_one_at_least() -> None:
    line = Waiting(BUDGET)
    texts = [reading(1000), reading(10), reading(10)]
    for text in texts:
        line.add(text)
    assert line.uncut(500) == texts[:1]
    assert line.uncut(15) == texts[1:]


def test_nothing_waits_in_an_empty_line() -> None:
    assert Waiting(BUDGET).batch() == []
