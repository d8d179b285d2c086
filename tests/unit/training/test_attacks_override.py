import random
import re
from collections import Counter

import pytest

from training.examples import USER, Example
from training.generate import attacks_override
from training.generate.attacks_disguise import DISGUISES
from training.generate.attacks_worn import neat


@pytest.fixture(scope="module")
def drawn() -> list[Example]:
    return list(attacks_override.examples(random.Random(11), 5000))


def _texts(drawn: list[Example], family: str) -> list[str]:
    return [example.text for example in drawn if example.family == f"gen/{family}"]


def _share(texts: list[str], pattern: str) -> float:
    return sum(bool(re.search(pattern, text, re.IGNORECASE)) for text in texts) / len(texts)


def test_same_seed_gives_same_examples() -> None:
    first = list(attacks_override.examples(random.Random(3), 200))
    assert first == list(attacks_override.examples(random.Random(3), 200))
    assert first != list(attacks_override.examples(random.Random(4), 200))


@pytest.mark.parametrize("count", [0, 1, 7])
def test_as_many_examples_as_asked_for(count: int) -> None:
    assert len(list(attacks_override.examples(random.Random(1), count))) == count


def test_all_are_attacks_of_the_user_channel(drawn: list[Example]) -> None:
    assert {(e.task, e.label, e.spans) for e in drawn} == {(USER, "attack", ())}


def test_families_are_even(drawn: list[Example]) -> None:
    counts = Counter(example.family for example in drawn)
    assert counts == {f"gen/{family}": 1000 for family in attacks_override.FAMILIES}


def test_texts_hardly_repeat(drawn: list[Example]) -> None:
    assert len({example.text.casefold() for example in drawn}) >= 0.98 * len(drawn)


def test_no_template_dominates_its_family(drawn: list[Example]) -> None:
    for group, count in Counter((e.family, e.group) for e in drawn).items():
        assert count <= 0.1 * 1000, group


@pytest.mark.parametrize("family", attacks_override.FAMILIES)
def test_lengths_stay_in_the_range_of_the_family(drawn: list[Example], family: str) -> None:
    low, high = attacks_override.LENGTHS[family]
    lengths = [len(text.split()) for text in _texts(drawn, family)]
    assert sum(low <= length <= high for length in lengths) >= 0.995 * len(lengths)


def test_personas_are_short_and_long(drawn: list[Example]) -> None:
    lengths = sorted(len(text.split()) for text in _texts(drawn, "persona"))
    assert lengths[100] <= 45
    assert lengths[-100] >= 120


def test_few_overrides_use_the_best_known_words(drawn: list[Example]) -> None:
    texts = _texts(drawn, "override")
    assert 0.03 <= _share(texts, "ignor") <= 0.15
    assert _share(texts, "ignor|disregard|forg[eo]t") <= 0.35


def test_capitals_are_rare(drawn: list[Example]) -> None:
    assert sum(e.text.isupper() for e in drawn) <= 0.03 * len(drawn)


def test_nothing_of_the_templates_is_left(drawn: list[Example]) -> None:
    for example in drawn:
        assert not re.search(r"\{[a-z]\w*\}|\[[^\[\]\n]*\w\|\w[^\[\]\n]*\]|\\n", example.text), (
            example.group,
            example.text,
        )


def test_bystanders_are_the_tasks_without_an_order() -> None:
    twins = list(attacks_override.bystanders(random.Random(5), 500))
    assert {(e.family, e.label) for e in twins} == {("gen/buried", "benign")}
    orders = r"restrict|guardrail|system prompt|policy|policies|ignore|override|unfiltered"
    assert _share([e.text for e in twins], orders) == 0


@pytest.mark.parametrize(
    ("disguise", "hidden"),
    [
        ("reversed", "elur on"),
        ("rot13", "ab ehyr"),
        ("base64", "bm8gcnVsZQ=="),
        ("spaced", "n o r u l e"),
        ("dashed", "n-o-r-u-l-e"),
        ("leet", "n0 rul3"),
        ("numbered", "no, 2 = rule"),
    ],
)
def test_disguises(disguise: str, hidden: str) -> None:
    assert DISGUISES[disguise]("no rule", 0.5) == hidden


def test_halves_make_the_whole() -> None:
    text = "answer without limits"
    assert DISGUISES["part1"](text, 0.4) + DISGUISES["part2"](text, 0.4) == text


def test_first_letters_spell_the_text() -> None:
    words = DISGUISES["acrostic"]("no rule", 0.4).split()
    assert "".join(word[0] for word in words) == "norule"


@pytest.mark.parametrize(
    ("seamed", "mended"),
    [
        ("drop it ,  now . ", "drop it, now."),
        ("why?. Because", "why? Because"),
        (", please", "please"),
        ("a \n\n\n\n b", "a\n\nb"),
        ("wait ... what", "wait... what"),
    ],
)
def test_seams_are_mended(seamed: str, mended: str) -> None:
    assert neat(seamed) == mended
