"""Audit records in a list."""

from collections import deque
from collections.abc import Sequence

from gateway.core.segments import Json


class MemoryAuditStore:
    """An AuditStore that keeps the newest ``capacity`` records and forgets them all at the end."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._records: deque[Json] = deque(maxlen=capacity)

    @property
    def healthy(self) -> bool:
        return True

    def append(self, record: Json) -> None:
        self._records.append(record)

    async def tail(
        self, count: int, *, tenant: str | None = None, verdict: str | None = None
    ) -> Sequence[Json]:
        found: list[Json] = []
        for record in reversed(self._records):
            if len(found) >= count:
                break
            if tenant in (None, record.get("tenant")) and verdict in (None, record.get("verdict")):
                found.append(record)
        return found[::-1]

    async def get(self, record_id: str) -> Json | None:
        newest = reversed(self._records)
        return next((r for r in newest if record_id in (r.get("id"), r.get("request_id"))), None)

    async def aclose(self) -> None:
        """Nothing is under way."""
