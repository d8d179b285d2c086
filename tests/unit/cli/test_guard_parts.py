import pytest

from gateway.cli.guard_parts import GuardParts, UnbuiltGuard, make_light, make_with
from gateway.core.findings import Guard
from gateway.core.options import Options
from gateway.core.registry import Entry
from gateway.testing.exchanges import make_exchange
from gateway.testing.guards import WordGuard, WordOptions


class NeedyGuard(WordGuard):
    """Needs a part."""

    def __init__(self, options: WordOptions, *, recognizer: object) -> None:
        super().__init__(options)


def entry(factory: type[Guard]) -> Entry[Guard]:
    return Entry("word", factory, WordOptions)


def test_a_guard_without_parts_is_built_in_the_light_check() -> None:
    assert isinstance(make_light(entry(WordGuard), WordOptions()), WordGuard)
    with pytest.raises(ValueError, match="the word is empty"):
        make_light(entry(WordGuard), WordOptions(word=""))


async def test_a_guard_that_was_not_built_judges_nothing() -> None:
    guard = make_light(entry(NeedyGuard), WordOptions())
    assert isinstance(guard, UnbuiltGuard)
    with pytest.raises(RuntimeError, match="was not built"):
        await guard.check([], make_exchange())


def test_parts_are_made_when_they_are_asked_for_and_once() -> None:
    parts = GuardParts()
    assert parts["clock"] is parts["clock"]
    assert sorted(parts) == [
        "classifier",
        "clock",
        "detector_models",
        "encoder",
        "lexical_support",
        "recognizer",
        "secret_scanner",
        "support",
    ]
    assert len(parts) == 8
    made = make_with(parts)(entry(WordGuard), WordOptions())
    assert isinstance(made, WordGuard)
    assert isinstance(made.options, Options)
