"""A peer's server while its behaviours are shown."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bench.launch import NotReady
from bench.process import SERVER_CORE, Child, running

_PATIENCE = 120.0


@asynccontextmanager
async def serving(
    command: Sequence[str], log: Path, environ: Mapping[str, str], ready: str
) -> AsyncIterator[None]:
    """Starts ``command``, waits until the URL ``ready`` answers with 200, ends it after.
    Raises NotReady with what it printed."""
    with running(command, SERVER_CORE, log, environ) as child:
        await _await(child, ready)
        yield


async def _await(child: Child, url: str) -> None:
    until = time.monotonic() + _PATIENCE
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            if child.ended or time.monotonic() > until:
                raise NotReady(f"the server did not come up: {child.last_words()}")
            await asyncio.sleep(0.1)
