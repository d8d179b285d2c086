"""What the SQLite audit store withstands."""

import asyncio
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.adapters.sqlite.audit import SqliteAuditStore
from gateway.core.segments import Json

KILLED = """
import os, signal, sys, threading
from pathlib import Path
from gateway.adapters.sqlite.audit import SqliteAuditStore
store = SqliteAuditStore(Path(sys.argv[1]))
threading.Timer(float(sys.argv[2]), lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
n = 0
while True:
    store.append({"id": f"{os.getpid()}-{n}", "verdict": "passed"})
    sys.stdout.write(f"{os.getpid()}-{n}\\n")
    sys.stdout.flush()
    n += 1
"""


def rows(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT id FROM audit ORDER BY seq")]
    connection.close()
    return found


async def until(check: Callable[[], bool]) -> None:
    for _ in range(300):
        if check():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not happen within 15 seconds")


def open_to_others(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]


def record(number: int) -> Json:
    return {"id": f"dec{number}", "verdict": "passed", "tenant": "acme"}


@pytest.mark.parametrize("after", ["0.01", "0.25"])
async def test_kill_9_loses_no_acknowledged_record_and_doubles_none(
    tmp_path: Path, after: str
) -> None:
    path = tmp_path / "audit.db"
    command = [sys.executable, "-c", KILLED, str(path), after]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    written, _ = await child.communicate()
    assert child.returncode == -signal.SIGKILL
    acknowledged = written.decode().splitlines(keepends=True)
    acknowledged = [line.strip() for line in acknowledged if line.endswith("\n")]
    assert acknowledged
    store = SqliteAuditStore(path)
    await store.tail(1)
    await store.aclose()
    stored = rows(path)
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored)) <= len(acknowledged) + 2
    assert list((tmp_path / "audit.db.spool").iterdir()) == []


async def test_leftovers_that_were_stored_already_are_not_doubled(tmp_path: Path) -> None:
    path, spool = tmp_path / "audit.db", tmp_path / "audit.db.spool"
    spool.mkdir()
    for name in ("1-a", "2-b"):
        (spool / f"{name}.spool").write_bytes(b'{"id":"x"}\n{"id":"y"}\n{"id":"to')
    store = SqliteAuditStore(path)
    store.append({"id": "z"})
    assert [r["id"] for r in await store.tail(9)] == ["x", "y", "z"]
    await store.aclose()
    assert list(spool.iterdir()) == []


async def test_a_damaged_leftover_line_is_kept_aside(tmp_path: Path) -> None:
    spool = tmp_path / "audit.db.spool"
    spool.mkdir()
    (spool / "1-a.spool").write_bytes(b'{"id":"x"}\n\xff{"id"\n{"id":"y"}\n')
    store = SqliteAuditStore(tmp_path / "audit.db")
    assert [r["id"] for r in await store.tail(9)] == ["x", "y"]
    await store.aclose()
    assert (spool / "rejected.jsonl").read_bytes() == b'\xff{"id"\n'


async def test_a_locked_database_delays_and_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "audit.db"
    store = SqliteAuditStore(path)
    store.append(record(0))
    await store.tail(1)
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    began = time.perf_counter()
    for number in range(1, 50):
        store.append(record(number))
    assert time.perf_counter() - began < 0.5
    await until(lambda: not store.healthy)
    assert store.backlog > 0
    locker.execute("ROLLBACK")
    locker.close()
    await until(lambda: store.healthy and not store.backlog)
    await store.aclose()
    assert rows(path) == [f"dec{number}" for number in range(50)]
    assert sum("does not take records" in message for message in caplog.messages) == 1


async def test_a_database_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    path.mkdir()  # stands in the way; permissions would not stop root
    store = SqliteAuditStore(path, tmp_path / "spool")
    store.append(record(1))
    await until(lambda: not store.healthy)
    path.rmdir()
    await until(lambda: store.healthy and not store.backlog)
    assert [r["id"] for r in await store.tail(9)] == ["dec1"]
    await store.aclose()


async def test_what_an_outage_left_behind_comes_with_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    path.mkdir()
    store = SqliteAuditStore(path, tmp_path / "spool")
    store.append(record(1))
    await store.aclose()
    assert len(list((tmp_path / "spool").iterdir())) == 1
    path.rmdir()
    store = SqliteAuditStore(path, tmp_path / "spool")
    assert [r["id"] for r in await store.tail(9)] == ["dec1"]
    await store.aclose()


async def test_records_reach_the_database_within_half_a_second(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    store = SqliteAuditStore(path)
    await store.tail(1)
    store.append(record(1))
    await asyncio.sleep(0.5)
    assert rows(path) == ["dec1"]
    assert store.backlog == 0
    await store.aclose()


async def test_two_writers_share_one_ledger(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    first, second = SqliteAuditStore(path), SqliteAuditStore(path)
    for number in range(0, 40, 2):
        first.append(record(number))
        second.append(record(number + 1))
    await first.tail(1)
    await second.tail(1)
    assert sorted(rows(path)) == sorted(f"dec{number}" for number in range(40))
    await first.aclose()
    await second.aclose()


async def test_all_files_are_private(tmp_path: Path) -> None:
    store = SqliteAuditStore(tmp_path / "var" / "audit.db")
    store.append(record(1))
    await store.tail(1)
    assert open_to_others(tmp_path / "var") == []
    await store.aclose()


async def test_reading_does_not_wait_for_a_pause_between_requests(tmp_path: Path) -> None:
    store = SqliteAuditStore(tmp_path / "audit.db")
    stop = threading.Event()

    def keep_writing() -> None:
        number = 0
        while not stop.wait(0.0005):
            store.append(record(number))
            number += 1

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for number in range(3):
            began = time.monotonic()
            store.append({"id": f"wanted{number}"})
            assert await store.get(f"wanted{number}") is not None
            assert await store.get("nothing") is None
            assert time.monotonic() - began < 1.5
    finally:
        stop.set()
        writer.join()
        await store.aclose()
