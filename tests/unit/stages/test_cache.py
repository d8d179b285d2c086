"""The cache stage: what makes two requests equal, and which answers are kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.memory.exact_cache import MemoryExactCache
from gateway.core.exchange import Exchange, Target
from gateway.core.findings import Decision, Finding, Mode, Then
from gateway.core.identity import Limits
from gateway.core.knowledge import Access, Chunk
from gateway.core.pipeline import PhaseOrderError, Pipeline
from gateway.core.placeholders import PlaceholderSecret, open_vault
from gateway.core.reply import Reply, frames_of
from gateway.core.rules import Layer, Policy
from gateway.core.segments import Json
from gateway.core.stage import Stage
from gateway.stages.assemble import AssembleOptions, AssembleStage
from gateway.stages.cache import CacheOptions, CacheStage
from gateway.stages.guard import GuardOptions, GuardStage
from gateway.testing.chat import chunk, completion
from gateway.testing.clock import ManualClock
from gateway.testing.exchanges import make_exchange
from gateway.wire.embeddings import EmbeddingsDialect
from gateway.wire.responses import ResponsesDialect

FIRST, SECOND = Target("a", "m"), Target("b", "m")
Change = Callable[[Exchange], None]


class Cached:
    """A cache stage on its own, and a model that says something else each time."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock()
        store = MemoryExactCache(self.clock)
        self.stage = CacheStage(CacheOptions(**options), exact_cache=store, clock=self.clock)
        self.asked = 0

    async def ask(self, ex: Exchange, answered: Change = lambda ex: None, **more: Any) -> str:
        """What the caller reads: the number of the answer."""
        await self.stage.run(ex)
        if ex.reply is None:
            self.asked += 1
            usual = ex.binding.targets[0] if ex.binding is not None else FIRST
            ex.target, ex.finish = more.get("target", usual), more.get("finish", "stop")
            said: list[Json] = [completion("m", [f"Answer {self.asked}"])]
            if ex.stream:
                deltas = ["Answer ", str(self.asked)]
                said = [chunk("m", {"content": delta}) for delta in deltas]
            ex.reply = Reply(frames_of(said), source=str(ex.target))
            self.stage.answered(ex)
            answered(ex)
        text = ""
        async for frame in ex.reply.frames:
            choice = frame.document["choices"][0]
            text += (choice.get("message") or choice["delta"])["content"]
            if more.get("leaves"):
                await ex.reply.frames.aclose()  # type: ignore[attr-defined]
                break
        await self.stage.close(ex, more.get("error"))
        return text


def exchange(text: str = "Hello", **more: Any) -> Exchange:
    ex = make_exchange(text, **more)
    assert ex.binding is not None
    ex.binding = replace(ex.binding, targets=(FIRST, SECOND))
    return ex


@pytest.mark.parametrize("stream", [False, True])
async def test_an_equal_request_gets_the_answer_that_was_given(stream: bool) -> None:
    cached = Cached()
    first, second = exchange(stream=stream), exchange(stream=stream)
    assert await cached.ask(first) == "Answer 1"
    cached.clock.advance(90)
    assert await cached.ask(second) == "Answer 1"
    assert (first.cache, second.cache, cached.asked) == ("miss", "hit", 1)
    assert second.reply is not None
    assert second.reply.source == "cache"
    assert second.reply.headers == {"x-gatehouse-model": "a/m", "age": "90"}
    assert (second.usage.total, second.usage.exact, second.finish) == (0, True, "stop")


def _who(**change: Any) -> Change:
    def make(ex: Exchange) -> None:
        assert ex.principal is not None
        ex.principal = replace(ex.principal, **change)

    return make


def _bound(**change: Any) -> Change:
    def make(ex: Exchange) -> None:
        assert ex.binding is not None
        ex.binding = replace(ex.binding, **change)

    return make


def _set(name: str, value: Any) -> Change:
    return lambda ex: setattr(ex, name, value)


def _body(**change: Any) -> Change:
    return lambda ex: ex.replace_body({**ex.body, **change})


