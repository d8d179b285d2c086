"""Tells when the files of a policy folder, or other YAML files, were saved."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

from watchfiles import awatch

log = logging.getLogger(__name__)

SETTLE_MS = 100
"""Saves within this time of each other are one change."""
LOOK_MS = 500
"""How often files are looked at when no notification comes: file systems of containers and
networks do not always send them."""

Stamp = dict[Path, tuple[int, int, int]]


async def watch(
    paths: Iterable[Path],
    on_change: Callable[[], Awaitable[object]],
    *,
    force_polling: bool = False,
) -> None:
    """Await ``on_change`` whenever one of the files, or a YAML file in one of the folders, was
    saved, added or removed; runs until cancelled.

    Notifications only say when to look: what counts is whether a file differs from the last look
    (inode, size, time), so atomic renames, symlink swaps and lost notifications are all noticed. An
    exception of ``on_change`` is logged, and watching goes on.
    """
    watched = tuple(paths)
    last = stamp(watched)
    ticks = _poll() if force_polling else _notified(watched)
    async for _ in ticks:
        now = await asyncio.to_thread(stamp, watched)
        if now == last:
            continue
        last = now
        try:
            await on_change()
        except Exception:
            log.exception("a change of files could not be acted upon")


def stamp(paths: Iterable[Path]) -> Stamp:
    """What can be seen of the files from outside; files that are not there are left out."""
    seen: Stamp = {}
    for path in paths:
        for file in sorted(path.glob("*.yaml")) if path.is_dir() else (path,):
            try:
                status = file.stat()
            except OSError:
                continue
            seen[file] = (status.st_ino, status.st_size, status.st_mtime_ns)
    return seen


async def _notified(paths: tuple[Path, ...]) -> AsyncIterator[None]:
    """A tick after each notification, and one every so often; polling where the system cannot
    notify."""
    folders = {path if path.is_dir() else path.parent for path in paths}
    try:
        notifications = awatch(
            *folders,
            watch_filter=None,
            debounce=SETTLE_MS,
            step=SETTLE_MS // 2,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            recursive=False,
        )
        async for _ in notifications:
            yield
    except (OSError, RuntimeError) as error:
        log.warning("file notifications are not available, polling instead: %s", error)
    async for _ in _poll():
        yield


async def _poll() -> AsyncIterator[None]:
    while True:
        await asyncio.sleep(LOOK_MS / 1000)
        yield
