"""``gatehouse ingest``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.ingest import ingest_command


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("---\npublic: true\n---\nwords of a document")
    return folder


def call(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(ingest_command, [*arguments, "--store", str(tmp_path / "k.db")])


def test_summary_is_the_only_thing_on_stdout(root: Path, tmp_path: Path) -> None:
    first, second = (call(tmp_path, str(root)) for _ in range(2))
    assert (first.exit_code, first.stdout) == (0, "1 added, 0 updated, 0 unchanged, 0 removed\n")
    assert second.stdout == "0 added, 0 updated, 1 unchanged, 0 removed\n"


def test_json_names_the_documents(root: Path, tmp_path: Path) -> None:
    (root / "silent.md").write_text("nobody sees this")
    result = call(tmp_path, str(root), "--json")
    printed = json.loads(result.stdout)
    assert printed["added"] == ["docs/a.md", "docs/silent.md"]
    assert list(printed["warnings"]) == ["docs/silent.md"]
    assert "visible to no one" in result.stderr


def test_failed_files_are_listed_and_exit_is_one(root: Path, tmp_path: Path) -> None:
    (root / "b.pdf").write_bytes(b"broken")
    result = call(tmp_path, str(root))
    assert result.exit_code == 1
    assert "error: docs/b.pdf: not a readable PDF" in result.stderr
    assert result.stdout.startswith("1 added")


def test_defaults_come_from_the_options(root: Path, tmp_path: Path) -> None:
    (root / "silent.md").write_text("words")
    assert "warning" not in call(tmp_path, str(root), "--roles", "support, finance").stderr
    assert call(tmp_path, str(root), "--public", "--roles", "x").exit_code == 2


def test_unusable_store_is_said_clearly(root: Path, tmp_path: Path) -> None:
    (tmp_path / "k.db").write_bytes(b"no database" * 500)
    result = call(tmp_path, str(root))
    assert result.exit_code == 1
    assert "the knowledge store cannot be used" in result.stderr
    assert "not a database" in result.stderr


def test_missing_path_is_a_usage_error(tmp_path: Path) -> None:
    assert call(tmp_path, str(tmp_path / "nowhere")).exit_code == 2
