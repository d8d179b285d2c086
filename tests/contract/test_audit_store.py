"""What every AuditStore must do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.adapters.memory.audit import MemoryAuditStore
from gateway.adapters.sqlite.audit import SqliteAuditStore
from gateway.core.segments import Json
from gateway.ports.audit_store import AuditStore


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AuditStore]:
    made: AuditStore
    made = MemoryAuditStore() if request.param == "memory" else SqliteAuditStore(tmp_path / "a.db")
    yield made
    await made.aclose()


def record(number: int, **more: object) -> Json:
    return {
        "id": f"dec{number}",
        "request_id": f"req{number}",
        "time": f"2026-01-01T00:00:{number:02}.000Z",
        "tenant": "acme",
        "key_id": "k",
        "model": "assistant",
        "verdict": "passed",
        "status": 200,
        "nested": {"a": [1, 2.5, None, True, 'quo"te\n\t☂\u0000']},
    } | more


async def test_a_record_comes_back_as_it_was(store: AuditStore) -> None:
    store.append(record(1))
    assert list(await store.tail(1)) == [record(1)]


async def test_tail_gives_the_newest_oldest_of_them_first(store: AuditStore) -> None:
    for number in range(5):
        store.append(record(number))
    assert [r["id"] for r in await store.tail(3)] == ["dec2", "dec3", "dec4"]


async def test_tail_of_nothing_is_empty(store: AuditStore) -> None:
    assert list(await store.tail(3)) == []


async def test_tail_by_tenant_and_verdict(store: AuditStore) -> None:
    store.append(record(1))
    store.append(record(2, tenant="other"))
    store.append(record(3, verdict="blocked"))
    assert [r["id"] for r in await store.tail(9, tenant="acme")] == ["dec1", "dec3"]
    assert [r["id"] for r in await store.tail(9, verdict="blocked")] == ["dec3"]
    assert list(await store.tail(9, tenant="other", verdict="blocked")) == []


async def test_get_by_decision_id_and_by_request_id(store: AuditStore) -> None:
    store.append(record(1))
    store.append(record(2))
    assert await store.get("dec1") == record(1)
    assert await store.get("req2") == record(2)
    assert await store.get("nothing") is None


async def test_records_without_a_caller_are_kept(store: AuditStore) -> None:
    store.append(record(1, tenant=None, key_id=None, verdict="refused"))
    assert [r["id"] for r in await store.tail(9)] == ["dec1"]
