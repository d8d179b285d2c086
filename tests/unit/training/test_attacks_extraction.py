"""The attacks we invent: they differ, and every pattern of every file can be filled."""

import random
import re
from collections import Counter

import pytest

from training.examples import USER, Example
from training.generate.attacks_extraction import SHARES, examples

COUNT = 5000


@pytest.fixture(scope="module")
def drawn() -> list[Example]:
    return list(examples(random.Random(7), COUNT))


def test_yields_as_many_examples_as_asked_for(drawn: list[Example]) -> None:
    assert len(drawn) == COUNT
    assert list(examples(random.Random(7), 0)) == []


def test_same_seed_gives_same_examples(drawn: list[Example]) -> None:
    assert list(examples(random.Random(7), 500)) == drawn[:500]


def test_other_seed_gives_other_examples(drawn: list[Example]) -> None:
    other = {example.text for example in examples(random.Random(8), 500)}
    assert len(other & {example.text for example in drawn[:500]}) < 50


def test_all_are_attacks_of_the_user_channel(drawn: list[Example]) -> None:
    assert {(example.task, example.label) for example in drawn} == {(USER, "attack")}


def test_every_family_gets_its_share(drawn: list[Example]) -> None:
    counts = Counter(example.family for example in drawn)
    assert counts.keys() == {f"gen/{name}" for name in SHARES}
    for name, share in SHARES.items():
        assert counts[f"gen/{name}"] / COUNT == pytest.approx(share, abs=0.03)


def test_few_texts_come_twice(drawn: list[Example]) -> None:
    for name in SHARES:
        texts = [example.text for example in drawn if example.family == f"gen/{name}"]
        assert len(set(texts)) > 0.97 * len(texts)


def test_groups_are_many_and_belong_to_one_family(drawn: list[Example]) -> None:
    groups = {example.group for example in drawn}
    assert len(groups) > 300
    assert all(example.group.startswith(f"{example.family}/") for example in drawn)


def test_no_seams_of_patterns_are_left(drawn: list[Example]) -> None:
    for example in drawn:
        assert example.text == example.text.strip()
        assert not re.search(r"[\[\]{}|]|\s{2}|\s[,;.]\s|,[.,]", example.text), example.text


def test_lengths_vary_from_a_few_words_to_dozens(drawn: list[Example]) -> None:
    lengths = [len(example.text.split()) for example in drawn if "/tongues" not in example.family]
    assert min(lengths) >= 2
    assert max(lengths) <= 60
    assert sum(length <= 8 for length in lengths) > 0.1 * len(lengths)
    assert sum(length >= 18 for length in lengths) > 0.1 * len(lengths)


def test_every_language_has_enough_patterns() -> None:
    groups: dict[str, set[str]] = {}
    for example in examples(random.Random(3), 20_000):
        if example.family == "gen/tongues":
            language = example.group.split("/")[2].split("-")[0]
            groups.setdefault(language, set()).add(example.group)
    large = {"de", "fr", "es", "it", "pt", "ru", "zh", "ja"}
    assert groups.keys() >= large | {"nl", "pl", "uk", "tr", "ko", "ar", "hi", "sv", "mixed"}
    for language, patterns in groups.items():
        assert len(patterns) >= (12 if language in large else 6), language
