"""Key records in SQLite, held in memory for reading."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    MetaData,
    Row,
    String,
    Table,
    case,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from gateway.adapters.sqlite.database import create_tables, open_engine
from gateway.core.identity import Limits
from gateway.ports.key_store import KeyRecord

log = logging.getLogger(__name__)

_METADATA = MetaData()
_KEYS = Table(
    "keys",
    _METADATA,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("tenant", String, nullable=False),
    Column("name", String, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("models", JSON(none_as_null=True)),
    Column("limits", JSON, nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float),
    Column("revoked", Float),
    Column("demo", Boolean, nullable=False),
)


class SqliteKeyStore:
    """A KeyStore over one SQLite file.

    ``find`` and ``all`` read a snapshot in memory. Call ``refresh`` about once a second to notice
    what other processes changed; it costs one PRAGMA while nothing did.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError or SQLAlchemyError when the file cannot be opened."""
        self._engine = open_engine(path)
        create_tables(self._engine, _METADATA)
        self._path = path
        self._lock = threading.Lock()
        self._watch: Connection = self._engine.connect()
        self._version = -1
        self._healthy = True
        self._records: tuple[KeyRecord, ...] = ()
        self._by_digest: dict[str, KeyRecord] = {}
        self._reload()

    @property
    def healthy(self) -> bool:
        """False while the file cannot be read and the last snapshot is in use."""
        return self._healthy

    def find(self, digest: str) -> KeyRecord | None:
        return self._by_digest.get(digest)

    def all(self) -> Sequence[KeyRecord]:
        return self._records

    def add(self, record: KeyRecord) -> None:
        try:
            with self._engine.connect() as connection:
                connection.execute(insert(_KEYS), _to_row(record))
        except IntegrityError as error:
            raise ValueError(
                f"a key with the id {record.id!r} or this digest exists already"
            ) from error
        self._reload()

    def revoke(self, key_id: str, at: float) -> bool:
        sooner = case((_KEYS.c.revoked < at, _KEYS.c.revoked), else_=at)
        with self._engine.connect() as connection:
            changed = connection.execute(
                update(_KEYS).where(_KEYS.c.id == key_id).values(revoked=sooner)
            ).rowcount
        self._reload()
        return changed > 0

    def refresh(self) -> bool:
        """Take over what other processes changed; whether anything did. Never raises: when the
        file cannot be read, the last snapshot stays and the failure is logged once."""
        try:
            with self._lock:
                changed = self._data_version() != self._version
            if changed:
                self._reload()
        except SQLAlchemyError as error:
            if self._healthy:
                log.error(
                    "cannot read the keys in %s, using those of before: %s", self._path, error
                )
            self._healthy = False
            return False
        self._healthy = True
        return changed

    def close(self) -> None:
        with self._lock:
            self._watch.close()
            self._engine.dispose()

    def _data_version(self) -> int:
        # Changes whenever another connection, of any process, has committed.
        return int(self._watch.exec_driver_sql("PRAGMA data_version").scalar_one())

    def _reload(self) -> None:
        with self._lock:
            version = self._data_version()  # before reading: a change in between is read again
            rows = self._watch.execute(select(_KEYS).order_by(_KEYS.c.created, _KEYS.c.id)).all()
            self._records = tuple(_from_row(row) for row in rows)
            self._by_digest = {record.digest: record for record in self._records}
            self._version = version


def _to_row(record: KeyRecord) -> dict[str, Any]:
    limits = {name: value for name, value in asdict(record.limits).items() if value is not None}
    return {
        "id": record.id,
        "digest": record.digest,
        "tenant": record.tenant,
        "name": record.name,
        "roles": sorted(record.roles),
        "scopes": sorted(record.scopes),
        "models": None if record.models is None else sorted(record.models),
        "limits": limits,
        "created": record.created,
        "expires": record.expires,
        "revoked": record.revoked,
        "demo": record.demo,
    }


def _from_row(row: Row[Any]) -> KeyRecord:
    return KeyRecord(
        id=row.id,
        digest=row.digest,
        tenant=row.tenant,
        name=row.name,
        roles=frozenset(row.roles),
        scopes=frozenset(row.scopes),
        models=None if row.models is None else frozenset(row.models),
        limits=Limits(**row.limits),
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
        demo=row.demo,
    )
