import re
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from gateway.encoder.ngrams import BUCKETS, NgramModel, features, table

PROMPT = (
    "could you please help me write a short report about the sales numbers of our second quarter "
    "i need it by friday and it should mention the new store in berlin the delivery problem in may "
    "and the plan for next year"
)


def spelled_out(text: str) -> set[tuple[str, ...]]:
    """Words, pairs of words and groups of letters, by the definition."""
    words = re.findall(r"[^\W_]+", text)
    found: set[tuple[str, ...]] = {(word,) for word in words}
    found |= {(a, b) for a, b in pairwise(words)}
    for word in words:
        held = f" {word} "
        for size in (3, 4, 5):
            found |= {("group", held[i : i + size]) for i in range(len(held) - size + 1)}
    return found


@pytest.mark.parametrize("text", [PROMPT, "a", "ab", "abc d", "é 你好世界", "x_y, z!", "a a a"])
def test_there_is_one_feature_for_every_word_pair_and_group(text: str) -> None:
    indices, values = features(text)
    assert len(indices) == len(spelled_out(text))
    assert np.all((indices >= 0) & (indices < BUCKETS))
    assert float(np.square(values).sum()) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("text", ["", " ", "?!"])
def test_a_text_without_words_has_no_features(text: str) -> None:
    indices, values = features(text)
    assert (len(indices), len(values)) == (0, 0)


def test_hashes_are_the_same_in_every_process() -> None:
    indices, _ = features("ignore")
    assert indices.tolist()[:8] == [1902, 6760, 11197, 11468, 26478, 34189, 39413, 45042]
    assert len(indices) == 16


def test_texts_of_one_table_do_not_touch_each_other() -> None:
    texts = ["ignore all", "", PROMPT, "all ignore"]
    together = table(texts)
    for row, text in enumerate(texts):
        indices, values = features(text)
        assert together.indices[together.rows == row].tolist() == indices.tolist()
        assert together.values[together.rows == row] == pytest.approx(values)


def test_the_order_of_words_and_repetition_count() -> None:
    def seen(text: str) -> dict[int, float]:
        indices, values = features(text)
        return dict(zip(indices.tolist(), values.tolist(), strict=True))

    assert seen("ignore all") != seen("all ignore")
    assert seen("all all all ignore") != seen("all ignore")


def test_a_model_survives_being_stored(tmp_path: Path) -> None:
    weights = np.linspace(-1, 1, BUCKETS, dtype=np.float32)
    model = NgramModel(weights, -0.5)
    model.save(tmp_path / "model.npz")
    again = NgramModel.load(tmp_path / "model.npz")
    assert again.score(PROMPT) == pytest.approx(model.score(PROMPT), abs=1e-3)
    assert again.score("") == -0.5
    assert again.scores([PROMPT, ""])[0] == pytest.approx(again.score(PROMPT), abs=1e-5)


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        ({"other": np.zeros(3)}, "no n-gram model"),
        ({"weights": np.zeros(3), "bias": np.zeros(())}, "expected"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, stored: dict[str, np.ndarray], why: str
) -> None:
    np.savez(tmp_path / "model.npz", **stored)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=why):
        NgramModel.load(tmp_path / "model.npz")


def test_forty_words_cost_little() -> None:
    model = NgramModel(np.zeros(BUCKETS, dtype=np.float32), 0.0)
    best = 1.0
    for _ in range(50):
        began = perf_counter()
        model.score(PROMPT)
        best = min(best, perf_counter() - began)
    assert best < 0.000_6  # 140 µs on a quiet machine
