import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import cli

FILES = {
    "config/gateway.yaml": """version: 1
providers: {local: {use: extractive}}
models: {assistant: {pipeline: chat, policy: own, targets: [local/x]}}
""",
    "policies/own.yaml": """version: 1
layers:
  input:
    - {id: a, guard: length, max_characters: 9, then: block}
    - {id: b, guard: pii, then: mask}
""",
    "pipelines/chat.yaml": "version: 1\nstages: [{use: audit}, {use: auth}, {use: generate}]\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*args: str) -> Result:
    return CliRunner().invoke(cli, ["check", *args])


def test_what_is_right_is_listed_file_by_file() -> None:
    result = check()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "OK  config/gateway.yaml  1 model, 1 provider"
    assert lines[1] == "OK  pipelines/chat.yaml  3 stages"
    assert lines[2].startswith("OK  policies/own.yaml  2 rules, hash ")
    assert "not built without --deep: pii" in result.stderr


def test_a_deep_check_builds_every_guard() -> None:
    assert check("--deep").exit_code == 0
    text = FILES["policies/own.yaml"].replace("guard: pii", "guard: pii, entities: [CREDITCARD]")
    Path("policies/own.yaml").write_text(text)
    assert check().exit_code == 0
    result = check("--deep")
    assert result.exit_code == 2
    assert "did you mean 'CREDIT_CARD'?" in result.stderr


def test_problems_of_all_files_are_shown_and_counted() -> None:
    Path("policies/own.yaml").write_text("version: 1\nlayer: {}\n")
    Path("pipelines/chat.yaml").write_text("version: 1\nstages: [{use: audti}]\n")
    result = check()
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "pipelines/chat.yaml:2:16: there is no stage 'audti'" in result.stderr
    assert "policies/own.yaml:2:1: unknown key 'layer'" in result.stderr
    assert result.stderr.rstrip().endswith("2 problems")


def test_the_order_of_stages_is_checked() -> None:
    text = "version: 1\nstages:\n  - use: audit\n  - use: generate\n  - use: auth\n"
    Path("pipelines/chat.yaml").write_text(text)
    result = check()
    assert result.exit_code == 2
    assert "pipelines/chat.yaml:5:10: stage 'auth' (REQUEST) cannot come after" in result.stderr


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ("{use: cache}, {use: guard, with: {layer: input}}, {use: generate}", "'guard[input]'"),
        ("{use: generate}, {use: restore}, {use: guard, with: {layer: output}}", "'guard[output]'"),
    ],
)
def test_a_stage_that_stands_in_the_wrong_place_is_found(steps: str, wrong: str) -> None:
    text = f"version: 1\nstages: [{{use: auth}}, {steps}]\n"
    Path("pipelines/chat.yaml").write_text(text)
    result = check()
    assert result.exit_code == 2
    assert f"stage {wrong} cannot come after" in result.stderr
    assert "hint: move" in result.stderr


def test_the_result_is_also_there_as_json() -> None:
    assert json.loads(check("--json").stdout)["ok"] is True
    Path("policies/own.yaml").write_text("version: 1\nlayer: {}\n")
    result = check("--json")
    assert result.exit_code == 2
    (problem,) = json.loads(result.stdout)["problems"]
    assert (problem["file"], problem["line"], problem["hint"]) == (
        "policies/own.yaml",
        2,
        "did you mean 'layers'?",
    )


def test_a_missing_gateway_file_is_a_configuration_error() -> None:
    result = check("--config", "nowhere.yaml")
    assert result.exit_code == 2
    assert "nowhere.yaml: there is no such file" in result.stderr
