"""What the SQLite key store does beyond the contract."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.adapters.sqlite.keys import SqliteKeyStore
from gateway.core.identity import Limits
from gateway.ports.key_store import KeyRecord

RECORD = KeyRecord("a1", "d1", "acme", "", frozenset(), frozenset(), None, Limits(), 1.0)


def test_records_survive_a_restart(tmp_path: Path) -> None:
    first = SqliteKeyStore(tmp_path / "keys.db")
    first.add(RECORD)
    first.close()
    second = SqliteKeyStore(tmp_path / "keys.db")
    assert second.find("d1") == RECORD
    second.close()


def test_all_files_are_private(tmp_path: Path) -> None:
    store = SqliteKeyStore(tmp_path / "var" / "keys.db")
    store.add(RECORD)
    files = list((tmp_path / "var").iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    store.close()


def test_another_process_is_noticed_on_refresh(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    store = SqliteKeyStore(path)
    store.add(RECORD)
    assert store.refresh() is False
    script = (
        "import sys; from pathlib import Path; "
        "from gateway.adapters.sqlite.keys import SqliteKeyStore; "
        "SqliteKeyStore(Path(sys.argv[1])).revoke('a1', 5.0)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    before = store.find("d1")
    assert before is not None
    assert before.revoked is None
    assert store.refresh() is True
    after = store.find("d1")
    assert after is not None
    assert after.revoked == 5.0
    assert store.refresh() is False
    store.close()


def test_a_file_that_cannot_be_read_leaves_the_last_snapshot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "keys.db"
    store = SqliteKeyStore(path)
    store.add(RECORD)
    other = sqlite3.connect(path)
    other.execute("DROP TABLE keys")
    other.commit()
    other.close()
    assert store.refresh() is False
    assert store.refresh() is False
    assert store.healthy is False
    assert store.find("d1") == RECORD
    assert len(caplog.records) == 1
    store.close()
