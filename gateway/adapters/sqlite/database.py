"""SQLite files that only their owner can read, opened through SQLAlchemy."""

import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

_RETRY_SECONDS = 0.02


def private_directory(path: Path) -> None:
    """Make ``path`` and what is missing above it, with mode 0700. Raises OSError."""
    if not path.parent.exists():
        private_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def create_tables(engine: Engine, metadata: MetaData) -> None:
    """Make the tables and indices that are missing; several processes may do so at once."""
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))


def open_engine(path: Path, *, busy_seconds: float = 2.0) -> Engine:
    """An engine over the file at ``path``, made with mode 0600 if it is missing.

    Every statement commits by itself unless ``begin`` is asked for. Write-ahead logging lets
    readers of other processes work while this one writes; SQLite gives its side files the same
    mode. Raises OSError when the file cannot be made.
    """
    private_directory(path.parent)
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    engine = create_engine(
        f"sqlite:///{path}",
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        _use_write_ahead_log(cursor, busy_seconds)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine


def _use_write_ahead_log(cursor: DBAPICursor, busy_seconds: float) -> None:
    # SQLite does not wait for this lock by itself when two processes open a new file at once.
    for attempt in range(max(1, int(busy_seconds / _RETRY_SECONDS)), 0, -1):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if attempt == 1:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return
