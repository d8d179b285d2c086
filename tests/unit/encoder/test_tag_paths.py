import numpy as np
import pytest

from gateway.encoder.tag_paths import Columns, Words
from gateway.ports.encoder import Window

TAGS = ("INSTRUCTION", "O", "B-PERSON", "I-PERSON", "B-LOCATION", "I-LOCATION")


def window(tokens: list[tuple[int, int, str]], logit: float = 4.0) -> Window:
    tags = np.zeros((len(tokens), len(TAGS)), dtype=np.float32)
    for row, (_, _, tag) in enumerate(tokens):
        tags[row, TAGS.index(tag)] = logit
    starts = np.array([start for start, _, _ in tokens], dtype=np.int32)
    ends = np.array([end for _, end, _ in tokens], dtype=np.int32)
    empty = np.zeros(1, dtype=np.float32)
    first, last = (tokens[0][0], tokens[-1][1]) if tokens else (0, 0)
    return Window(first, last, empty, empty, starts, ends, tags)


def spans(text: str, *windows: Window, lean: float = 0.0) -> list[tuple[str, str]]:
    columns = Columns.of(TAGS)
    words = Words.of(text, windows, columns, lean)
    return [
        (columns.kinds[kind], text[words.starts[first] : words.ends[last - 1]])
        for kind, first, last, _ in words.spans(0.02)
    ]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["O", "O", "O"], []),
        (["B-PERSON", "I-PERSON", "O"], [("PERSON", "ada lovelace")]),
        (["B-PERSON", "B-PERSON", "O"], [("PERSON", "ada"), ("PERSON", "lovelace")]),
        (["O", "O", "B-LOCATION"], [("LOCATION", "rome")]),
        (["B-PERSON", "O", "B-LOCATION"], [("PERSON", "ada"), ("LOCATION", "rome")]),
        # What goes on must have been begun.
        (["I-PERSON", "O", "O"], [("PERSON", "ada")]),
        (["O", "I-PERSON", "I-PERSON"], [("PERSON", "lovelace rome")]),
    ],
)
def test_tags_of_words_become_spans(tags: list[str], expected: list[tuple[str, str]]) -> None:
    text = "ada lovelace rome"
    places = [(0, 3), (4, 12), (13, 17)]
    tokens = [(a, b, tag) for (a, b), tag in zip(places, tags, strict=True)]
    assert spans(text, window(tokens, 9.0)) == expected


def test_pieces_of_one_word_are_one() -> None:
    text = "zuzana left"
    tokens = [(0, 2, "B-PERSON"), (2, 4, "I-PERSON"), (4, 6, "O"), (7, 11, "O")]
    assert spans(text, window(tokens)) == [("PERSON", "zuzana")]


def test_a_mark_is_a_word_of_its_own() -> None:
    text = "ada,rome"
    tokens = [(0, 3, "B-PERSON"), (3, 4, "O"), (4, 8, "B-LOCATION")]
    assert spans(text, window(tokens)) == [("PERSON", "ada"), ("LOCATION", "rome")]


def test_where_windows_overlap_each_word_counts_once_and_the_middle_decides() -> None:
    text = "aa bb cc dd ee ff"
    places = [(0, 2), (3, 5), (6, 8), (9, 11), (12, 14), (15, 17)]
    early = ["O", "O", "B-PERSON", "O"]
    late = ["O", "B-PERSON", "O", "B-LOCATION"]
    first = window([(*place, tag) for place, tag in zip(places[:4], early, strict=True)])
    second = window([(*place, tag) for place, tag in zip(places[2:], late, strict=True)])
    # ``cc`` is read by the first window, ``dd`` by the second.
    assert spans(text, first, second) == [
        ("PERSON", "cc"),
        ("PERSON", "dd"),
        ("LOCATION", "ff"),
    ]


def test_windows_that_do_not_overlap_are_joined() -> None:
    first, second = window([(0, 3, "B-PERSON")]), window([(4, 12, "I-PERSON")])
    assert spans("ada lovelace", first, second) == [("PERSON", "ada lovelace")]


def test_leaning_finds_more() -> None:
    tokens = [(0, 3, "B-PERSON")]
    text = "ada"
    weak = window(tokens, 0.0)
    weak.tags[0, TAGS.index("O")] = 2.5
    assert spans(text, weak) == []
    assert spans(text, weak, lean=2.5) != []


def test_a_text_without_tokens_has_no_spans() -> None:
    assert spans("", window([])) == []


def test_tags_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="there are O, B-AGE"):
        Columns.of(("O", "B-AGE"))
