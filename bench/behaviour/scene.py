"""Where a behaviour is shown: a scripted provider, a guard's service, and a gateway before them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import orjson

from bench.behaviour.backend import Backend
from bench.behaviour.seen import Seen
from gateway.testing.upstream import ScriptedUpstream
from gateway.testing.upstream_scripts import Script

MODEL = "scripted"
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
_PATIENCE = aiohttp.ClientTimeout(total=60)


class Wish(StrEnum):
    """A protection that the user of a gateway wants for a request."""

    SECRETS = "no credential in an answer"
    CONTACT = "no e-mail address in an answer"
    RESTORE = "the provider never reads an e-mail address, the caller reads it again"
    INJECTION = "no injected instruction reaches the model"
    WORDS = "forbidden words are refused in questions"
    ANSWER_WORDS = "an answer with a forbidden word is blocked"
    BACKEND = "a guard that asks another service"
    CACHE = "equal questions are answered from a cache"


@dataclass(frozen=True, slots=True)
class Shape:
    """What has to be added to a request so that a gateway grants some wishes."""

    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


class Door(Protocol):
    """A running gateway."""

    url: str
    keys: tuple[str, str]
    """Of two callers."""

    def shape(self, wishes: Iterable[Wish]) -> Shape:
        """How a request asks for ``wishes``; empty where the operator has set them for all."""
        ...

    def forbid(self, word: str) -> None:
        """Edit the live policy as an operator does: questions with ``word`` are refused now."""
        ...

    def spoil(self) -> None:
        """Break the live policy: the rule for the forbidden word misspells what is to be done."""
        ...


@dataclass(frozen=True, slots=True)
class Ground:
    """What a gateway is placed on: its provider, its guard's service, a folder of its own."""

    upstream: ScriptedUpstream
    backend: Backend
    folder: Path


class Contestant(Protocol):
    """A gateway that can be set up. ``lacks`` says why a behaviour, by name, is not offered."""

    name: str
    title: str
    lacks: Mapping[str, str]

    def open(self, ground: Ground) -> AbstractAsyncContextManager[Door]:
        """Starts it, and ends it after. Raises peers.Unavailable or launch.NotReady."""
        ...


@dataclass(slots=True)
class Scene:
    """A gateway at work between a client and a provider, both of which are watched."""

    ground: Ground
    door: Door
    session: aiohttp.ClientSession
    patience: float
    """Seconds in which an edit of the policy has to come into force."""

    async def ask(
        self,
        script: Script,
        *wishes: Wish,
        said: Iterable[str] = ("What is there to say?",),
        stream: bool = True,
        key: int = 0,
        path: str = CHAT,
        **more: object,
    ) -> Seen:
        """One request while the provider plays ``script``. A refused connection is status 0."""
        upstream = self.ground.upstream
        upstream.script(MODEL, script)
        before = len(upstream.requests)
        shape = self.door.shape(wishes)
        body: dict[str, object] = {"model": MODEL, "stream": stream, **shape.body, **more}
        messages = [{"role": "user", "content": text} for text in said]
        body["input" if path == RESPONSES else "messages"] = messages
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {self.door.keys[key]}",
            **shape.headers,
        }
        seen = await self._send(path, orjson.dumps(body), headers, stream=stream)
        seen.upstream = upstream.requests[before:]
        return seen

    async def _send(
        self, path: str, body: bytes, headers: Mapping[str, str], *, stream: bool
    ) -> Seen:
        started = time.monotonic()
        seen = Seen(0)
        rest = b""
        try:
            url = self.door.url + path
            async with self.session.post(url, data=body, headers=headers) as answer:
                seen.status = answer.status
                async for piece in answer.content.iter_any():
                    now = time.monotonic() - started
                    seen.raw += piece
                    *lines, rest = (rest + piece).split(b"\n")
                    for line in lines if stream else ():
                        if line.startswith(b"data:"):
                            seen.take_event(line[5:].strip().decode(errors="replace"), now)
        except (aiohttp.ClientError, TimeoutError):
            seen.status = seen.status or 0
        seen.last = time.monotonic() - started
        if seen.first is None:
            seen.take_whole(seen.last)
        return seen

    async def mention(self, word: str) -> Seen:
        """Ask with ``word``, of which the policy may forbid the use."""
        said = [f"Tell me of {word}."]
        return await self.ask(Script(), Wish.WORDS, said=said, stream=False)

    async def mention_until_refused(self, word: str) -> Seen:
        """Ask with ``word`` until it is refused, or until patience is at its end."""
        end = time.monotonic() + self.patience
        while True:
            seen = await self.mention(word)
            if not seen.upstream or time.monotonic() > end:
                return seen
            await asyncio.sleep(0.1)


@asynccontextmanager
async def scene(
    contestant: Contestant, folder: Path, patience: float = 5.0
) -> AsyncIterator[Scene]:
    """A contestant, set up and running."""
    async with ScriptedUpstream() as upstream:
        backend = Backend()
        await backend.start()
        try:
            ground = Ground(upstream, backend, folder)
            async with (
                contestant.open(ground) as door,
                aiohttp.ClientSession(timeout=_PATIENCE) as session,
            ):
                yield Scene(ground, door, session, patience)
        finally:
            await backend.stop()
