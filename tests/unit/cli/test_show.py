import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import cli
from gateway.cli.show import masked

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def show(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, ["show", *args], env=env)


def test_a_pipeline_is_shown_stage_by_stage_with_phase_and_place() -> None:
    rows = json.loads(show("pipeline", "guarded", "--json").stdout)
    assert [row["stage"] for row in rows] == [
        "audit", "auth", "quota", "guard[input]", "guard[prompt]", "generate", "guard[output]",
        "guard[final]", "restore",
    ]  # fmt: skip
    assert rows[5]["phase"] == "ANSWER"
    assert rows[0]["place"] == "pipelines/guarded.yaml:6"


def test_a_policy_is_shown_with_what_it_inherits() -> None:
    shown = json.loads(show("policy", "strict", "--json").stdout)
    rules = {rule["id"]: rule for rule in shown["rules"]}
    assert rules["contact-data"]["then"] == "block"
    assert rules["payment-data"]["options"]["entities"] == ["CREDIT_CARD", "US_SSN", "IBAN_CODE"]
    table = show("policy", "strict").stdout
    assert "policies/baseline.yaml:" in table
    assert "policies/strict.yaml:" in table


@pytest.mark.parametrize("kind", ["pipeline", "policy"])
def test_without_a_name_all_are_listed(kind: str) -> None:
    names = [row[kind] for row in json.loads(show(kind, "--json").stdout)]
    assert names == sorted(names)
    assert len(names) == 3


@pytest.mark.parametrize("kind", ["pipeline", "policy"])
def test_an_unknown_name_is_a_usage_error(kind: str) -> None:
    assert show(kind, "nowhere").exit_code == 2


@pytest.mark.parametrize(("kind", "name"), [("guards", "length"), ("stages", "retrieve")])
def test_all_that_can_be_used_is_listed_with_options(kind: str, name: str) -> None:
    listed = json.loads(show(kind, "--json").stdout)
    entry = next(entry for entry in listed if entry["name"] == name)
    assert entry["summary"]
    assert entry["options"]["properties"]
    assert name in show(kind).stdout


def test_settings_are_shown_with_defaults_and_without_secrets() -> None:
    env = {"OPENAI_API_KEY": "sk-very-secret", "GATEHOUSE_PORT": "9999"}
    for args in (("settings",), ("settings", "--json")):
        result = show(*args, env=env)
        assert result.exit_code == 0, result.output
        assert "sk-very-secret" not in result.output
        assert "********" in result.output
        assert "9999" in result.output
        assert "max_concurrent" in result.output


def test_secrets_are_masked_wherever_they_stand() -> None:
    given = {
        "headers": {"X-Api-Key": "a", "Authorization": "b"},
        "path": "kept",
        "max_tokens": "5",
        "url": "https://me:pw@example.com/v1",
        "list": ["from a secret file"],
        "empty": {"password": ""},
    }
    assert masked(given, {("list", 0)}) == {
        "headers": {"X-Api-Key": "********", "Authorization": "********"},
        "path": "kept",
        "max_tokens": "5",
        "url": "https://********@example.com/v1",
        "list": ["********"],
        "empty": {"password": ""},
    }


def test_no_colour_when_output_is_not_a_terminal() -> None:
    assert "\x1b[" not in show("guards").stdout
