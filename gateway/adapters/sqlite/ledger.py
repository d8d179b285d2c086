"""The table of audit records: what is written to it and read from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy import (
    Column,
    Engine,
    Insert,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    column,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from gateway.adapters.sqlite.database import create_tables, open_engine
from gateway.adapters.sqlite.spool import abandoned, sound
from gateway.core.segments import Json

_METADATA = MetaData()
_AUDIT = Table(
    "audit",
    _METADATA,
    Column("seq", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("request_id", String, index=True),
    Column("time", String, index=True),
    Column("tenant", String, index=True),
    Column("key_id", String),
    Column("model", String),
    Column("verdict", String, index=True),
    Column("status", Integer),
    Column("document", String, nullable=False),
    sqlite_autoincrement=True,
)
_COPIED = ("id", "request_id", "time", "tenant", "key_id", "model", "verdict", "status")


def _insert_all() -> Insert:
    """All records of a JSON array, ``:records``, that are not there yet.

    One statement that SQLite works through without the interpreter's lock: a step per row would
    hand the lock back and forth with the event loop, at up to 5 ms a row.
    """
    each = func.json_each(bindparam("records", type_=String)).table_valued(column("value"))
    # Materialised, or SQLite builds each record's text anew for every column (twice the time).
    record = select(each.c.value).cte("record").prefix_with("MATERIALIZED").c.value
    values = [func.json_extract(record, f"$.{name}") for name in _COPIED]
    return (
        insert(_AUDIT)
        .prefix_with("OR IGNORE")
        .from_select([*_COPIED, "document"], select(*values, record))
    )


_INSERT = _insert_all()


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with its place in the ledger, which only grows."""

    seq: int
    record: Json


class Ledger:
    """Audit records in one SQLite file. All methods block: call them from a thread of their own.

    They raise SQLAlchemyError when the database cannot do its work.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError or SQLAlchemyError when the file can be neither opened nor made."""
        self._engine: Engine = open_engine(path)
        try:
            create_tables(self._engine, _METADATA)
        except SQLAlchemyError:
            self._engine.dispose()
            raise

    def store(self, lines: bytes, rejected: Path) -> int:
        """Add records that are not there yet, one JSON object per line; how many were new.
        Damaged lines are put aside in ``rejected``."""
        try:
            return self._insert(lines.rstrip(b"\n").replace(b"\n", b","))
        except UnicodeDecodeError:
            pass
        except SQLAlchemyError as error:
            if "JSON" not in str(error.__cause__):
                raise
        return self._store_sound(lines, rejected)

    def _store_sound(self, lines: bytes, rejected: Path) -> int:
        good = sound(lines, rejected)
        return self._insert(b",".join(good)) if good else 0

    def _insert(self, records: bytes) -> int:
        with self._engine.connect() as connection:
            given = {"records": f"[{records.decode()}]"}
            return connection.execute(_INSERT, given).rowcount

    def recover(self, folder: Path) -> int:
        """Take over the spools of dead writers in ``folder``; how many records were new."""
        stored = 0
        with abandoned(folder) as leftovers:
            for leftover in leftovers:
                for batch in leftover.batches():
                    stored += self._store_sound(batch, rejected_in(folder))
                leftover.remove()
        return stored

    def tail(
        self, count: int, *, tenant: str | None = None, verdict: str | None = None
    ) -> Sequence[Entry]:
        """The newest ``count`` records, oldest of them first."""
        newest = _filtered(tenant, verdict).order_by(_AUDIT.c.seq.desc()).limit(count)
        return self._entries(newest)[::-1]

    def after(
        self, seq: int, *, tenant: str | None = None, verdict: str | None = None
    ) -> Sequence[Entry]:
        """What came after the record at ``seq``, oldest first, 1,000 at most."""
        later = _filtered(tenant, verdict).where(_AUDIT.c.seq > seq)
        return self._entries(later.order_by(_AUDIT.c.seq).limit(1000))

    def last(self) -> int:
        """The place of the newest record; 0 when there is none."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(_AUDIT.c.seq))).scalar_one() or 0

    def get(self, record_id: str) -> Json | None:
        """A record by its decision id, else the newest with this request id."""
        wanted = or_(_AUDIT.c.id == record_id, _AUDIT.c.request_id == record_id)
        first = (_AUDIT.c.id == record_id).desc()
        entries = self._entries(
            _filtered(None, None).where(wanted).order_by(first, _AUDIT.c.seq.desc()).limit(1)
        )
        return entries[0].record if entries else None

    def close(self) -> None:
        self._engine.dispose()

    def _entries(self, statement: Select[tuple[int, str]]) -> list[Entry]:
        with self._engine.connect() as connection:
            rows = connection.execute(statement).all()
        return [Entry(row.seq, orjson.loads(row.document)) for row in rows]


def rejected_in(folder: Path) -> Path:
    """Where the damaged lines of the spools in ``folder`` are kept."""
    return folder / "rejected.jsonl"


def _filtered(tenant: str | None, verdict: str | None) -> Select[tuple[int, str]]:
    statement = select(_AUDIT.c.seq, _AUDIT.c.document)
    if tenant is not None:
        statement = statement.where(_AUDIT.c.tenant == tenant)
    if verdict is not None:
        statement = statement.where(_AUDIT.c.verdict == verdict)
    return statement
