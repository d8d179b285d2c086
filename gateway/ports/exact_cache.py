"""Answers that were given before, by the digest of all that decided them."""

from typing import Protocol


class ExactCache(Protocol):
    """What was kept for exactly this key. A cache that cannot be reached holds nothing: neither
    method raises because of it."""

    async def get(self, key: str) -> bytes | None:
        """What was put last under ``key`` and is not older than it may be."""
        ...

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Keep ``value`` for ``ttl`` seconds at most, in place of what was there."""
        ...

    async def aclose(self) -> None:
        """Give back what is open."""
        ...
