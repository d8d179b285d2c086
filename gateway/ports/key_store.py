"""API keys, known only by their keyed hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.identity import Limits


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is stored of a key. Times are seconds since the epoch, ``digest`` is hexadecimal."""

    id: str
    digest: str
    tenant: str
    name: str
    roles: frozenset[str]
    scopes: frozenset[str]
    models: frozenset[str] | None
    limits: Limits
    created: float
    expires: float | None = None
    revoked: float | None = None
    """From when on it is revoked; a time that lies ahead is how a rotated key runs out."""
    demo: bool = False

    def state(self, now: float) -> str:
        """``active``, ``revoked`` or ``expired``."""
        if self.revoked is not None and self.revoked <= now:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"


class KeyStore(Protocol):
    """Keeps key records. ``find`` is on the request path: it touches memory only."""

    def find(self, digest: str) -> KeyRecord | None:
        """The record with this digest, revoked or expired ones included."""
        ...

    def all(self) -> Sequence[KeyRecord]:
        """Every record, oldest first."""
        ...

    def add(self, record: KeyRecord) -> None:
        """Raises ValueError when the id or the digest is taken."""
        ...

    def revoke(self, key_id: str, at: float) -> bool:
        """Mark a key as revoked from ``at`` on, which may lie ahead; an earlier revocation stays.
        False when there is no such key."""
        ...
