"""The embedded knowledge store: BM25 over SQLite FTS5, one file, no server."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from gateway.adapters.embedded import queries
from gateway.adapters.embedded.schema import connect
from gateway.core.errors import KnowledgeUnavailable
from gateway.core.knowledge import Chunk, Document
from gateway.core.options import Options

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_TOP_K = 50
"""The most chunks one search returns, whatever it asks for."""


class EmbeddedOptions(Options):
    path: Path = Path("var/knowledge.db")
    """The file. It is made when missing; its ``-wal`` and ``-shm`` files stand beside it."""
    threads: int = Field(default=2, ge=1, le=16)
    """Threads that read, each with a connection of its own."""
    timeout: float = Field(default=2.0, gt=0)
    """Seconds a search may take before the store counts as unavailable."""
    min_overlap: float = Field(default=0.4, ge=0, le=1)
    """The share of a question's words, weighted by how rare they are, a chunk must have."""


class EmbeddedKnowledge:
    """Documents in one SQLite file, found by keywords (BM25, Porter stemming).

    Everything that touches the file runs on threads of its own, so that a slow disk never holds up
    the event loop. One thread writes, ``threads`` read; WAL lets them do so at the same time.
    Word statistics span the whole file; texts, ids and titles never leave tenant and roles.
    """

    name = "embedded"
    Options = EmbeddedOptions

    def __init__(self, options: EmbeddedOptions) -> None:
        self._path = options.path
        self._timeout = options.timeout
        self._least = options.min_overlap
        self._readers = _Threads(options, "knowledge-read", options.threads, read_only=True)
        self._writer = _Threads(options, "knowledge-write", 1, read_only=False)

    async def search(
        self, tenant: str, question: str, roles: frozenset[str], top_k: int
    ) -> Sequence[Chunk]:
        limit = min(top_k, MAX_TOP_K)
        return await self._read(
            lambda db: queries.search(db, tenant, question, roles, limit, self._least)
        )

    async def documents(self, tenant: str) -> Sequence[Document]:
        return await self._read(lambda db: queries.documents(db, tenant))

    async def put(self, tenant: str, document: Document, texts: Sequence[str]) -> None:
        await self._write(lambda db: queries.put(db, tenant, document, texts))

    async def remove(self, tenant: str, document_id: str) -> bool:
        return await self._write(lambda db: queries.remove(db, tenant, document_id))

    async def aclose(self) -> None:
        """Close the file. Called once, at shutdown."""
        await asyncio.to_thread(self._readers.close)
        await asyncio.to_thread(self._writer.close)

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._readers.run(work)
        except TimeoutError as error:
            raise self._unavailable(f"no answer within {self._timeout} s") from error
        except (sqlite3.Error, OSError) as error:
            raise self._unavailable(str(error)) from error

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def whole(db: sqlite3.Connection) -> T:
            db.execute("BEGIN IMMEDIATE")
            try:
                result = work(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            return result

        try:
            return await self._writer.run(whole)
        except (sqlite3.Error, OSError) as error:
            raise self._unavailable(str(error)) from error

    def _unavailable(self, cause: str) -> KnowledgeUnavailable:
        log.error("knowledge store %s: %s", self._path, cause)
        return KnowledgeUnavailable(
            "The knowledge base is unavailable at the moment. Please try again.",
            cause=f"{self._path}: {cause}",
        )


class _Threads:
    """A few threads with one connection each, opened on first use and again after an error."""

    def __init__(
        self, options: EmbeddedOptions, prefix: str, count: int, *, read_only: bool
    ) -> None:
        self._options = options
        self._read_only = read_only
        self._local = threading.local()
        self._open: set[sqlite3.Connection] = set()
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=prefix)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._work, work)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for db in list(self._open):
            db.close()
        self._open.clear()

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = connect(
                self._options.path,
                busy_timeout=self._options.timeout,
                read_only=self._read_only,
            )
            self._open.add(db)
        try:
            return work(db)
        except sqlite3.Error:
            self._local.db = None  # the next call starts afresh: the file may have been mended
            self._open.discard(db)
            db.close()
            raise
