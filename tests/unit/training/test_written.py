"""Texts from no template: read as they are, and each one there once."""

import random
from collections import Counter
from pathlib import Path

import pytest

from training.examples import ROUTE, TOXICITY, USER
from training.folds import FOLDS, fold_of
from training.written import FOLDER, examples, lines

FILES = sorted(FOLDER.glob("*/*.txt"))


def test_a_line_is_a_text_whose_escapes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text("one\\ntwo\n\nC:\\\\new\n", encoding="utf-8")
    assert lines(path) == ("one\ntwo", "C:\\new")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_text_stands_there_twice(path: Path) -> None:
    counted = Counter(text.casefold() for text in lines(path))
    assert [text for text, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("task", [USER, TOXICITY, ROUTE])
def test_every_family_has_a_label_and_a_fold(task: str) -> None:
    made = list(examples(task, random.Random(1)))
    assert made
    assert all(example.family.startswith("written/") and example.label for example in made)
    assert {fold_of(example) for example in made} <= set(range(FOLDS))
