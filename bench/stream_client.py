"""A client that notes when every piece of a streamed answer came."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import httptools

from bench.paced import Script
from bench.payload import MODEL, PROMPT

_SYSTEM = "You are a helpful assistant of an outdoor shop."


@dataclass(slots=True)
class Stream:
    """One answer as it came. ``came`` has, for every piece, the time and how many characters were
    there with it; ``spent`` what the watch of ``streamed`` said then."""

    number: int
    text: str = ""
    came: list[tuple[float, int]] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    def spent_at(self, characters: int) -> float:
        """What the watch said when so many characters were there for the first time."""
        return next(
            spent
            for (_, size), spent in zip(self.came, self.spent, strict=True)
            if size >= characters
        )

    def delays(self, script: Script, left: list[float], *, holds: bool) -> list[float]:
        """Seconds from the event that let a piece go to that piece, for every piece. Without
        ``holds`` that event is the piece itself, with it the one behind it: a sentence is known
        to be over when the next one begins."""
        place = {end: index for index, end in enumerate(script.ends)}
        return [at - left[place[size] + holds] for at, size in self.came if size in place]


class _Reader(asyncio.Protocol):
    """Sends one request and reads one answer."""

    def __init__(self, request: bytes, stream: Stream, watch: Callable[[], float]) -> None:
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._stream = stream
        self._watch = watch
        self._parser = httptools.HttpResponseParser(self)
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        now = time.perf_counter()
        *events, self._rest = (self._rest + body).split(b"\n\n")
        for event in events:
            data = event.removeprefix(b"data: ")
            text = _text_of(data) if data.startswith(b"{") else ""
            if not text:
                continue
            stream = self._stream
            stream.text += text
            stream.came.append((now, len(stream.text)))
            stream.spent.append(self._watch())

    def on_message_complete(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def streamed(
    port: int,
    headers: Mapping[str, str],
    number: int,
    watch: Callable[[], float] = float,
    delay: float = 0.0,
    prompt: str = PROMPT,
) -> Stream:
    """The answer to one request, sent after ``delay`` seconds on a connection of its own. ``watch``
    is asked at every piece."""
    await asyncio.sleep(delay)
    body = json.dumps(
        {
            "model": MODEL,
            "messages": [
                {"role": "system", "content": _SYSTEM},
                {"role": "user", "content": prompt},
            ],
            "stream": True,
            "seed": number,
        }
    ).encode()
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = ["POST /v1/chat/completions HTTP/1.1", "host: 127.0.0.1", *lines]
    request = "\r\n".join([*head, f"content-length: {len(body)}"]).encode() + b"\r\n\r\n" + body
    stream = Stream(number)
    _, reader = await asyncio.get_running_loop().create_connection(
        lambda: _Reader(request, stream, watch), "127.0.0.1", port
    )
    await asyncio.wait_for(reader.finished, 60)
    return stream


def _text_of(data: bytes) -> str:
    choices = json.loads(data).get("choices")
    return (choices[0].get("delta") or {}).get("content") or "" if choices else ""
