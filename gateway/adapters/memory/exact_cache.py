"""Answers in a dictionary."""

from collections import OrderedDict

from gateway.core.clock import Clock

_LIMIT = 64 << 20
_OVERHEAD = 512
"""Bytes of the objects around a value, roughly."""


class MemoryExactCache:
    """An ExactCache of this process: ``limit`` bytes of what was used last."""

    def __init__(self, clock: Clock, limit: int = _LIMIT) -> None:
        self._clock = clock
        self._limit = limit
        self._kept: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._size = 0

    async def get(self, key: str) -> bytes | None:
        found = self._kept.get(key)
        if found is None:
            return None
        value, until = found
        if self._clock.monotonic() >= until:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        self._drop(key)
        if _size(key, value) > self._limit:
            return
        self._kept[key] = (value, self._clock.monotonic() + ttl)
        self._size += _size(key, value)
        while self._size > self._limit:
            self._drop(next(iter(self._kept)))

    async def aclose(self) -> None:
        """Nothing is open."""

    def _drop(self, key: str) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._size -= _size(key, found[0])


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value) + _OVERHEAD
