"""Small pieces of ASGI: reading a body, sending an answer, noticing that the client left."""

import asyncio
from collections.abc import Mapping

from starlette.types import Message, Receive, Scope, Send

from gateway.core.clock import Clock
from gateway.core.errors import ClientGone
from gateway.core.ids import new_id, valid_request_id
from gateway.wire.limits import RequestLimits, check_size


def request_headers(scope: Scope) -> dict[str, str]:
    """Lower-case names; a repeated header keeps its first value."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    return headers


def request_id(headers: Mapping[str, str], clock: Clock) -> str:
    """The client's own request id when it is safe to echo, else a new one."""
    given = headers.get("x-request-id", "")
    return given if valid_request_id(given) else new_id("req_", int(clock.wall() * 1000))


async def read_body(receive: Receive, headers: Mapping[str, str], limits: RequestLimits) -> bytes:
    """The whole request body.

    Raises RequestTooLarge before reading more than the limit, ClientGone when the client leaves.
    """
    declared = headers.get("content-length", "")
    if declared.isdigit():
        check_size(int(declared), limits)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        check_size(len(body), limits)
        return body
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientGone("the client left before its request was complete")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        check_size(size, limits)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def start_message(status: int, headers: Mapping[str, str]) -> Message:
    values = "".join(headers.values())
    if "\n" in values or "\r" in values:  # they would start another header
        headers = {name: " ".join(value.splitlines()) for name, value in headers.items()}
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in headers.items()
        ],
    }


async def send_whole(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    await send(start_message(status, {**headers, "content-length": str(len(body))}))
    await send({"type": "http.response.body", "body": body})


class Departure:
    """Cancels the running task when the client closes the connection.

    It begins to listen after ``NOTICE_AFTER`` seconds: most answers are out by then, and need no
    task of their own to watch over them. A client that left before is noticed at that moment.
    """

    NOTICE_AFTER = 0.025

    def __init__(self, receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        self._receive = receive
        self._task = asyncio.current_task()
        self._watcher: asyncio.Task[None] | None = None
        self._begin = loop.call_later(self.NOTICE_AFTER, self._start, loop)
        self.noticed = False

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watcher = loop.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.noticed = True
        if self._task is not None:
            self._task.cancel()

    def stop(self) -> None:
        """Listen no longer. The watcher is let go of: its cancellation refers back to this object,
        and such a circle would wait for the garbage collector."""
        self._begin.cancel()
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.cancel()

    def forgive(self) -> None:
        """Take back the cancellation that this watcher asked for."""
        if self._task is not None:
            self._task.uncancel()
