"""Key records in a dictionary."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.ports.key_store import KeyRecord


class MemoryKeyStore:
    """A KeyStore that forgets everything when the process ends."""

    def __init__(self, records: Iterable[KeyRecord] = ()) -> None:
        self._by_digest: dict[str, KeyRecord] = {}
        for record in records:
            self.add(record)

    def find(self, digest: str) -> KeyRecord | None:
        return self._by_digest.get(digest)

    def all(self) -> Sequence[KeyRecord]:
        return sorted(self._by_digest.values(), key=lambda record: record.created)

    def add(self, record: KeyRecord) -> None:
        for known in self._by_digest.values():
            if known.id == record.id or known.digest == record.digest:
                raise ValueError(f"a key with the id {record.id!r} or this digest exists already")
        self._by_digest[record.digest] = record

    def revoke(self, key_id: str, at: float) -> bool:
        for record in self._by_digest.values():
            if record.id == key_id:
                until = at if record.revoked is None else min(at, record.revoked)
                self._by_digest[record.digest] = replace(record, revoked=until)
                return True
        return False
