"""The embedded store: failures, durability, and the event loop."""

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest

from gateway.adapters.embedded.store import EmbeddedKnowledge, EmbeddedOptions
from gateway.core.errors import KnowledgeUnavailable
from gateway.core.knowledge import Access, Document

DOCUMENT = Document("d", "v", "Title", None, None, Access(public=True))


def store_at(path: Path, timeout: float = 5.0) -> EmbeddedKnowledge:
    return EmbeddedKnowledge(EmbeddedOptions(path=path, timeout=timeout))


async def refuses(path: Path) -> str:
    store = store_at(path)
    try:
        with pytest.raises(KnowledgeUnavailable) as caught:
            await store.search("t", "refund deadline", frozenset(), 5)
        with pytest.raises(KnowledgeUnavailable):
            await store.put("t", DOCUMENT, ["refund deadline"])
        with pytest.raises(KnowledgeUnavailable):
            await store.documents("t")
    finally:
        await store.aclose()
    assert str(path) not in caught.value.message
    return caught.value.cause or ""


async def test_corrupt_file_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite3"
    path.write_bytes(b"this is no database" * 200)
    assert "not a database" in await refuses(path)


async def test_unreachable_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    await refuses(tmp_path / "file" / "k.sqlite3")


async def test_file_of_another_layout_is_unavailable_and_says_how_to_mend(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert "ingest again" in await refuses(path)


async def test_store_recovers_when_the_file_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite3"
    path.write_bytes(b"broken" * 1000)
    store = store_at(path)
    with pytest.raises(KnowledgeUnavailable):
        await store.documents("t")
    path.unlink()
    assert await store.documents("t") == []
    await store.aclose()


async def test_failed_put_leaves_the_old_version(tmp_path: Path) -> None:
    store = store_at(tmp_path / "k.sqlite3")
    await store.put("t", DOCUMENT, ["refund deadline"])
    broken: list[str] = ["first", None]  # type: ignore[list-item]
    with pytest.raises(AttributeError):
        await store.put("t", DOCUMENT, broken)
    (chunk,) = await store.search("t", "refund deadline", frozenset(), 5)
    assert chunk.text == "refund deadline"
    await store.aclose()


async def test_slow_file_never_holds_up_the_event_loop(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite3"
    store = store_at(path, timeout=0.4)
    await store.put("t", DOCUMENT, ["refund deadline"])
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")  # a writer elsewhere: our write has to wait for it
    writing = asyncio.create_task(store.put("t", DOCUMENT, ["refund deadline"]))
    longest = 0.0
    while not writing.done():
        began = time.perf_counter()
        await asyncio.sleep(0.01)
        longest = max(longest, time.perf_counter() - began)
        assert await store.search("t", "refund deadline", frozenset(), 5)  # readers go on
    blocker.close()
    with pytest.raises(KnowledgeUnavailable, match="unavailable"):
        await writing
    assert longest < 0.3
    await store.aclose()


async def test_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = store_at(tmp_path / "var" / "k.sqlite3")
    await store.put("t", DOCUMENT, ["refund deadline"])
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()} == {0o600}
    await store.aclose()


async def test_words_of_very_many_chunks_are_counted_too(tmp_path: Path) -> None:
    store = store_at(tmp_path / "k.sqlite3")
    await store.put("t", DOCUMENT, ["common words"] * 2_100 + ["common words and a rare jewel"])
    found = await store.search("t", "common rare jewel", frozenset(), 5)
    assert [chunk.id for chunk in found] == ["d#2100"]
    assert len(await store.search("t", "common words", frozenset(), 5)) == 5
    await store.aclose()


async def test_two_stores_share_one_file(tmp_path: Path) -> None:
    one, two = store_at(tmp_path / "k.sqlite3"), store_at(tmp_path / "k.sqlite3")
    assert await two.documents("t") == []
    await one.put("t", DOCUMENT, ["refund deadline"])
    assert await two.search("t", "refund deadline", frozenset(), 5)
    await one.aclose()
    await two.aclose()


async def test_removing_leaves_no_row_behind(tmp_path: Path) -> None:
    path = tmp_path / "k.sqlite3"
    store = store_at(path)
    await store.put("t", DOCUMENT, ["refund deadline"])
    await store.remove("t", "d")
    await store.aclose()
    db = sqlite3.connect(path)
    for table in ("documents", "access", "chunks", "passages"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    db.close()
