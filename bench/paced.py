"""An upstream in this process that streams prose at a steady pace and notes when each piece left.

It shares a loop and a clock with the client of ``bench.streams``, so that the time of every piece
in the server under test can be told. A stream is named by the ``seed`` of its request.
"""

import asyncio
import re
import time
from typing import cast

import httptools

from bench.payload import answer_body, event

SENTENCE = "A sole that comes off so soon is covered by the warranty for two full years. "
PROSE = (
    SENTENCE + "You may choose between a repair, a new pair in the same size and your money back. "
    "Most customers pick the repair, because the leather has already taken the shape of the foot. "
    "Our workshop glues and stitches the sole, which takes about a week in a quiet season. "
    "We send a prepaid label today, and the parcel can be left at any post office nearby. "
    "Please remove laces and insoles before packing, since they tend to get lost on the way. "
    "We are sorry about the trouble and hope that the next walk is a longer one."
)
"""Clean text: no guard finds anything in it, and no sentence ends where one must wait for more."""

_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
)
_SEED = re.compile(rb'"seed":\s*(\d+)')


class Script:
    """The deltas of one answer, a word each, and their bytes. ``ends[i]`` is how much of the text
    is there with delta ``i``; one more event, which ends the stream, follows the last."""

    def __init__(self, text: str) -> None:
        self.text = text
        words = re.findall(r"\S+\s*", text)
        self.ends = [sum(map(len, words[: i + 1])) for i in range(len(words))]
        roles = [{"role": "assistant"}, *({} for _ in words[1:])]
        deltas = [{**role, "content": word} for role, word in zip(roles, words, strict=True)]
        closing = event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
        usage = {"prompt_tokens": 58, "completion_tokens": len(words), "total_tokens": 99}
        closing += event([], usage) + b"data: [DONE]\n\n"
        events = [event([{"index": 0, "delta": d, "finish_reason": None}]) for d in deltas]
        self.parts = [f"{len(e):x}\r\n".encode() + e + b"\r\n" for e in (*events, closing)]
        self.parts[0] = _HEAD + self.parts[0]
        self.parts[-1] += b"0\r\n\r\n"


class PacedUpstream:
    """What all connections share. ``left`` has the time at which every event of a stream was
    written, by the stream's number; times are those of ``time.perf_counter``."""

    def __init__(self, pace: float) -> None:
        self.pace = pace
        self.script = Script(PROSE)
        self.left: dict[int, list[float]] = {}
        body = answer_body()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        self.whole = head.encode() + b"\r\n\r\n" + body

    async def start(self, port: int) -> asyncio.Server:
        """Listen on the loopback."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: _Answerer(self, loop), "127.0.0.1", port)


class _Answerer(asyncio.Protocol):
    def __init__(self, upstream: PacedUpstream, loop: asyncio.AbstractEventLoop) -> None:
        self._upstream = upstream
        self._loop = loop
        self._parser = httptools.HttpRequestParser(self)
        self._body: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        body = b"".join(self._body)
        self._body.clear()
        seed = _SEED.search(body)
        if seed is not None:
            noted = self._upstream.left.setdefault(int(seed[1]), [])
            self._send(self._upstream.script.parts, 0, self._loop.time(), noted)
        elif self._transport is not None:
            self._transport.write(self._upstream.whole)

    def _send(self, parts: list[bytes], index: int, started: float, noted: list[float]) -> None:
        if self._transport is None:
            return
        noted.append(time.perf_counter())
        self._transport.write(parts[index])
        if index + 1 < len(parts):
            due = started + (index + 1) * self._upstream.pace
            self._loop.call_at(due, self._send, parts, index + 1, started, noted)