DIFFERENCES: dict[str, Change] = {
    "tenant": _who(tenant="other"),
    "roles": _who(roles=frozenset({"staff"})),
    "a role that reads like two": _who(roles=frozenset({"staff,board"})),
    "token limit of the key": _who(limits=Limits(max_tokens=5)),
    "model": _bound(model="other"),
    "targets": _bound(targets=(SECOND, FIRST)),
    "pipeline": _bound(pipeline="other"),
    "pipeline's contents": _bound(pipeline_hash="1"),
    "policy": _bound(policy=Policy("none", "1" * 64, {})),
    "endpoint": _set("endpoint", "completions"),
    "route": _set("route", "chitchat"),
    "text": _body(messages=[{"role": "user", "content": "hello"}]),
    "role of the text": _body(messages=[{"role": "system", "content": "Hello"}]),
    "temperature": _body(temperature=0.2),
    "user": _body(user="u1"),
    "a field nobody knows": _body(x_new=1),
}


@pytest.mark.parametrize("what", DIFFERENCES)
async def test_whatever_differs_makes_another_answer(what: str) -> None:
    cached = Cached()
    other = exchange()
    DIFFERENCES[what](other)
    assert await cached.ask(exchange()) == "Answer 1"
    assert await cached.ask(other) == "Answer 2"
    assert other.cache == "miss"


@given(st.sets(st.sampled_from(sorted(DIFFERENCES))), st.sets(st.sampled_from(sorted(DIFFERENCES))))
async def test_two_requests_share_an_answer_only_if_nothing_differs(
    mine: set[str], theirs: set[str]
) -> None:
    cached = Cached()
    one, two = exchange(), exchange()
    for ex, changes in ((one, mine), (two, theirs)):
        for what in sorted(changes):
            DIFFERENCES[what](ex)
    alike = all(
        getattr(one, name) == getattr(two, name)
        for name in ("body", "principal", "binding", "endpoint", "route")
    )
    assert await cached.ask(one) == "Answer 1"
    assert await cached.ask(two) == ("Answer 1" if alike else "Answer 2")


async def test_keys_of_a_tenant_share_answers_unless_told_otherwise() -> None:
    for share, expected in (("tenant", "Answer 1"), ("key", "Answer 2")):
        cached, other = Cached(share=share), exchange()
        _who(key_id="key_other")(other)
        await cached.ask(exchange())
        assert await cached.ask(other) == expected


def _tokenize(ex: Exchange) -> None:
    vault = open_vault(ex, PlaceholderSecret(b"0123456789abcdef"))
    vault.begin(ex)
    vault.issue("PERSON", "Jane")


BYPASSES: dict[str, Change] = {
    "tools": _body(tools=[{"type": "function"}]),
    "several choices": _body(n=2),
    "hot": _body(temperature=1.2),
    "odd temperature": _body(temperature="warm"),
    "kept by the provider": _body(store=True),
    "search": _body(web_search_options={"user_location": {}}),
    "no-store": _set("headers", {"cache-control": "max-age=0, No-Store"}),
    "no caller": _set("principal", None),
    "no model": _set("binding", None),
    "no text in the answer": _set("dialect", EmbeddingsDialect()),
    "placeholders": _tokenize,
}


@pytest.mark.parametrize("what", BYPASSES)
async def test_what_must_not_be_cached_is_neither_looked_up_nor_kept(what: str) -> None:
    cached = Cached()
    for number in (1, 2):
        ex = exchange()
        BYPASSES[what](ex)
        assert await cached.ask(ex) == f"Answer {number}"
        assert ex.cache == "bypass"
    assert await cached.ask(exchange()) == "Answer 3"


async def test_responses_that_the_provider_keeps_are_not_cached() -> None:
    for store, expected in ((None, "bypass"), (True, "bypass"), (False, "miss")):
        ex = exchange(dialect=ResponsesDialect(ManualClock()), body={"store": store})
        await Cached().stage.run(ex)
        assert ex.cache == expected


