"""Feedback in SQLite: beside the audit, and when the database is away."""

from pathlib import Path

import pytest

from gateway.adapters.sqlite.audit import SqliteAuditStore
from gateway.adapters.sqlite.feedback import SqliteFeedbackStore
from gateway.core.errors import StoreUnavailable
from gateway.ports.feedback_store import Feedback

GOOD = Feedback("dec_1", "k1", "acme", "up", 1.5, comment="fine")


async def test_it_shares_a_file_with_the_audit_and_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    audit, store = SqliteAuditStore(path), SqliteFeedbackStore(path)
    for number in range(20):
        audit.append({"id": f"dec_{number}", "request_id": f"req_{number}"})
        await store.put(Feedback(f"dec_{number}", "k1", "acme", "up", float(number)))
    await audit.aclose()
    await store.aclose()
    again = SqliteFeedbackStore(path)
    assert len(await again.newest(100)) == 20
    assert (path.stat().st_mode & 0o777) == 0o600
    await again.aclose()


async def test_a_database_that_is_away_is_said_so_and_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "stores"
    folder.write_text("a file where the folder should be")
    store = SqliteFeedbackStore(folder / "audit.db")
    with pytest.raises(StoreUnavailable):
        await store.put(GOOD)
    folder.unlink()
    await store.put(GOOD)
    assert list(await store.about("dec_1")) == [GOOD]
    await store.aclose()


async def test_a_damaged_database_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    path.write_bytes(b"this is no database at all" * 100)
    store = SqliteFeedbackStore(path)
    with pytest.raises(StoreUnavailable):
        await store.newest(1)
    await store.aclose()
