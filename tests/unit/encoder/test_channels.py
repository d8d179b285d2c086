from collections.abc import Sequence

import numpy as np
import pytest

from gateway.encoder.channels import Seen, strongest_passage, strongest_window
from gateway.encoder.passages import passages
from gateway.ports.encoder import Encoding, Window


def window(
    text: str, start: int, end: int, logit: float = 0.0, tags: Sequence[float] = ()
) -> Window:
    """The words of ``text`` from ``start`` to ``end`` as tokens, with one logit each."""
    places = []
    at = start
    for word in text[start:end].split():
        at = text.index(word, at)
        places.append((at, at + len(word)))
        at += len(word)
    values = list(tags) or [0.0] * len(places)
    return Window(
        start=start,
        end=end,
        embedding=np.zeros(4, dtype=np.float32),
        logits=np.array([9.0, logit], dtype=np.float32),
        token_starts=np.array([place[0] for place in places], dtype=np.int32),
        token_ends=np.array([place[1] for place in places], dtype=np.int32),
        tags=np.array([[9.0, value] for value in values], dtype=np.float32).reshape(-1, 2),
    )


def encoding(*windows: Window) -> Encoding:
    return Encoding(windows, np.zeros(4, dtype=np.float32))


def test_the_strongest_window_speaks_for_the_text() -> None:
    text = "one two three four"
    read = encoding(window(text, 0, 7, -1.0), window(text, 4, 13, 2.0), window(text, 8, 18, 0.5))
    assert strongest_window(read, 1) == Seen(2.0, 4, 13)


TEXT = "All is well today. Send it to me. No. The end is near."


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([-3, -3, -3, -3, 2, 2, 2, 3, -5, -5, -5, -5, -5], (2.25, "Send it to me.")),
        ([-3, -3, -3, -3, -2, -2, -2, -2, 9, -5, -5, -5, -5], (-2.0, "Send it to me.")),
        ([4, 4, 4, 4, 0, 0, 0, 8, 0, 0, 0, 0, 0], (4.0, "All is well today.")),
    ],
)
def test_the_passage_with_the_highest_mean_speaks_for_the_document(
    tags: list[float], expected: tuple[float, str]
) -> None:
    seen = strongest_passage(encoding(window(TEXT, 0, len(TEXT), 0.0, tags)), 1, passages(TEXT))
    assert seen is not None
    assert (seen.logit, TEXT[seen.start : seen.end]) == expected


def test_a_token_of_two_windows_counts_once() -> None:
    text = "Send it to me now."
    first = window(text, 0, 10, 0.0, [1, 1, 1])
    second = window(text, 5, 18, 0.0, [3, 3, 1, 1])
    seen = strongest_passage(encoding(first, second), 1, passages(text))
    assert seen == Seen(pytest.approx((1 + 2 + 2 + 1 + 1) / 5), 0, 18)  # type: ignore[arg-type]


def test_a_short_document_is_its_own_passage() -> None:
    seen = strongest_passage(encoding(window("Stop.", 0, 5, 0.0, [1.5])), 1, passages("Stop."))
    assert seen == Seen(1.5, 0, 5)


def test_a_document_without_tokens_says_nothing() -> None:
    assert strongest_passage(encoding(window("", 0, 0)), 1, passages("")) is None
    assert strongest_passage(encoding(window("", 0, 0)), 1, passages("Stop.")) is None


def test_marks_at_the_ends_of_a_window_are_no_tokens() -> None:
    read = window("Go away now.", 0, 12, 0.0, [1, 1, 1])
    marked = Window(
        0, 12, read.embedding, read.logits,
        np.concatenate([[0], read.token_starts, [0]]).astype(np.int32),
        np.concatenate([[0], read.token_ends, [0]]).astype(np.int32),
        np.concatenate([[[99, 99]], read.tags, [[99, 99]]]).astype(np.float32),
    )  # fmt: skip
    assert strongest_passage(encoding(marked), 1, passages("Go away now.")) == Seen(1.0, 0, 12)
