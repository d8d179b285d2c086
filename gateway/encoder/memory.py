"""Encodings that may be asked for again."""

import hashlib
import os
from collections import OrderedDict

from gateway.ports.encoder import Encoding

Key = tuple[str, bytes]
_OVERHEAD = 1024
"""Bytes of the objects around the arrays of a window, roughly."""


class EncodingMemory:
    """The encodings used last, as many as fit into ``limit`` bytes. Keeps no text: a key is the
    scope and a keyed hash of the text."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._secret = os.urandom(32)
        self._kept: OrderedDict[Key, tuple[Encoding, int]] = OrderedDict()
        self.size = 0
        """Bytes held now."""

    def key(self, scope: str, text: str) -> Key:
        """What stands for the text among those of its scope."""
        raw = text.encode("utf-8", "surrogatepass")
        return scope, hashlib.blake2b(raw, digest_size=16, key=self._secret).digest()

    def get(self, key: Key) -> Encoding | None:
        """The encoding, which is now the one used last."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Key, encoding: Encoding) -> None:
        """Keep it, at the cost of those that were not used for longest. One that is larger than
        the whole memory is not kept."""
        if key in self._kept:
            return
        size = size_of(encoding)
        if size > self._limit:
            return
        self._kept[key] = (encoding, size)
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
