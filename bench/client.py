"""The load generator: many keep-alive connections on raw asyncio protocols, one request each.

Run as ``python -m bench.client --port N --connections 50 --seconds 4 [--words 50]`` with the
request's headers in ``BENCH_HEADERS`` and its body in ``BENCH_BODY``; prints one JSON line of
figures, times in seconds. Whole answers are measured with wrk where it is installed, streams
always with this.
"""

import argparse
import asyncio
import json
import os
import resource
import time
from dataclasses import dataclass, field
from typing import cast

import httptools
import uvloop

from bench.payload import WORD

GRACE = 30.0
"""Seconds that requests still open at the end may take to finish before they count as errors."""


@dataclass(slots=True)
class Tally:
    """What all connections saw. Times in seconds."""

    words: int
    """Words a streamed answer must hold; 0 for whole answers."""
    deadline: float = 0.0
    completed: int = 0
    received: int = 0
    whole: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    errors: int = 0
    failure: str = ""
    open: int = 0
    most_open: int = 0

    def fail(self, reason: str) -> None:
        self.errors += 1
        self.failure = self.failure or reason


class Caller(asyncio.Protocol):
    """One connection: sends, reads the whole answer, sends again until the deadline."""

    def __init__(
        self, request: bytes, tally: Tally, loop: asyncio.AbstractEventLoop, delay: float
    ) -> None:
        self.finished: asyncio.Future[None] = loop.create_future()
        self._request = request
        self._tally = tally
        self._loop = loop
        self._delay = delay
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._sent = self._last = 0.0
        self._words = 0
        self._tail = b""
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._loop.call_later(self._delay, self._send)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._busy:
            self._tally.open -= 1
            self._tally.fail(f"connection lost in an answer: {exc!r}")
        self._finish()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._tally.fail(f"unreadable answer: {error!r}")
            self._finish()

    def on_body(self, body: bytes) -> None:
        if not self._tally.words:
            return
        text = self._tail + body
        seen = text.count(WORD)
        # a word cut by the end of this read is counted in the next one, a complete one never twice
        at = text.rfind(WORD)
        rest = text if at < 0 else text[at + len(WORD) :]
        self._tail = rest[-(len(WORD) - 1) :]
        if not seen:
            return
        now = time.perf_counter()
        if self._words == 0:
            self._tally.first.append(now - self._sent)
        else:
            self._tally.gaps.append(now - self._last)
        self._tally.gaps.extend([0.0] * (max(1, body.count(b"data: {")) - 1))
        self._last = now
        self._words += seen
        self._tally.received += seen

    def on_message_complete(self) -> None:
        tally = self._tally
        now = time.perf_counter()
        self._busy = False
        tally.open -= 1
        status = self._parser.get_status_code()
        if status != 200:
            tally.fail(f"status {status}")
        elif self._words != tally.words:
            tally.fail(f"{self._words} of {tally.words} words arrived")
        else:
            tally.completed += 1
            if not tally.words:
                tally.whole.append(now - self._sent)
        if not self._parser.should_keep_alive() and now < tally.deadline:
            tally.fail("the server closes its connections")
            self._finish()
        elif now < tally.deadline:
            # a pause after a failure keeps a broken server from being called in a tight loop
            self._loop.call_later(0.05, self._send) if status != 200 else self._send()
        else:
            self._finish()

    def _send(self) -> None:
        if self._transport is None:
            return
        self._busy = True
        self._words = 0
        self._tail = b""
        self._tally.open += 1
        self._tally.most_open = max(self._tally.most_open, self._tally.open)
        self._sent = self._last = time.perf_counter()
        self._transport.write(self._request)

    def _finish(self) -> None:
        if not self.finished.done():
            self.finished.set_result(None)
        if self._transport is not None:
            self._busy = False
            self._transport.close()


async def load(
    port: int, request: bytes, connections: int, seconds: float, ramp: float, words: int
) -> Tally:
    """Keeps ``connections`` requests under way for ``seconds`` after a ramp of ``ramp`` seconds."""
    loop = asyncio.get_running_loop()
    tally = Tally(words=words, deadline=time.perf_counter() + ramp + seconds)
    callers = []
    for number in range(connections):
        delay = ramp * number / connections
        caller = Caller(request, tally, loop, delay)
        await loop.create_connection(lambda made=caller: made, "127.0.0.1", port)  # type: ignore[misc]
        callers.append(caller)
    waiting = [caller.finished for caller in callers]
    _, late = await asyncio.wait(waiting, timeout=ramp + seconds + GRACE)
    for _ in late:
        tally.fail("no answer in time")
    return tally


def percentile(values: list[float], share: float) -> float | None:
    """The value below which ``share`` of all values lie; None when there are none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figures(tally: Tally, seconds: float) -> dict[str, object]:
    """The tally as the benchmark reads it."""
    return {
        "requests": tally.completed,
        "seconds": seconds,
        "errors": tally.errors,
        "failure": tally.failure,
        "p50": percentile(tally.whole, 0.5),
        "p99": percentile(tally.whole, 0.99),
        "first_p50": percentile(tally.first, 0.5),
        "first_p99": percentile(tally.first, 0.99),
        "gap_p50": percentile(tally.gaps, 0.5),
        "gap_p99": percentile(tally.gaps, 0.99),
        "words": tally.received,
        "most_open": tally.most_open,
    }


def raise_open_files(wanted: int) -> None:
    """Lifts the limit on open files to ``wanted`` where it is lower and may be lifted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        top = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (top, hard))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.client")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--ramp", type=float, default=0.0)
    parser.add_argument("--words", type=int, default=0, help="words of a streamed answer")
    options = parser.parse_args()
    raise_open_files(8192)
    body = os.environ["BENCH_BODY"].encode()
    lines = os.environ["BENCH_HEADERS"].strip().split("\n")
    head = "\r\n".join(["POST /v1/chat/completions HTTP/1.1", "host: 127.0.0.1", *lines])
    request = f"{head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
    tally = uvloop.run(
        load(
            options.port,
            request,
            options.connections,
            options.seconds,
            options.ramp,
            options.words,
        )
    )
    print(json.dumps(figures(tally, options.ramp + options.seconds)))


if __name__ == "__main__":
    main()
