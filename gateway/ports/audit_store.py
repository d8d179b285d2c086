"""The ledger of decisions."""

from collections.abc import Sequence
from typing import Protocol

from gateway.core.segments import Json


class AuditStore(Protocol):
    """Keeps one record per exchange, in order. Records are JSON objects with an ``id``."""

    def append(self, record: Json) -> None:
        """Take a record for good: it survives the death of the process. Never waits for a
        database."""
        ...

    async def tail(
        self, count: int, *, tenant: str | None = None, verdict: str | None = None
    ) -> Sequence[Json]:
        """The newest ``count`` records, oldest of them first."""
        ...

    async def get(self, record_id: str) -> Json | None:
        """A record by its decision id or its request id."""
        ...

    async def aclose(self) -> None:
        """Write what is still under way. Called once, at shutdown."""
        ...
