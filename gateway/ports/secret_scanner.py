"""Finds credentials in texts."""

from collections.abc import Sequence
from typing import Protocol

from gateway.ports.entity_recognizer import Entity


class SecretScanner(Protocol):
    """Finds keys, tokens and private keys. ``Entity.kind`` is such as ``AWS_ACCESS_KEY``."""

    @property
    def supported(self) -> frozenset[str]:
        """The kinds it can find."""
        ...

    def scan(self, text: str) -> Sequence[Entity]:
        """The spans of all credentials. Pure computation; linear in the text."""
        ...

    def pending(self, text: str) -> bool:
        """Whether the text ends inside a credential that spans lines (a private key block)."""
        ...
