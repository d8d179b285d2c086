"""What it takes to start a server under test and to call it."""

import http.client
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.payload import KEY, request_body
from bench.process import Child


@dataclass(frozen=True, slots=True)
class Place:
    """Where one trial takes place: two ports of the loopback and a folder of its own."""

    upstream: int
    port: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Launch:
    """A server's command line and what its callers send. ``patience`` in seconds to be ready."""

    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = KEY
    patience: float = 60.0


class NotReady(Exception):
    """A server that did not come up, or whose first answer is not a 200."""


def headers_of(launch: Launch | None) -> dict[str, str]:
    """The headers of every request to this server."""
    key = launch.key if launch else KEY
    return {
        "content-type": "application/json",
        "authorization": f"Bearer {key}",
        **(launch.headers if launch else {}),
    }


def call_environment(launch: Launch | None, *, stream: bool) -> dict[str, str]:
    """The environment that tells a load generator what to send."""
    lines = "\n".join(f"{name}: {value}" for name, value in headers_of(launch).items())
    return {
        **os.environ,
        "BENCH_BODY": request_body(stream=stream).decode(),
        "BENCH_HEADERS": lines,
    }


def await_first_answer(port: int, launch: Launch | None, child: Child | None) -> float:
    """Seconds until the server gives its first whole answer. Raises NotReady."""
    started = time.monotonic()
    patience = launch.patience if launch else 10.0
    problem = "it never answered"
    while time.monotonic() - started < patience:
        if child is not None and child.ended:
            raise NotReady(f"the server ended by itself: {child.last_words()}")
        try:
            status, text = _call_once(port, launch)
        except (OSError, http.client.HTTPException) as error:
            problem = repr(error)
        else:
            if status == 200:
                return time.monotonic() - started
            problem = f"status {status}: {text[:300]}"
        time.sleep(0.02)
    words = child.last_words() if child else ""
    raise NotReady(f"not ready after {patience:.0f} s: {problem} {words}".strip())


def _call_once(port: int, launch: Launch | None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", "/v1/chat/completions", request_body(), headers_of(launch))
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()
