"""Identifiers: sortable, unguessable, safe in headers and file names."""

import re
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_CLIENT_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}\Z")


def new_id(prefix: str, wall_ms: int) -> str:
    """``prefix`` + 10 base-32 digits of ``wall_ms`` + 16 random ones (80 bits): sorts by time."""
    number = (wall_ms << 80) | secrets.randbits(80)
    digits = [""] * 26
    for place in range(25, -1, -1):
        digits[place] = _ALPHABET[number & 31]
        number >>= 5
    return prefix + "".join(digits)


def valid_request_id(value: str) -> bool:
    """Whether a client's own request id is safe to echo and to log."""
    return _CLIENT_ID.match(value) is not None
