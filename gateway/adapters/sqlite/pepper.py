"""Secrets of the gateway itself: a file of mode 0600 each, or the environment."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from gateway.adapters.sqlite.database import private_directory

VARIABLE = "GATEHOUSE_KEY_PEPPER"
PLACEHOLDER_VARIABLE = "GATEHOUSE_PLACEHOLDER_SECRET"


def load_pepper(path: Path, environ: Mapping[str, str] = os.environ) -> bytes:
    """The pepper of ``GATEHOUSE_KEY_PEPPER`` or of the file at ``path``, which is made on first
    use. Keys that were hashed under another pepper are unknown.

    Raises OSError when the file can be neither read nor made, ValueError when it is empty.
    """
    return _load(path, environ.get(VARIABLE, ""), "delete it and issue all keys anew")


def load_placeholder_secret(path: Path, environ: Mapping[str, str] = os.environ) -> bytes:
    """The secret of ``GATEHOUSE_PLACEHOLDER_SECRET``, which replicas share, or of the file at
    ``path``, which is made on first use. Under another secret, the same values get other
    placeholders, and nothing else changes.

    Raises OSError when the file can be neither read nor made, ValueError when it is empty.
    """
    return _load(path, environ.get(PLACEHOLDER_VARIABLE, ""), "delete it")


def _load(path: Path, given: str, instead: str) -> bytes:
    if given:
        return given.encode()
    if not path.exists():
        _create(path)
    secret = path.read_bytes().strip()
    if not secret:
        raise ValueError(f"{path} is empty; restore it from a backup, or {instead}")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return secret


def _create(path: Path) -> None:
    # Linked into place, so that of two processes that start together one wins and neither ever
    # reads a half-written file.
    private_directory(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
