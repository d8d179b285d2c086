"""Answers a request as an equal one was answered before, within who may share answers."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal

import orjson
from pydantic import Field

from gateway.core.clock import Clock
from gateway.core.exchange import Binding, Exchange
from gateway.core.findings import Then
from gateway.core.identity import Principal
from gateway.core.observed import close_frames
from gateway.core.options import Options
from gateway.core.placeholders import vault_of
from gateway.core.reply import Frame, Frames, OneFrame, Reply, Usage
from gateway.core.stage import Phase
from gateway.ports.exact_cache import ExactCache
from gateway.schema.units import Bytes, Seconds

_STATE = "gateway.cache"
_FORM = 1
"""Of keys and entries: what another form wrote is not read."""
_ACTS = (
    "tools",
    "functions",
    "web_search_options",
    "mcp_servers",
    "container",
    "audio",
    "previous_response_id",
    "conversation",
    "background",
)
"""Fields of a request whose answer does something, or rests on what only the provider knows."""
_RESPONSES = "responses"
_ANSWER_LAYERS = frozenset({"output", "final"})


class CacheOptions(Options):
    ttl: Seconds = Field(default=3600.0, gt=0)
    """How long an answer is kept, such as ``10m`` or ``1h``."""

    share: Literal["tenant", "key"] = "tenant"
    """Who may get an answer that was made for another: keys of the same tenant with the same roles,
    or nobody but the key itself."""

    max_temperature: float = Field(default=1.0, ge=0, le=2)
    """Requests that ask for a higher temperature want a new answer each time. One that names none
    counts as 1."""

    max_answer: Bytes = Field(default=256 << 10, gt=0)
    """Longer answers are not kept."""


@dataclass(slots=True)
class _Recording:
    """What the model says, document by document, while the caller already reads it."""

    key: str
    limit: int
    frames: list[bytes] = field(default_factory=list)
    complete: bool = False
    _size: int = 0

    async def through(self, frames: Frames) -> AsyncIterator[Frame]:
        """The frames as they come. Those of a second answer take the place of the first one's."""
        self.frames, self.complete, self._size = [], False, 0
        try:
            async for frame in frames:
                self._note(frame.raw)
                yield frame
            self.complete = self._size <= self.limit
        finally:
            await close_frames(frames)

    def _note(self, raw: bytes) -> None:
        self._size += len(raw)
        if self._size <= self.limit:
            self.frames.append(raw)
        else:
            self.frames.clear()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One answer: the model's own documents, why it ended, who gave it and when (wall clock)."""

    frames: list[bytes]
    finish: str
    target: str
    at: float

    def stored(self) -> bytes:
        frames = [frame.decode() for frame in self.frames]
        return orjson.dumps([_FORM, frames, self.finish, self.target, self.at])

    @classmethod
    def read(cls, stored: bytes) -> "_Entry | None":
        """None for what is no entry of this form."""
        try:
            form, frames, finish, target, at = orjson.loads(stored)
            if form != _FORM or not frames:
                return None
            return cls([str(f).encode() for f in frames], str(finish), str(target), float(at))
        except (ValueError, TypeError):
            return None


class CacheStage:
    """An answer from the cache, or a note to keep the one that the model gives.

    Two requests are equal when nothing that decides an answer differs: tenant, roles and token
    limit of the caller, model, its targets, pipeline and policy (by their contents), endpoint,
    route, and the whole body as the input guards left it. What is kept is what the model said; the
    guards of the answer judge it again each time, for the caller who asks. Kept are whole answers
    that these guards let pass unchanged; never one that calls tools, was made from retrieved
    documents or for a request that has placeholders, nor that of a fallback model.
    ``cache-control: no-store`` keeps a request out of it, ``no-cache`` asks the model anew.
    """

    name = "cache"
    phase = Phase.REQUEST
    Options = CacheOptions
    stands_after = frozenset({"auth", "quota", "guard[input]", "route"})
    stands_before = frozenset({"retrieve", "assemble", "guard[context]", "guard[prompt]"})

    def __init__(self, options: CacheOptions, *, exact_cache: ExactCache, clock: Clock) -> None:
        self._options = options
        self._store = exact_cache
        self._clock = clock

    async def run(self, ex: Exchange) -> None:
        """Sets ``ex.cache`` and, on a hit, ``ex.reply``."""
        ex.cache = "bypass"
        who, binding = ex.principal, ex.binding
        asked = ex.headers.get("cache-control", "").lower()
        if who is None or binding is None or "no-store" in asked or not self._fits(ex):
            return
        key = self._key(ex, who, binding)
        ex.cache = "miss"
        if "no-cache" not in asked:
            stored = await self._store.get(key)
            entry = _Entry.read(stored) if stored is not None else None
            if entry is not None:
                self._answer(ex, entry)
                return
        ex.state[_STATE] = _Recording(key, self._options.max_answer)

    def answered(self, ex: Exchange) -> None:
        """Records what the model says, before any guard changes it."""
        recording: _Recording | None = ex.state.get(_STATE)
        if recording is None or ex.reply is None:
            return
        first = ex.binding is not None and ex.target in ex.binding.targets[:1]
        if not first or ex.chunks is not None or _personal(ex):
            del ex.state[_STATE]
            return
        ex.reply.wrap(recording.through)

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Keeps the answer, if all of it went out as the model gave it."""
        recording: _Recording | None = ex.state.pop(_STATE, None)
        if recording is None or error is not None or not recording.complete or ex.finish != "stop":
            return
        if any(
            d.acts and d.then is not Then.FLAG and d.layer in _ANSWER_LAYERS for d in ex.decisions
        ):
            return
        entry = _Entry(recording.frames, ex.finish, str(ex.target), self._clock.wall())
        await self._store.put(recording.key, entry.stored(), self._options.ttl)

    def _fits(self, ex: Exchange) -> bool:
        """Whether equal requests may get equal answers."""
        body = ex.body
        heat = body.get("temperature")
        keeps = ex.dialect.upstream == _RESPONSES if body.get("store") is None else body["store"]
        return (
            ex.dialect.speaks
            and body.get("n") in (None, 1)
            and (heat is None or isinstance(heat, int | float))
            and (1.0 if heat is None else heat) <= self._options.max_temperature
            and not any(body.get(name) for name in _ACTS)
            and not keeps
            and not _personal(ex)
        )

    def _key(self, ex: Exchange, who: Principal, binding: Binding) -> str:
        decides = [
            _FORM,
            who.tenant,
            who.key_id if self._options.share == "key" else "",
            sorted(who.roles),
            who.limits.max_tokens,
            binding.model,
            [str(target) for target in binding.targets],
            [binding.pipeline, binding.pipeline_hash],
            binding.policy.hash,
            ex.endpoint,
            ex.route,
            ex.body,
        ]
        return hashlib.sha256(orjson.dumps(decides, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def _answer(self, ex: Exchange, entry: _Entry) -> None:
        ex.cache = "hit"
        ex.finish = entry.finish
        ex.usage = Usage(exact=True)
        age = max(0, int(self._clock.wall() - entry.at))
        headers = {"x-gatehouse-model": entry.target, "age": str(age)}
        ex.reply = Reply(_frames(entry.frames), source="cache", headers=headers)


def _personal(ex: Exchange) -> bool:
    vault = vault_of(ex)
    return vault is not None and bool(vault.live)


def _frames(raw: list[bytes]) -> Frames:
    return OneFrame(Frame(raw[0])) if len(raw) == 1 else _several(raw)


async def _several(raw: list[bytes]) -> AsyncIterator[Frame]:
    for one in raw:
        yield Frame(one)
