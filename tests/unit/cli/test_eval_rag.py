"""``gatehouse eval rag``, on a gateway of its own."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli.eval import eval_group

SITE: dict[str, Any] = {
    "version": 1,
    "providers": {"extractive": {"use": "extractive"}},
    "models": {"assistant": {"pipeline": "rag", "policy": "none", "targets": ["extractive/local"]}},
    "policies_dir": "policies",
    "pipelines_dir": "pipelines",
}
STAGES = [{"use": name} for name in ("auth", "retrieve", "assemble", "generate", "cite")]
GOLDEN: dict[str, Any] = {
    "version": 1,
    "site": "gateway.yaml",
    "model": "assistant",
    "scorer": "words",
    "roles": ["crew"],
    "prices": {"prompt": 1.0, "completion": 2.0},
    "documents": [
        {"id": "tea", "public": True, "text": "Green tea is brewed at 80 degrees for 2 minutes."},
        {"id": "soup", "roles": ["cook"], "text": ["The soup boils for 40 minutes.", "Salt it."]},
    ],
    "questions": [
        {"id": "tea", "ask": "How is green tea brewed?", "expect": "tea#0",
         "facts": ["80 degrees"]},
        {"id": "soup", "ask": "How long does the soup boil?", "roles": "cook", "expect": ["soup"],
         "facts": ["40 minutes"], "answer": "It boils for 40 minutes."},
        {"id": "secret", "ask": "How long does the soup boil?", "answerable": False},
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("policies", "pipelines"):
        (tmp_path / name).mkdir()
    (tmp_path / "policies" / "none.yaml").write_text('{"version": 1}')
    (tmp_path / "pipelines" / "rag.yaml").write_text(json.dumps({"version": 1, "stages": STAGES}))
    (tmp_path / "gateway.yaml").write_text(json.dumps(SITE))
    return tmp_path


def call(folder: Path, golden: dict[str, Any], *arguments: str) -> Result:
    path = folder / "golden.yaml"
    path.write_text(json.dumps(golden, indent=1))
    return CliRunner().invoke(eval_group, ["rag", str(path), *arguments])


def test_metrics_of_a_small_set(folder: Path) -> None:
    run = json.loads(call(folder, GOLDEN, "--json").stdout)
    assert run["model"] == "extractive/local"
    metrics = run["metrics"]
    perfect = ("hit_rate", "mrr", "ndcg", "recall@1", "facts", "answered", "faithfulness",
               "abstention_precision", "abstention_recall", "citation_precision")  # fmt: skip
    assert {name: metrics[name] for name in perfect} == dict.fromkeys(perfect, 1.0)
    assert [row["outcome"] for row in run["questions"]] == ["answered", "answered", "abstained"]
    assert run["cost"] > 0


def test_runs_differ_in_their_timing_alone(folder: Path) -> None:
    first, second = (json.loads(call(folder, GOLDEN, "--json").stdout) for _ in range(2))
    del first["timing"], second["timing"]
    assert first == second


def test_a_regression_exits_with_1_and_names_the_question(folder: Path) -> None:
    saved, report = folder / "before.json", folder / "r.html"
    assert call(folder, GOLDEN, "--save", str(saved)).exit_code == 0
    same = call(folder, GOLDEN, "--baseline", str(saved), "--report", str(report))
    assert (same.exit_code, "no worse than the baseline" in same.stdout) == (0, True)
    hidden = {"id": "tea", "roles": ["cook"], "text": "Green tea is brewed at 80 degrees."}
    worse = {**GOLDEN, "documents": [hidden, GOLDEN["documents"][1]]}
    result = call(folder, worse, "--baseline", str(saved), "--report", str(report))
    assert result.exit_code == 1
    assert "tea: expected passage was at place 1, is not found" in result.stdout
    assert "What became worse" in report.read_text()
    loose = {**worse, "tolerances": dict.fromkeys(
        ("hit_rate", "mrr", "ndcg", "recall", "facts", "answered", "abstention_precision"), 1.0
    )}  # fmt: skip
    assert call(folder, loose, "--baseline", str(saved)).exit_code == 0


def test_changed_questions_are_not_compared(folder: Path) -> None:
    saved = folder / "before.json"
    call(folder, GOLDEN, "--save", str(saved))
    first, *others = GOLDEN["questions"]
    changed = {**GOLDEN, "questions": [{**first, "facts": ["90 degrees"]}, *others]}
    result = call(folder, changed, "--baseline", str(saved))
    assert (result.exit_code, "not compared: tea" in result.stderr) == (0, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "assistent"}, "did you mean 'assistant'?"),
        ({"targets": ["openai/x"]}, "'openai/x' is not provider/model of a provider in use"),
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"questions": [{"id": "a", "ask": "b"}]}, "needs expect, facts or an answer"),
        ({"questions": [{"id": "a", "ask": "b", "expect": "te"}]}, "did you mean 'tea'?"),
        ({"questions": [GOLDEN["questions"][0]] * 2}, "two questions have the id 'tea'"),
        ({"folders": [{"path": "nowhere"}]}, "there is no such folder"),
    ],
)
def test_mistakes_are_told_with_their_place(
    folder: Path, change: dict[str, Any], said: str
) -> None:
    result = call(folder, {**GOLDEN, **change})
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
    assert "golden.yaml:" in result.stderr


def test_a_file_that_is_no_run_is_refused(folder: Path) -> None:
    (folder / "before.json").write_text("[]")
    result = call(folder, GOLDEN, "--baseline", str(folder / "before.json"))
    assert (result.exit_code, "is no saved run" in result.stderr) == (2, True)
