"""Append-only files that hold records until a database has them."""

import contextlib
import errno
import fcntl
import logging
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson

from gateway.adapters.sqlite.database import private_directory

log = logging.getLogger(__name__)

_CHUNK = 1 << 20
_SUFFIX = ".spool"


class Spool:
    """One writer's file of lines. A line that was written survives ``kill -9`` in the page cache.

    The file is locked as long as its writer lives, which is how another process knows whether it
    may take over what is left. ``write`` may be called from any thread, the rest from one reader.
    """

    def __init__(self, folder: Path) -> None:
        """Raises OSError when no file can be made in ``folder``."""
        private_directory(folder)
        name = f"{os.getpid()}-{secrets.token_hex(6)}"
        self.path = folder / f"{name}{_SUFFIX}"
        # Locked before it gets the name under which others look for files without an owner.
        draft = folder / f".{name}.new"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(draft, flags, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        draft.rename(self.path)
        self._lock = threading.Lock()  # held for one system call at a time
        self._size = 0
        self._done = 0

    @property
    def pending(self) -> int:
        """Bytes that were written and not yet marked as done."""
        return self._size - self._done

    def write(self, line: bytes) -> None:
        """Take ``line``, which ends with a newline. Raises OSError; then nothing of it stays."""
        with self._lock:
            try:
                written = os.write(self._file, line)
                if written != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            except OSError:
                os.ftruncate(self._file, self._size)
                raise
            self._size += written

    def read(self) -> bytes:
        """Whole lines from the first one that is not done, about 1 MiB of them; may be empty."""
        size = min(_CHUNK, self.pending)
        while size:
            data = os.pread(self._file, size, self._done)
            end = data.rfind(b"\n") + 1
            if end:
                return data[:end]
            size = min(size * 2, self.pending)
        return b""

    def done(self, size: int) -> None:
        """The next ``size`` bytes are stored elsewhere; the file shrinks when all of it is."""
        with self._lock:
            self._done += size
            if self._done == self._size:
                os.ftruncate(self._file, 0)
                self._size = self._done = 0

    def close(self) -> None:
        """Give up the lock; the file is removed when nothing in it is pending."""
        with self._lock:
            if not self.pending:
                self.path.unlink(missing_ok=True)
            os.close(self._file)


@contextlib.contextmanager
def abandoned(folder: Path) -> Iterator[list["Leftover"]]:
    """The spools in ``folder`` whose writers are dead, locked against others meanwhile."""
    with contextlib.ExitStack() as stack:
        found = []
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            try:
                file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            stack.callback(os.close, file)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its writer lives, or somebody else is taking over
            if os.fstat(file).st_nlink:
                found.append(Leftover(path))
        yield found


class Leftover:
    """The file of a writer that died."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def batches(self) -> Iterator[bytes]:
        """Its whole lines, about 1 MiB at a time. A last line without an end was never
        acknowledged to anyone and is left out."""
        with self.path.open("rb") as file:
            while lines := file.readlines(_CHUNK):
                if not lines[-1].endswith(b"\n"):
                    torn = lines.pop()
                    log.warning("%s ends in a torn line of %d bytes", self.path, len(torn))
                if lines:
                    yield b"".join(lines)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def sound(lines: bytes, rejected: Path) -> list[bytes]:
    """The lines that are JSON objects with an id; the others are put aside in ``rejected``."""
    good: list[bytes] = []
    bad: list[bytes] = []
    for line in lines.splitlines():
        try:
            record = orjson.loads(line)
            whole = isinstance(record, dict) and isinstance(record.get("id"), str)
        except orjson.JSONDecodeError:
            whole = False
        (good if whole else bad).append(line)
    if bad:
        log.error("%d damaged audit lines were put aside in %s", len(bad), rejected)
        file = os.open(rejected, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "ab") as out:
            out.write(b"\n".join(bad) + b"\n")
    return good
