"""Labelled texts, and what is said about those that cannot be used."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.core.segments import Origin
from gateway.evals.samples import contradictions, load_samples, thinned
from gateway.schema.problems import ConfigError


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "data.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows))
    return path


def row(**fields: Any) -> dict[str, Any]:
    return {"text": "a text", "label": 1, "family": "ours", **fields}


@pytest.mark.parametrize(
    ("label", "attack"),
    [
        (1, True), (0, False), (True, True), (False, False), ("1", True), ("Attack", True),
        ("benign", False), (" toxic ", True), ("clean", False), ("jailbreak", True),
    ],
)  # fmt: skip
def test_labels(tmp_path: Path, label: object, attack: bool) -> None:
    assert load_samples(written(tmp_path, row(label=label)))[0].attack is attack


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "2:1: is not JSON"),
        ([1], "2:1: must be an object"),
        ({"label": 1, "family": "f"}, "2:1: has no 'text'"),
        ({"text": "t", "family": "f"}, "2:1: has no 'label'"),
        ({"text": "t", "label": 1}, "2:1: has no 'family'"),
        (row(text=" "), "2:1: 'text' must be text that is not empty"),
        (row(label="maybe"), "2:1: 'label' must be 1 or 0"),
        (row(label=2), "not 2"),
        (row(label=0.5), "not 0.5"),
        (row(label=None), "not null"),
        (row(origin="usr"), "did you mean 'user'?"),
        (row(language=5), "'language' must be text"),
    ],
)
def test_bad_rows_are_told_with_their_place(tmp_path: Path, bad: object, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_samples(written(tmp_path, row(), bad))
    assert said in str(raised.value)


def test_all_bad_rows_are_told_up_to_a_bound(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_samples(written(tmp_path, *(["{"] * 100)))
    assert len(raised.value.problems) == 21


def test_no_rows_and_no_file_are_problems(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no rows"):
        load_samples(written(tmp_path, "", ""))
    with pytest.raises(ConfigError, match="cannot be read"):
        load_samples(tmp_path / "missing.jsonl")


def test_fields_may_have_other_names(tmp_path: Path) -> None:
    path = written(tmp_path, {"prompt": "p", "class": "clean", "source": "s", "origin": "tool"})
    names = {"text": "prompt", "label": "class", "family": "source"}
    sample = load_samples(path, names)[0]
    assert (sample.text, sample.attack, sample.family, sample.origin, sample.place) == (
        "p", False, "s", Origin.TOOL, f"{path}:1",
    )  # fmt: skip


def test_thinning_keeps_every_family_and_label_evenly(tmp_path: Path) -> None:
    rows = [row(text=str(n), label=n % 2) for n in range(20)] + [row(family="rare")]
    kept = thinned(load_samples(written(tmp_path, *rows)), 2)
    assert [s.text for s in kept] == ["0", "1", "10", "11", "a text"]


def test_equal_texts_with_both_labels_are_found(tmp_path: Path) -> None:
    path = written(tmp_path, row(), row(label=0), row(text="another", label=0))
    assert contradictions(load_samples(path)) == [(f"{path}:1", f"{path}:2")]
