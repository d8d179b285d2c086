"""Identifiers: sortable, unguessable, safe in headers and file names."""

import os
import re

_RANDOM = 10
_CLIENT_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}\Z")


def new_id(prefix: str, wall_ms: int) -> str:
    """``prefix``, 12 hexadecimal digits of ``wall_ms``, 20 random ones (80 bits): sorts by time."""
    return f"{prefix}{wall_ms:012x}{os.urandom(_RANDOM).hex()}"


class IdSource:
    """Makes ids like ``new_id``, asking the system for random bytes once for many of them: on
    virtual machines each such call can take longer than the rest of the id by far."""

    __slots__ = ("_at", "_pool")

    def __init__(self) -> None:
        self._pool = b""
        self._at = 0

    def new(self, prefix: str, wall_ms: int) -> str:
        """See ``new_id``."""
        if self._at >= len(self._pool):
            self._pool = os.urandom(_RANDOM * 512)
            self._at = 0
        start = self._at
        self._at = end = start + _RANDOM
        return f"{prefix}{wall_ms:012x}{self._pool[start:end].hex()}"


def valid_request_id(value: str) -> bool:
    """Whether a client's own request id is safe to echo and to log."""
    return _CLIENT_ID.match(value) is not None
