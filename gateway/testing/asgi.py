"""A client that calls an ASGI application in this process, without sockets."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from gateway.core.segments import Json


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application sent. ``headers`` have lower-case names, in the order they came."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for known, value in self.headers if known == name), None)

    @property
    def json(self) -> Json:
        """The body as a JSON object. Raises ValueError when it is not one."""
        document = orjson.loads(self.body)
        if not isinstance(document, dict):
            raise ValueError("the body is not a JSON object")
        return document

    @property
    def events(self) -> list[bytes]:
        """The data of a stream's events, in order."""
        lines = self.body.split(b"\n")
        return [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]


async def call(
    app: Any,
    method: str,
    path: str,
    *,
    headers: Iterable[tuple[str, str | bytes]] = (),
    body: bytes | Sequence[bytes] = b"",
) -> Answer:
    """One request to ``app``; a sequence of bytes is sent piece by piece.

    What the application raises is raised here, as a server would log it.
    """
    pieces = [body] if isinstance(body, bytes) else list(body) or [b""]
    incoming: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": index + 1 < len(pieces)}
        for index, piece in enumerate(pieces)
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop(0)
        # A client that waits for its answer: nothing more comes from it.
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (name.lower().encode("latin-1"), v if isinstance(v, bytes) else v.encode("latin-1"))
            for name, v in headers
        ],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
    }
    await app(scope, receive, send)
    start, *rest = sent
    found = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in start["headers"]]
    return Answer(start["status"], found, b"".join(part.get("body", b"") for part in rest))
