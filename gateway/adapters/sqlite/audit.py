"""The audit ledger in SQLite, behind a spool that no outage of the database reaches."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import orjson

from gateway.adapters.sqlite.ledger import Ledger, rejected_in
from gateway.adapters.sqlite.spool import Spool
from gateway.core.segments import Json

log = logging.getLogger(__name__)

_EVERY = 0.1
"""Seconds between two looks at the spool."""
_BACKOFF = (0.2, 10.0)
"""Seconds to wait after the first failure of the database, and at most."""
_CATCH_UP = 2.0
"""Seconds that a reader waits for records that are still in the spool."""


class SqliteAuditStore:
    """An AuditStore: one line in a spool per record, moved to SQLite by a thread of its own.

    ``append`` costs one write to the page cache and never touches the database. While that is
    away the spool grows and ``healthy`` is False; nothing is lost, not even by ``kill -9``: the
    next store over the same spool folder takes over what is left, each record exactly once.
    """

    def __init__(self, path: Path, spool: Path | None = None) -> None:
        """``path`` is the database file, ``spool`` a folder (``<path>.spool`` by default).

        Raises OSError when the spool cannot be written. A database that cannot be opened is tried
        again until it can.
        """
        self._path = path
        self._folder = spool or path.with_name(path.name + ".spool")
        self._spool = Spool(self._folder)
        self._ledger: Ledger | None = None
        self._healthy = True
        self._recovered = False
        self._wake = threading.Event()
        self._closing = False
        self._moved = threading.Condition()
        self._taken = 0  # bytes moved to the database since the start
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    @property
    def healthy(self) -> bool:
        """Whether the database took what it was last given."""
        return self._healthy

    @property
    def backlog(self) -> int:
        """Bytes that are in the spool only."""
        return self._spool.pending

    def append(self, record: Json) -> None:
        """Raises OSError when the spool cannot take the record (disk full, I/O error)."""
        self._spool.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))

    async def tail(
        self, count: int, *, tenant: str | None = None, verdict: str | None = None
    ) -> Sequence[Json]:
        def read() -> Sequence[Json]:
            entries = self._current().tail(count, tenant=tenant, verdict=verdict)
            return [entry.record for entry in entries]

        return await asyncio.to_thread(read)

    async def get(self, record_id: str) -> Json | None:
        return await asyncio.to_thread(lambda: self._current().get(record_id))

    async def aclose(self) -> None:
        """Moves what is in the spool, unless the database is away: then the next start does."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        if self._closing:
            return
        self._closing = True
        self._wake.set()
        self._thread.join()
        self._spool.close()
        if self._ledger is not None:
            self._ledger.close()

    def _current(self) -> Ledger:
        """The ledger once it has what was appended before this call, as far as it is healthy.
        Raises SQLAlchemyError or OSError when there is no database at all."""
        if self._thread.is_alive():
            with self._moved:
                goal = self._taken + self._spool.pending
                self._wake.set()
                self._moved.wait_for(lambda: self._settled(goal), _CATCH_UP)
        return self._ledger or Ledger(self._path)

    def _settled(self, goal: int) -> bool:
        """Whether so many bytes were moved. An empty spool is not waited for: while requests keep
        coming there may never be one."""
        return not self._healthy or (self._recovered and self._taken >= goal)

    def _run(self) -> None:
        pause = _EVERY
        while True:
            closing = self._closing
            worked = self._move()
            with self._moved:
                self._moved.notify_all()
            if closing:
                return
            pause = _EVERY if worked else min(max(pause * 2, _BACKOFF[0]), _BACKOFF[1])
            self._wake.wait(pause)
            self._wake.clear()

    def _move(self) -> bool:
        """Everything from the spools into the database; False when it would not."""
        try:
            if self._ledger is None:
                self._ledger = Ledger(self._path)
            if not self._recovered:
                found = self._ledger.recover(self._folder)
                self._recovered = True
                if found:
                    log.info("recovered %d audit records of an earlier process", found)
            while lines := self._spool.read():
                self._ledger.store(lines, rejected_in(self._folder))
                with self._moved:
                    self._spool.done(len(lines))
                    self._taken += len(lines)
                    self._moved.notify_all()
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread must go on trying
            if self._healthy:
                log.error(
                    "the audit database %s does not take records; they are kept in %s until it "
                    "does: %s",
                    self._path,
                    self._folder,
                    error,
                )
            self._healthy = False
            return False
        if not self._healthy:
            log.warning("the audit database %s takes records again", self._path)
        self._healthy = True
        return True
