"""SQLite files that only their owner can read, opened through SQLAlchemy."""

import os
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry


def private_directory(path: Path) -> None:
    """Make ``path`` if it is missing, with mode 0700. Raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


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
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine
