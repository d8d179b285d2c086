"""Case classes of tokens."""

import pytest

from gateway.encoder.shapes import DIGIT, LOWER, MIXED, OTHER, TITLE, UPPER, shape_of, shapes_of


@pytest.mark.parametrize(
    ("piece", "shape"),
    [
        ("word", LOWER),
        ("straße", LOWER),
        ("Word", TITLE),
        ("A", TITLE),
        ("Élodie", TITLE),
        ("NATO", UPPER),
        ("iPhone", MIXED),
        ("McDonald", MIXED),
        ("42", DIGIT),
        ("4b", DIGIT),
        ("B4", DIGIT),
        ("٣", DIGIT),
        (",", OTHER),
        ("", OTHER),
        ("東京", OTHER),
        ("e\u0301tude", LOWER),
        ("E\u0301TUDE", UPPER),
    ],
)
def test_pieces_have_the_case_they_are_written_in(piece: str, shape: int) -> None:
    assert shape_of(piece) == shape


def test_tokens_are_read_at_their_place_in_the_original_text() -> None:
    text = "Call Ms SMITH at 5 pm"
    starts = [0, 5, 8, 14, 17, 19]
    ends = [4, 7, 13, 16, 18, 21]
    assert shapes_of(text, starts, ends).tolist() == [TITLE, TITLE, UPPER, LOWER, DIGIT, LOWER]


def test_no_tokens_have_no_shapes() -> None:
    assert shapes_of("", [], []).tolist() == []
