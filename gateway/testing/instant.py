"""One fixed answer at full speed: the upstream that benchmarks measure a gateway against.

Speaks just enough HTTP/1.1: keep-alive, pipelining, bodies with ``content-length``. Whole answers
and streams (20 deltas in one write, or one a write with ``gap`` seconds between them).
"""

import asyncio

import orjson

from gateway.testing.chat import chunk, completion, usage_chunk

_MODEL = "instant"
_TEXT = "The quick brown fox jumps over the lazy dog while the gateway counts every token it sees."


def _whole() -> bytes:
    body = orjson.dumps(completion(_MODEL, _TEXT, usage=(12, 20)))
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def _stream() -> list[bytes]:
    documents = [chunk(_MODEL, {"role": "assistant", "content": ""})]
    documents += [chunk(_MODEL, {"content": f"{word} "}) for word in _TEXT.split()]
    documents += [chunk(_MODEL, {}, finish="stop"), usage_chunk(_MODEL, 12, 20)]
    events = [b"data: " + orjson.dumps(d) + b"\n\n" for d in documents] + [b"data: [DONE]\n\n"]
    pieces = [f"{len(e):x}\r\n".encode() + e + b"\r\n" for e in events]
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    return [head + b"\r\n" + pieces[0], *pieces[1:-1], pieces[-1] + b"0\r\n\r\n"]


_WHOLE = _whole()
_STREAM = _stream()
_STREAM_AT_ONCE = b"".join(_STREAM)
_LENGTH_REQUIRED = b"HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class InstantProtocol(asyncio.Protocol):
    """One connection of the instant upstream. ``gap`` is in seconds between stream deltas."""

    def __init__(self, gap: float = 0.0) -> None:
        self._gap = gap
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._stream: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._stream is not None:
            self._stream.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        while self._transport is not None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end].lower()
            length = _length(head)
            if length is None:
                self._transport.write(_LENGTH_REQUIRED)
                self._transport.close()
                return
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._respond(self._transport, body)

    def _respond(self, transport: asyncio.Transport, body: bytes) -> None:
        if b'"stream":true' not in body and b'"stream": true' not in body:
            transport.write(_WHOLE)
        elif not self._gap:
            transport.write(_STREAM_AT_ONCE)
        else:
            self._stream = asyncio.ensure_future(self._drip(transport))

    async def _drip(self, transport: asyncio.Transport) -> None:
        for piece in _STREAM:
            transport.write(piece)
            await asyncio.sleep(self._gap)


def _length(head: bytes) -> int | None:
    """The body's length; 0 for requests without a body, None when it is sent in chunks."""
    start = head.find(b"\r\ncontent-length:")
    if start < 0:
        return None if b"\r\ntransfer-encoding:" in head else 0
    value = head[start + 17 :].split(b"\r\n", 1)[0].strip()
    return int(value) if value.isdigit() else None


async def serve_instant(port: int, *, gap: float = 0.0) -> None:
    """Serve on loopback until cancelled."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: InstantProtocol(gap), "127.0.0.1", port, backlog=4096)
    async with server:
        await server.serve_forever()
