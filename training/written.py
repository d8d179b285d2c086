"""Texts written for this project by a language model, one by one and from no template, in
``written/<label>/<family>.txt``.

One text a line: ``\\n`` stands for a line break in it and ``\\\\`` for a backslash.
"""

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from training.examples import ROUTE, TOXICITY, USER, Example
from training.generate.attacks_worn import worn

FOLDER = Path(__file__).with_name("written")

_TASKS = {
    USER: ("attack", "benign"),
    TOXICITY: ("toxic", "clean"),
    ROUTE: ("chitchat", "knowledge", "task"),
}
_WORN = 0.4
_ESCAPE = re.compile(r"\\([\\n])")


def examples(task: str, rng: random.Random) -> Iterator[Example]:
    """All texts of a task, some of them as people type; ``family`` is ``written/`` and the name of
    the file."""
    for label in _TASKS[task]:
        for path in sorted((FOLDER / label).glob("*.txt")):
            for text in lines(path):
                if rng.random() < _WORN:
                    text = worn(text, rng)
                yield Example(text, task, f"written/{path.stem}", label)


@cache
def lines(path: Path) -> tuple[str, ...]:
    """The texts of a file, in their order."""
    read = path.read_text(encoding="utf-8").split("\n")
    return tuple(_ESCAPE.sub(_plain, line) for line in read if line.strip())


def _plain(escape: re.Match[str]) -> str:
    return "\n" if escape[1] == "n" else "\\"
