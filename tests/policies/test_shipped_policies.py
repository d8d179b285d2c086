"""The policies that ship, and their tests, through the command that people use."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.main import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", ["baseline", "strict", "open"])
def test_a_shipped_policy_passes_its_tests(name: str) -> None:
    result = CliRunner().invoke(cli, ["policy", "test", f"policies/{name}.yaml"])
    assert result.exit_code == 0, result.output
    assert f"policies/{name}.test.yaml: PASS" in result.output


def test_baseline_has_tests_of_every_rule() -> None:
    tests = (ROOT / "policies" / "baseline.test.yaml").read_text()
    policy = (ROOT / "policies" / "baseline.yaml").read_text()
    ids = [line.split("id:")[1].strip() for line in policy.splitlines() if "- id:" in line]
    assert len(ids) == 9
    untested = [name for name in ids if f"rule: {name}" not in tests]
    assert untested == []


@pytest.mark.parametrize("config", ["config/gateway.yaml", "config/demo.yaml"])
def test_a_shipped_configuration_is_right(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = CliRunner().invoke(cli, ["check", "--config", config, "--deep"])
    assert result.exit_code == 0, result.output


def test_the_json_schemas_are_fresh() -> None:
    result = CliRunner().invoke(cli, ["schema", "--check"])
    assert result.exit_code == 0, result.output
