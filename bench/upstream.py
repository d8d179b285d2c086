"""An instant OpenAI-compatible upstream: prebuilt answers on a raw asyncio protocol.

Run as ``python -m bench.upstream --port 9000 --chunks 50 --pace 0.01``. A whole answer goes out in
the same read that completed the request; a streamed one sends ``--chunks`` events, one every
``--pace`` seconds on a fixed timetable that does not drift.
"""

import argparse
import asyncio
from typing import cast

import httptools
import uvloop

from bench.payload import answer_body, stream_events

_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
)


def _whole_answer() -> bytes:
    body = answer_body()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def _chunked(event: bytes) -> bytes:
    return f"{len(event):x}\r\n".encode() + event + b"\r\n"


class Script:
    """The bytes of all answers, made once."""

    def __init__(self, chunks: int, pace: float) -> None:
        self.pace = pace
        self.whole = _whole_answer()
        self.plain = self._stream(chunks, usage=False)
        self.counted = self._stream(chunks, usage=True)

    @staticmethod
    def _stream(chunks: int, *, usage: bool) -> list[bytes]:
        parts = [_chunked(event) for event in stream_events(chunks, usage=usage)]
        parts[0] = _STREAM_HEAD + parts[0]
        parts[-1] += b"0\r\n\r\n"
        return parts


class Answerer(asyncio.Protocol):
    """One client connection, kept alive."""

    def __init__(self, script: Script, loop: asyncio.AbstractEventLoop) -> None:
        self._script = script
        self._loop = loop
        self._parser = httptools.HttpRequestParser(self)
        self._body: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not subclasses

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if self._transport is not None:
                self._transport.close()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        body = b"".join(self._body)
        self._body.clear()
        if b'"stream":true' in body or b'"stream": true' in body:
            script = self._script.counted if b"include_usage" in body else self._script.plain
            self._send(script, 0, self._loop.time())
        elif self._transport is not None:
            self._transport.write(self._script.whole)

    def _send(self, parts: list[bytes], index: int, started: float) -> None:
        if self._transport is None:
            return
        self._transport.write(parts[index])
        index += 1
        if index < len(parts):
            due = started + index * self._script.pace
            self._timer = self._loop.call_at(due, self._send, parts, index, started)


async def serve(port: int, script: Script) -> None:
    """Answers on the loopback until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Answerer(script, loop), "127.0.0.1", port, backlog=4096
    )
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.upstream")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--chunks", type=int, default=50)
    parser.add_argument("--pace", type=float, default=0.01, help="seconds between events")
    options = parser.parse_args()
    uvloop.run(serve(options.port, Script(options.chunks, options.pace)))


if __name__ == "__main__":
    main()
