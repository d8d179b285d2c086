import random
import re
from collections import Counter

import pytest

from training.examples import USER, Example
from training.generate import benign

TRIGGERS = (
    "ignore", "override", "bypass", "system", "prompt", "instructions", "previous", "above",
    "developer mode", "admin", "root", "jailbreak", "forg", "disregard", "rules", "secret",
    "password", "reveal", "hidden", "pretend", "act as", "unlock", "unrestricted", "confidential",
    "simulate", "leak", "inject", "dan ", "roleplay", "exploit", "sudo", "filter", "restrict",
)  # fmt: skip


@pytest.fixture(scope="module")
def drawn() -> list[Example]:
    return list(benign.examples(random.Random(7), 5000))


def test_same_seed_gives_same_examples() -> None:
    first = list(benign.examples(random.Random(3), 200))
    assert first == list(benign.examples(random.Random(3), 200))
    assert first != list(benign.examples(random.Random(4), 200))


def test_as_many_examples_as_asked_for(drawn: list[Example]) -> None:
    assert len(drawn) == 5000
    assert list(benign.examples(random.Random(1), 0)) == []


def test_all_are_benign_texts_of_the_user_channel(drawn: list[Example]) -> None:
    assert {(example.task, example.label, example.spans) for example in drawn} == {
        (USER, "benign", ())
    }


def test_every_family_has_its_share(drawn: list[Example]) -> None:
    counts = Counter(example.family for example in drawn)
    assert set(counts) == {f"gen/{family}" for family in benign.WEIGHTS}
    for family, weight in benign.WEIGHTS.items():
        assert counts[f"gen/{family}"] == pytest.approx(5000 * weight, rel=0.3)


def test_texts_hardly_repeat(drawn: list[Example]) -> None:
    assert len({example.text for example in drawn}) >= 4990


def test_no_template_dominates_its_family(drawn: list[Example]) -> None:
    families = Counter(example.family for example in drawn)
    for group, count in Counter((e.family, e.group) for e in drawn).items():
        assert count <= 0.13 * families[group[0]], group


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_each_trigger_word_occurs_in_innocent_texts(drawn: list[Example], trigger: str) -> None:
    texts = [e.text.lower() for e in drawn if e.family == "gen/trigger"]
    assert sum(trigger in text for text in texts) >= 3


def test_nearly_every_text_of_the_trigger_family_has_a_trigger(drawn: list[Example]) -> None:
    texts = [e.text.lower() for e in drawn if e.family == "gen/trigger"]
    with_trigger = [text for text in texts if any(word in text for word in TRIGGERS)]
    assert len(with_trigger) >= 0.95 * len(texts)


@pytest.mark.parametrize("family", benign.WEIGHTS)
def test_every_pattern_of_a_family_can_be_filled(family: str) -> None:
    rng = random.Random(5)
    for pattern in benign.load(family):
        for _ in range(4):
            text = benign.fill(pattern, rng)
            assert text.strip()
            assert not re.search(r"[⟦⟧]|\\n|\{body\}", text), text


def test_documents_are_passages_of_some_length(drawn: list[Example]) -> None:
    lengths = [len(e.text.split()) for e in drawn if e.family == "gen/documents"]
    assert sum(40 <= length <= 280 for length in lengths) >= 0.95 * len(lengths)


def test_lengths_reach_from_a_few_words_to_hundreds(drawn: list[Example]) -> None:
    lengths = sorted(len(example.text.split()) for example in drawn)
    assert lengths[len(lengths) // 20] <= 8
    assert lengths[-len(lengths) // 50] >= 80
    assert lengths[-1] <= 400


def test_an_unknown_slot_is_an_error() -> None:
    with pytest.raises(KeyError):
        benign.expand("{nothing}", {}, random.Random(1))
