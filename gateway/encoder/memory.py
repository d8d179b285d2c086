"""What was found out about texts that may be asked for again."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from gateway.ports.encoder import Encoding

T = TypeVar("T")
Key = tuple[str, bytes]
_OVERHEAD = 1024
"""Bytes of the objects around the arrays of a window, roughly."""


class TextMemory(Generic[T]):
    """What was used last, as much as fits into ``limit``: bytes, or whatever else ``size`` counts
    in. Keeps no text: a key is the scope and a keyed hash of the text."""

    def __init__(self, limit: int, size: Callable[[T], int]) -> None:
        self._limit = limit
        self._size_of = size
        self._secret = os.urandom(32)
        self._kept: OrderedDict[Key, tuple[T, int]] = OrderedDict()
        self.size = 0
        """How much is held now."""

    def key(self, scope: str, text: str) -> Key:
        """What stands for the text among those of its scope."""
        raw = text.encode("utf-8", "surrogatepass")
        return scope, hashlib.blake2b(raw, digest_size=16, key=self._secret).digest()

    def get(self, key: Key) -> T | None:
        """What was kept, which is now what was used last."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Key, found: T) -> None:
        """Keep it, at the cost of what was not used for longest. What is larger than the whole
        memory is not kept."""
        if key in self._kept:
            return
        size = self._size_of(found)
        if size > self._limit:
            return
        self._kept[key] = (found, size)
        self.size += size
        while self.size > self._limit:
            _, (_, freed) = self._kept.popitem(last=False)
            self.size -= freed


def size_of(encoding: Encoding) -> int:
    """Bytes that an encoding takes, objects included by a rule of thumb."""
    return encoding.embedding.nbytes + sum(
        _OVERHEAD
        + window.embedding.nbytes
        + window.logits.nbytes
        + window.token_starts.nbytes
        + window.token_ends.nbytes
        + window.tags.nbytes
        for window in encoding.windows
    )
