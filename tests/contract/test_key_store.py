"""What every KeyStore must do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.memory.keys import MemoryKeyStore
from gateway.adapters.sqlite.keys import SqliteKeyStore
from gateway.core.identity import Limits
from gateway.ports.key_store import KeyRecord, KeyStore

FULL = KeyRecord(
    id="a1",
    digest="d1",
    tenant="acme",
    name='help "desk" ☂',
    roles=frozenset({"support", "public"}),
    scopes=frozenset({"explain"}),
    models=frozenset({"assistant"}),
    limits=Limits(requests_per_minute=5, max_tokens=100),
    created=10.0,
    expires=100.0,
    demo=True,
)
BARE = KeyRecord("b2", "d2", "acme", "", frozenset(), frozenset(), None, Limits(), 20.0)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    if request.param == "memory":
        yield MemoryKeyStore()
        return
    sqlite = SqliteKeyStore(tmp_path / "keys.db")
    yield sqlite
    sqlite.close()


@pytest.mark.parametrize("record", [FULL, BARE], ids=["full", "bare"])
def test_a_record_comes_back_as_it_was_added(store: KeyStore, record: KeyRecord) -> None:
    store.add(record)
    assert store.find(record.digest) == record
    assert list(store.all()) == [record]


def test_an_unknown_digest_finds_nothing(store: KeyStore) -> None:
    store.add(FULL)
    assert store.find("d") is None
    assert store.find("a1") is None


def test_all_are_listed_oldest_first(store: KeyStore) -> None:
    store.add(BARE)
    store.add(FULL)
    assert [record.id for record in store.all()] == ["a1", "b2"]


def test_no_models_is_not_all_models(store: KeyStore) -> None:
    store.add(replace(FULL, models=frozenset()))
    found = store.find("d1")
    assert found is not None
    assert found.models == frozenset()


@pytest.mark.parametrize("change", [{"id": "z"}, {"digest": "z"}], ids=["digest", "id"])
def test_a_taken_id_or_digest_is_refused(store: KeyStore, change: dict[str, str]) -> None:
    store.add(FULL)
    with pytest.raises(ValueError, match="exists already"):
        store.add(replace(FULL, **change))  # type: ignore[arg-type]
    assert list(store.all()) == [FULL]


def test_a_revoked_key_is_found_with_its_time(store: KeyStore) -> None:
    store.add(FULL)
    assert store.revoke("a1", 50.0) is True
    assert store.find("d1") == replace(FULL, revoked=50.0)
    assert list(store.all()) == [replace(FULL, revoked=50.0)]


def test_revoking_an_unknown_key_says_so(store: KeyStore) -> None:
    assert store.revoke("nobody", 1.0) is False


@pytest.mark.parametrize(("first", "second"), [(50.0, 60.0), (60.0, 50.0)])
def test_the_earlier_revocation_stays(store: KeyStore, first: float, second: float) -> None:
    store.add(FULL)
    store.revoke("a1", first)
    store.revoke("a1", second)
    found = store.find("d1")
    assert found is not None
    assert found.revoked == 50.0


@pytest.mark.parametrize(
    ("expires", "revoked", "state"),
    [
        (None, None, "active"),
        (101.0, 101.0, "active"),
        (100.0, None, "expired"),
        (None, 100.0, "revoked"),
        (1.0, 1.0, "revoked"),
    ],
)
def test_state_of_a_record(expires: float | None, revoked: float | None, state: str) -> None:
    assert replace(BARE, expires=expires, revoked=revoked).state(100.0) == state