async def test_no_cache_asks_anew_and_keeps_the_new_answer() -> None:
    cached = Cached()
    await cached.ask(exchange())
    anew = exchange()
    anew.headers = {"cache-control": "no-cache"}
    assert await cached.ask(anew) == "Answer 2"
    assert await cached.ask(exchange()) == "Answer 2"


def _decided(layer: str, then: Then, mode: Mode = Mode.ENFORCE) -> Change:
    decision = Decision(layer, "r", "g", then, mode, (Finding("found", 0.9, 0, 0, 1),))
    return lambda ex: ex.decisions.append(decision)


CHUNK = Chunk("d#0", "d", "1", "title", None, None, "text", Access(public=True))
LOST: dict[str, tuple[Change, dict[str, Any]]] = {
    "cut short": (lambda ex: None, {"finish": "length"}),
    "filtered by the provider": (lambda ex: None, {"finish": "content_filter"}),
    "a call": (lambda ex: None, {"finish": "tool_calls"}),
    "a fallback's": (lambda ex: None, {"target": SECOND}),
    "failed": (lambda ex: None, {"error": RuntimeError()}),
    "the caller went away": (lambda ex: None, {"leaves": True}),
    "blocked": (_decided("output", Then.BLOCK), {}),
    "masked": (_decided("final", Then.MASK), {}),
    "asked for twice": (_decided("output", Then.REGENERATE), {}),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("what", LOST)
async def test_an_answer_that_did_not_go_out_whole_is_not_kept(what: str, stream: bool) -> None:
    cached = Cached()
    change, more = LOST[what]
    await cached.ask(exchange(stream=stream), change, **more)
    assert await cached.ask(exchange(stream=stream)) == "Answer 2"


@pytest.mark.parametrize(
    "change",
    [
        _decided("output", Then.FLAG),
        _decided("output", Then.BLOCK, Mode.SHADOW),
        _decided("input", Then.MASK),
    ],
)
async def test_what_does_not_touch_the_answer_does_not_keep_it_out(change: Change) -> None:
    cached = Cached()
    await cached.ask(exchange(), change)
    assert await cached.ask(exchange()) == "Answer 1"


LATER: dict[str, Change] = {"chunks": _set("chunks", [CHUNK]), "placeholders": _tokenize}


@pytest.mark.parametrize("what", LATER)
async def test_documents_and_values_that_came_later_keep_an_answer_out(what: str) -> None:
    cached, first = Cached(), exchange()
    await cached.stage.run(first)
    LATER[what](first)
    await cached.ask(first)
    assert await cached.ask(exchange()) == "Answer 2"


@pytest.mark.parametrize("options", [{"max_answer": "100b"}, {"ttl": "10m"}])
async def test_long_and_old_answers_are_not_given(options: dict[str, str]) -> None:
    cached = Cached(**options)
    await cached.ask(exchange())
    cached.clock.advance(600)
    assert await cached.ask(exchange()) == "Answer 2"


async def test_an_entry_of_another_form_is_not_read() -> None:
    cached = Cached()
    await cached.ask(exchange())
    store = cached.stage._store
    assert isinstance(store, MemoryExactCache)
    for spoilt in (b"", b"[]", b"[0,[],1,2,3]", b'{"a":1}', b'[1,[],"stop","a/m",0]'):
        for key in list(store._kept):
            await store.put(key, spoilt, 60)
        await cached.ask(exchange())
    assert cached.asked == 6


def test_it_stands_behind_the_input_guards_and_before_retrieval() -> None:
    cache = Cached().stage
    guard = GuardStage(GuardOptions(layer=Layer.INPUT))
    late = GuardStage(GuardOptions(layer=Layer.PROMPT))
    assemble = AssembleStage(AssembleOptions())
    Pipeline("good", [guard, cache, assemble, late])
    orders: list[list[Stage]] = [[cache, guard], [assemble, cache], [late, cache]]
    for wrong in orders:
        with pytest.raises(PhaseOrderError, match="cannot come after"):
            Pipeline("wrong", wrong)
