from pathlib import Path
from typing import Any

import pytest

from gateway.core.options import Options
from gateway.schema.loader import parse
from gateway.schema.problems import ConfigError
from gateway.schema.reader import Reader, Spot


class Inner(Options):
    threshold: float = 0.5
    """A number."""
    secret: str = ""
    """Text."""


class Outer(Options):
    inners: dict[str, Inner] = {}  # noqa: RUF012 - pydantic copies defaults
    """By name."""
    several: tuple[Inner | None, ...] = ()
    """In order."""
    flag: bool = False
    """Yes or no."""


def read(text: str, environ: dict[str, str] | None = None) -> tuple[Outer | None, Reader]:
    reader = Reader()
    document = parse(text, Path("/x/a.yaml"), environ=environ or {})
    return reader.read(Outer, Spot(document, ()), document.data), reader


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("inners:\n  a:\n    treshold: 1\n", (3, 5), "unknown key 'treshold'", "'threshold'"),
        ("several:\n  - {treshold: 1}\n", (2, 6), "unknown key 'treshold'", "'threshold'"),
        ("inners: {a: {threshold: much}}\n", (1, 25), "'threshold' must be a number", ""),
        ("inners: 5\n", (1, 9), "'inners' must be a mapping of keys to values, not a number", ""),
        ("flag: perhaps\n", (1, 7), "'flag' must be true or false, not text", ""),
        ("flag:\nseveral: []\n", (1, 1), "'flag' must be true or false, not empty", ""),
        ("- a\n", (1, 1), "must be a mapping", "keys: inners, several, flag"),
    ],
)
def test_errors_of_models_become_problems_with_places(
    text: str, place: tuple[int, int], message: str, hint: str
) -> None:
    made, reader = read(text)
    assert made is None
    (problem,) = reader.problems
    assert (problem.line, problem.column) == place
    assert message in problem.message
    assert hint in problem.hint


def test_an_interpolated_number_is_text_where_text_is_asked_for() -> None:
    made, reader = read("inners:\n  a:\n    secret: ${KEY}\n", {"KEY": "007"})
    assert reader.problems == []
    assert made is not None
    assert made.inners["a"].secret == "007"


def test_a_number_that_was_written_out_is_not_taken_for_text() -> None:
    _, reader = read("inners: {a: {secret: 7}}\n")
    assert "'secret' must be text, not a number" in reader.problems[0].message


def test_finish_raises_all_that_was_reported() -> None:
    _, reader = read("flag: perhaps\nmore: 1\n")
    with pytest.raises(ConfigError) as caught:
        reader.finish()
    assert len(caught.value.problems) == 2


def test_finish_is_silent_without_problems() -> None:
    made, reader = read("flag: true\n")
    reader.finish()
    assert made == Outer(flag=True)


def test_data_from_several_places_is_blamed_on_the_right_one() -> None:
    one = parse("threshold: 1\n", Path("/x/one.yaml"))
    two = parse("\nsecret: [1]\n", Path("/x/two.yaml"))
    data: dict[str, Any] = {**one.data, **two.data}
    reader = Reader()
    reader.read_from(Inner, lambda p: Spot(two if p[:1] == ("secret",) else one, p), data)
    assert [(p.file, p.line) for p in reader.problems] == [("/x/two.yaml", 2)]
