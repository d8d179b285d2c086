"""Feedback in SQLite, in the file of the audit ledger."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Boolean, Column, Float, Index, MetaData, Row, Select, String, Table, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError

from gateway.adapters.sqlite.database import create_tables, open_engine
from gateway.core.errors import StoreUnavailable
from gateway.ports.feedback_store import Feedback

_METADATA = MetaData()
_FEEDBACK = Table(
    "feedback",
    _METADATA,
    Column("decision_id", String, primary_key=True),
    Column("key_id", String, primary_key=True),
    Column("tenant", String, nullable=False),
    Column("rating", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("label", String),
    Column("comment", String),
    Column("withheld", Boolean, nullable=False),
    Index("ix_feedback_at", "at"),
)
_COLUMNS = tuple(column.name for column in _FEEDBACK.columns)
_WHOSE = ("decision_id", "key_id")

T = TypeVar("T")


class FeedbackTable:
    """The table of feedback. All methods block: call them from a thread of their own.

    They raise SQLAlchemyError when the database cannot do its work.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError or SQLAlchemyError when the file can be neither opened nor made."""
        self._engine = open_engine(path)
        try:
            create_tables(self._engine, _METADATA)
        except SQLAlchemyError:
            self._engine.dispose()
            raise

    def put(self, feedback: Feedback) -> None:
        """Keep it, in place of an earlier one of the same decision and key."""
        values = {name: getattr(feedback, name) for name in _COLUMNS}
        added = insert(_FEEDBACK).values(values)
        changed = {name: added.excluded[name] for name in _COLUMNS if name not in _WHOSE}
        statement = added.on_conflict_do_update(index_elements=_WHOSE, set_=changed)
        with self._engine.connect() as connection:
            connection.execute(statement)

    def about(self, decision_id: str) -> Sequence[Feedback]:
        """All feedback on one decision, oldest first."""
        found = select(_FEEDBACK).where(_FEEDBACK.c.decision_id == decision_id)
        return self._read(found.order_by(_FEEDBACK.c.at, _FEEDBACK.c.key_id))

    def newest(
        self, count: int, *, tenant: str | None = None, rating: str | None = None
    ) -> Sequence[Feedback]:
        """The newest ``count``, oldest of them first."""
        found = select(_FEEDBACK)
        if tenant is not None:
            found = found.where(_FEEDBACK.c.tenant == tenant)
        if rating is not None:
            found = found.where(_FEEDBACK.c.rating == rating)
        latest = (_FEEDBACK.c.at, _FEEDBACK.c.decision_id, _FEEDBACK.c.key_id)
        return self._read(found.order_by(*(column.desc() for column in latest)).limit(count))[::-1]

    def close(self) -> None:
        self._engine.dispose()

    def _read(self, statement: Select[Any]) -> list[Feedback]:
        with self._engine.connect() as connection:
            rows: Sequence[Row[Any]] = connection.execute(statement).all()
        return [Feedback(**row._asdict()) for row in rows]


class SqliteFeedbackStore:
    """A FeedbackStore over one SQLite file, opened at first use and again after a failure.

    Every call works in a thread, so that a slow disk holds up nobody else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._table: FeedbackTable | None = None
        self._lock = threading.Lock()  # held while the file is opened

    async def put(self, feedback: Feedback) -> None:
        await self._with(lambda table: table.put(feedback))

    async def about(self, decision_id: str) -> Sequence[Feedback]:
        return await self._with(lambda table: table.about(decision_id))

    async def newest(
        self, count: int, *, tenant: str | None = None, rating: str | None = None
    ) -> Sequence[Feedback]:
        return await self._with(lambda table: table.newest(count, tenant=tenant, rating=rating))

    async def aclose(self) -> None:
        if self._table is not None:
            await asyncio.to_thread(self._table.close)

    async def _with(self, work: Callable[[FeedbackTable], T]) -> T:
        try:
            return await asyncio.to_thread(lambda: work(self._opened()))
        except (OSError, SQLAlchemyError) as error:
            raise StoreUnavailable(
                "The store of feedback did not answer. Try again shortly.",
                cause=f"{type(error).__name__} in {self._path.name}",
            ) from error

    def _opened(self) -> FeedbackTable:
        with self._lock:
            if self._table is None:
                self._table = FeedbackTable(self._path)
            return self._table
