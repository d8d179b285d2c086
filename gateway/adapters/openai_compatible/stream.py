"""The frames of an answer, read from an open HTTP response."""

import asyncio
from collections import deque

import aiohttp
import orjson

from gateway.adapters.openai_compatible import failures
from gateway.adapters.openai_compatible.sse import EventParser, EventTooLarge
from gateway.core.errors import UpstreamError, UpstreamTimeout
from gateway.core.reply import Frame

_DONE = b"[DONE]"
_LINGER = 0.05
_LAST_TYPES = frozenset(
    {"response.completed", "response.incomplete", "response.failed", "message_stop"}
)


class EventFrames:
    """One frame per server-sent event, undecoded, until ``[DONE]``.

    ``first`` is the seconds left for the first frame, ``idle`` the seconds allowed between two.
    Closing it, or cancelling who reads, closes the connection, so that the provider stops.
    """

    def __init__(self, response: aiohttp.ClientResponse, first: float, idle: float) -> None:
        self._response = response
        self._wait = first
        self._idle = idle
        self._parser = EventParser()
        self._ready: deque[tuple[bytes, bytes]] = deque()
        self._last: deque[bytes] = deque(maxlen=2)
        self._over = False

    def __aiter__(self) -> "EventFrames":
        return self

    async def __anext__(self) -> Frame:
        if self._over:
            raise StopAsyncIteration
        try:
            while not self._ready:
                await self._read()
            name, data = self._ready.popleft()
            if data == _DONE:
                await self._finish()
                raise StopAsyncIteration
            error = failures.in_payload(data, named_error=name == b"error")
            if error is not None:
                raise error
        except BaseException:
            self._close()
            raise
        self._last.append(data)
        return Frame(raw=data)

    async def aclose(self) -> None:
        """End the provider's work: the connection is closed unless the answer was complete."""
        self._close()

    async def _read(self) -> None:
        content = self._response.content
        try:
            chunk = content.read_nowait()
            if not chunk and not content.at_eof():
                async with asyncio.timeout(self._wait):
                    chunk = await content.readany()
            self._wait = self._idle
            if chunk:
                self._ready.extend(self._parser.feed(chunk))
            elif content.at_eof():
                self._ready.extend(self._parser.finish())
                if not self._ready:
                    self._end_without_done()
        except TimeoutError as error:
            cause = f"nothing came for {self._wait:g} s"
            raise UpstreamTimeout(failures.LATE, retryable=True, cause=cause) from error
        except EventTooLarge as error:
            raise UpstreamError(failures.MALFORMED, retryable=False, cause=str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            cause = f"{type(error).__name__}: {error}"
            raise UpstreamError(failures.BROKE_OFF, retryable=True, cause=cause) from error

    def _end_without_done(self) -> None:
        """Some providers leave out ``[DONE]``; then the last documents must say that it is over."""
        if any(map(_ends, self._last)):
            self._over = True
            raise StopAsyncIteration
        cause = "the stream ended without [DONE] or a finish reason"
        raise UpstreamError(failures.BROKE_OFF, retryable=True, cause=cause)

    async def _finish(self) -> None:
        """Read the end of the body, so that the connection can serve again. The provider's last
        bytes are usually there already; one that dawdles loses its connection instead."""
        self._over = True
        content = self._response.content
        if content.at_eof():
            return
        try:
            async with asyncio.timeout(_LINGER):
                await content.readany()
        except (TimeoutError, aiohttp.ClientError, OSError):
            self._response.close()

    def _close(self) -> None:
        self._over = True
        self._ready.clear()
        if not self._response.content.at_eof():
            self._response.close()


def _ends(payload: bytes) -> bool:
    try:
        document = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(document, dict):
        return False
    choices = document.get("choices")
    if isinstance(choices, list) and choices:
        return all(isinstance(c, dict) and c.get("finish_reason") for c in choices)
    return document.get("type") in _LAST_TYPES
