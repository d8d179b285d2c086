"""The form of an API key, and the keyed hash by which alone it is known."""

import hashlib
import re
import secrets
from dataclasses import dataclass

PREFIX = "sk-gh-"
ID_LENGTH = 8
SECRET_LENGTH = 40
"""Characters of base 62: 238 random bits."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{ID_LENGTH}}})-[0-9A-Za-z]{{{SECRET_LENGTH}}}\Z")
_TAIL = re.compile(r"[0-9A-Za-z_\-]{4}\Z")
_SHOW_TAIL_FROM = 24
_PEPPER_BYTES = 16


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. ``text`` is the secret: show it once and forget it."""

    id: str
    text: str

    def __repr__(self) -> str:
        return f"NewKey(id={self.id!r})"


def new_key() -> NewKey:
    """A fresh key, ``sk-gh-<id>-<secret>``, from the system's random source."""
    key_id = _random(ID_LENGTH)
    return NewKey(key_id, f"{PREFIX}{key_id}-{_random(SECRET_LENGTH)}")


def key_id_of(text: str) -> str | None:
    """The public id inside a key of our form; None for anything else."""
    match = _FORM.match(text)
    return match[1] if match else None


def masked(text: str) -> str:
    """What may be shown of a key that a client sent: never more than its id or its last four
    characters, and those only of texts long enough to stay secret."""
    key_id = key_id_of(text)
    if key_id is not None:
        return f"{PREFIX}{key_id}-****"
    tail = _TAIL.search(text) if len(text) >= _SHOW_TAIL_FROM else None
    return f"****{tail[0]}" if tail else "****"


class KeyHasher:
    """Keyed BLAKE2b (RFC 7693) of keys under a pepper that is kept apart from the stored hashes.

    A fast hash is enough because keys hold 238 random bits: there is nothing to guess.
    """

    def __init__(self, pepper: bytes) -> None:
        """Raises ValueError when the pepper has fewer than 16 bytes."""
        if len(pepper) < _PEPPER_BYTES:
            raise ValueError(
                f"the key pepper has {len(pepper)} bytes, at least {_PEPPER_BYTES} are needed; "
                "make one with `openssl rand -hex 32`"
            )
        self._key = hashlib.sha256(pepper).digest()

    def digest(self, key: str) -> str:
        """64 hexadecimal digits."""
        text = key.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._key, digest_size=32).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
