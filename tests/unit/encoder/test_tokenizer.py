"""Tokens stand where the text has them."""

from pathlib import Path

import pytest

from gateway.encoder.model_file import ModelFileError
from gateway.encoder.shapes import LOWER, OTHER, TITLE, UPPER
from gateway.encoder.tokenizer import TextTokenizer


@pytest.fixture
def tokenizer(folder: Path) -> TextTokenizer:
    return TextTokenizer(folder / "tokenizer.json")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Good BAD .", ["Good", "BAD", "."]),
        ("  good\n\tbad", ["good", "bad"]),
        ("🙂 good é bad", ["🙂", "good", "é", "bad"]),
        ("good\u200bbad", ["good\u200bbad"]),
        ("\ud83d good", ["\ud83d", "good"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_offsets_are_those_of_the_text_as_written(
    tokenizer: TextTokenizer, text: str, pieces: list[str]
) -> None:
    read = tokenizer.read(text)
    assert [text[a:b] for a, b in zip(read.starts, read.ends, strict=True)] == pieces
    assert len(read) == len(read.shapes) == len(pieces)


def test_case_is_kept_apart_from_the_words(tokenizer: TextTokenizer) -> None:
    read = tokenizer.read("Good good GOOD .")
    assert len(set(read.ids[:3].tolist())) == 1
    assert read.shapes.tolist() == [TITLE, LOWER, UPPER, OTHER]


def test_no_text_is_cut_off(tokenizer: TextTokenizer) -> None:
    assert len(tokenizer.read("w " * 50_000)) == 50_000


def test_what_is_no_tokenizer_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    with pytest.raises(ModelFileError, match=r"tokenizer\.json: not a tokenizer"):
        TextTokenizer(path)
