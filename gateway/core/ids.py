"""Identifiers: sortable, unguessable, safe in headers and file names."""

import os
import re

_CLIENT_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}\Z")


def new_id(prefix: str, wall_ms: int) -> str:
    """``prefix``, 12 hexadecimal digits of ``wall_ms``, 20 random ones (80 bits): sorts by time."""
    return f"{prefix}{wall_ms:012x}{os.urandom(10).hex()}"


def valid_request_id(value: str) -> bool:
    """Whether a client's own request id is safe to echo and to log."""
    return _CLIENT_ID.match(value) is not None
