"""Reads an answer, and gives up when nothing comes in time."""

import asyncio
from collections.abc import AsyncIterator, Callable

from gateway.core.reply import Frame


class Overdue(Exception):
    """The time that was given is over."""


async def in_time(
    frames: AsyncIterator[Frame], due: Callable[[], float | None]
) -> AsyncIterator[Frame]:
    """The frames. ``due`` says before each of them when it must be there, by the loop's clock; None
    sets no limit. Raises Overdue."""
    while True:
        limit = due()
        try:
            async with asyncio.timeout_at(limit) as scope:
                frame = await anext(frames)
        except StopAsyncIteration:
            return
        except TimeoutError as late:
            if scope.expired():
                raise Overdue from late
            raise
        yield frame
