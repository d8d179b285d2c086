import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.main import cli


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_schemas_are_written_and_then_fresh() -> None:
    run = CliRunner()
    assert run.invoke(cli, ["schema", "--check"]).exit_code == 1
    assert run.invoke(cli, ["schema"]).exit_code == 0
    assert run.invoke(cli, ["schema", "--check"]).exit_code == 0
    Path("config/schema/policy.json").write_text("{}")
    stale = run.invoke(cli, ["schema", "--check"])
    assert stale.exit_code == 1
    assert "policy.json is out of date" in stale.stderr


def test_one_schema_is_printed() -> None:
    result = CliRunner().invoke(cli, ["schema", "tenants"])
    assert json.loads(result.stdout)["title"] == "Gatehouse tenants"
    assert not Path("config").exists()
