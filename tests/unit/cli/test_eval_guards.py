"""``gatehouse eval guards``."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli.eval import eval_group

POLICY = """
version: 1
layers:
  input:
    - {id: banned, guard: keywords, words: [forbidden], threshold: {default: 0.5}, then: block}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows: list[dict[str, Any]] = [
        {"text": f"a forbidden text {n}", "label": 1, "family": "plain", "language": "en"}
        for n in range(4)
    ]
    rows += [{"text": "a f0rb1dden text", "label": "attack", "family": "<b>", "language": "de"}]
    rows += [
        {"text": f"text {n}", "label": 0, "family": "calm", "language": "en"} for n in range(9)
    ]
    rows += [{"text": "is it forbidden?", "label": "benign", "family": "asking", "language": "en"}]
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "policy.yaml").write_text(POLICY)
    return path


def call(data: Path, *arguments: str) -> Result:
    policy = str(data.parent / "policy.yaml")
    given = ["guards", str(data), "--guard", "keywords", "--policy", policy, *arguments]
    return CliRunner().invoke(eval_group, given)


def test_figures_for_machines(data: Path) -> None:
    figures = json.loads(call(data, "--json").stdout)
    assert figures["thresholds"] == {"user": 0.5}
    assert figures["thresholds_from"].endswith("policy.yaml, rule banned")
    assert figures["attack_families"]["plain"]["recall"]["share"] == 1.0
    assert figures["attack_families"]["<b>"]["recall"]["hits"] == 0
    assert figures["benign_families"]["asking"]["flagged"]["share"] == 1.0
    assert figures["shipped"]["false_positives"]["share"] == 0.1
    assert figures["overblocked"][0]["place"] == f"{data}:15"
    assert figures["languages"]["de"]["recall"]["count"] == 1
    # Four of five attacks and one of ten benign texts score 1, all others 0.
    assert figures["auroc"] == pytest.approx((4 * 9 + (4 + 9) / 2 + 0) / 50)
    assert {point["basis"] for point in figures["at_false_positives"]} == {"worst", "pooled"}


def test_report_stands_alone_and_escapes_what_it_shows(data: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.html"
    assert call(data, "--out", str(report), "--texts").exit_code == 0
    page = report.read_text()
    assert "<svg" in page
    assert "&lt;b&gt;" in page
    assert "<b>," not in page
    assert not [word for word in ("http://", "https://", "<script", "<link") if word in page]
    assert "is it forbidden?" in page


def test_texts_are_shown_only_when_asked_for(data: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.html"
    call(data, "--report", str(report))
    assert "is it forbidden?" not in report.read_text()


def test_people_get_a_table(data: Path) -> None:
    result = call(data)
    assert result.exit_code == 0
    assert "plain" in result.stdout
    assert "100.0% (51.0–100.0)" in result.stdout


def test_bad_rows_exit_with_2(data: Path) -> None:
    data.write_text('{"text": "t", "label": 7, "family": "f"}')
    result = call(data)
    assert (result.exit_code, f"{data}:1:1: 'label' must be" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rule", "other"], "no rule 'other'"),
        (["--origin", "retrieved"], "no rule with 'keywords' that looks at texts of retrieved"),
        (["--field", "colour=red"], "is not FIELD=NAME"),
    ],
)
def test_what_cannot_be_measured_is_said(data: Path, arguments: list[str], said: str) -> None:
    result = call(data, *arguments)
    assert (result.exit_code, said in result.stderr) == (2, True)


def test_threshold_of_ones_own(data: Path) -> None:
    assert json.loads(call(data, "--json", "--threshold", "1").stdout)["thresholds"]["user"] == 1
