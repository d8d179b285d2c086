"""The tables of the embedded knowledge store, and connections to them."""

import sqlite3
from pathlib import Path

VERSION = 1
"""``PRAGMA user_version`` of the files this code reads and writes."""

_TABLES = """
CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT,
    path TEXT,
    public INTEGER NOT NULL CHECK (public IN (0, 1)),
    UNIQUE (tenant, id)
);
CREATE TABLE access (
    document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (document, role)
) WITHOUT ROWID;
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    vector BLOB,
    UNIQUE (document, position)
);
CREATE VIRTUAL TABLE passages USING fts5 (
    title, text, tokenize = 'porter unicode61 remove_diacritics 2'
);
"""


class WrongVersion(sqlite3.DatabaseError):
    """The file was made by another version of the gateway."""


def connect(path: Path, *, busy_timeout: float, read_only: bool) -> sqlite3.Connection:
    """A connection to the store at ``path``; the file and its tables are made when missing.

    ``busy_timeout`` is in seconds. Raises sqlite3.Error or OSError when the file cannot be used.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # documents may be confidential; -wal and -shm take the same mode
    db = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        _prepare(db)
        if read_only:
            db.execute("PRAGMA query_only = ON")
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection) -> None:
    if _version(db) == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        found = _version(db)  # another process may have been quicker
        if found == 0:
            for statement in _TABLES.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION:d}")
        elif found != VERSION:
            raise WrongVersion(
                f"the knowledge store has layout {found}, this gateway reads layout {VERSION}: "
                "remove the file and ingest again"
            )
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
