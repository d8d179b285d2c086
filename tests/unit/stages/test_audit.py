"""One record per exchange, on every path, without the texts."""

import asyncio
import logging
from collections.abc import Sequence

import orjson
import pytest

from gateway.adapters.memory.audit import MemoryAuditStore
from gateway.core.errors import (
    ClientGone,
    ContentFiltered,
    InvalidApiKey,
    RateLimited,
    UpstreamRejected,
    UpstreamTimeout,
)
from gateway.core.exchange import Exchange, Outcome, Status, Target
from gateway.core.findings import Decision, Finding, Mode, Then
from gateway.core.identity import Principal
from gateway.core.knowledge import Access, Chunk
from gateway.core.pipeline import Pipeline
from gateway.core.reply import Reply, Usage, frames_of
from gateway.core.segments import Json
from gateway.core.stage import Phase
from gateway.stages.audit import AuditOptions, AuditStage
from gateway.testing.clock import ManualClock
from gateway.testing.exchanges import make_exchange

SECRET = "4111 1111 1111 1111"


def exchange(text: str = "Hello") -> Exchange:
    """An exchange of nobody yet, received at the beginning of the clock."""
    ex = make_exchange(text)
    ex.principal, ex.at = None, 1_750_000_000.0
    return ex


async def recorded(ex: Exchange, error: BaseException | None = None) -> Json:
    store, clock = MemoryAuditStore(), ManualClock()
    clock.advance(0.25)
    stage = AuditStage(AuditOptions(), audit_store=store, clock=clock)
    await stage.run(ex)
    await stage.close(ex, error)
    (record,) = await store.tail(9)
    return orjson.loads(orjson.dumps(record))  # type: ignore[no-any-return]


def blocked(mode: Mode = Mode.ENFORCE) -> Decision:
    finding = Finding("CREDIT_CARD", 0.99991, 0, 3, 22, "luhn")
    return Decision(
        "input", "cards", "pii", Then.BLOCK, mode, (finding,), pointers=("/messages/0/content",)
    )


async def test_a_served_exchange_is_told_in_full() -> None:
    ex = exchange()
    ex.principal = Principal("key1", "acme")
    ex.route, ex.target, ex.cache, ex.finish = "knowledge", Target("openai", "gpt"), "miss", "stop"
    ex.attempts.append("openai/gpt: ok")
    ex.usage = Usage(7, 5, exact=True)
    ex.reply = Reply(frames_of([]), "openai/gpt")
    ex.chunks = [Chunk("c1", "d1", "v1", "T", None, None, SECRET, Access(public=True))]
    ex.outcomes += [Outcome("auth", ms=0.12345), Outcome("cache", Status.SKIPPED, detail="off")]
    assert await recorded(ex) == {
        "id": "dec_req_test",
        "request_id": "req_test",
        "time": "2025-06-15T15:06:40.000Z",
        "tenant": "acme",
        "key_id": "key1",
        "endpoint": "chat/completions",
        "model": "assistant",
        "pipeline": "test",
        "policy": "none",
        "policy_hash": "0" * 64,
        "route": "knowledge",
        "target": "openai/gpt",
        "attempts": ["openai/gpt: ok"],
        "source": "openai/gpt",
        "stream": False,
        "verdict": "passed",
        "status": 200,
        "error": None,
        "stages": [
            {"stage": "auth", "status": "passed", "ms": 0.123},
            {"stage": "cache", "status": "skipped", "ms": 0.0, "detail": "off"},
        ],
        "decisions": [],
        "usage": {"prompt": 7, "completion": 5, "exact": True},
        "finish": "stop",
        "documents": [{"id": "d1", "version": "v1", "chunk": "c1"}],
        "cache": "miss",
        "duration_ms": 250.0,
    }


async def test_findings_are_told_by_place_and_never_by_text() -> None:
    ex = exchange(f"my {SECRET}")
    ex.decisions.append(blocked())
    record = await recorded(ex, ContentFiltered("no"))
    assert record["decisions"] == [
        {
            "layer": "input",
            "rule": "cards",
            "guard": "pii",
            "then": "block",
            "mode": "enforce",
            "acted": True,
            "error": None,
            "error_allowed": False,
            "findings": [
                {
                    "category": "CREDIT_CARD",
                    "score": 0.9999,
                    "pointer": "/messages/0/content",
                    "start": 3,
                    "end": 22,
                    "reason": "luhn",
                }
            ],
        }
    ]
    assert SECRET not in orjson.dumps(record).decode()


@pytest.mark.parametrize(
    ("error", "verdict", "status"),
    [
        (None, "passed", 200),
        (ContentFiltered("x"), "blocked", 400),
        (InvalidApiKey("x"), "refused", 401),
        (RateLimited("x"), "refused", 429),
        (UpstreamRejected(422, {}, "x"), "refused", 422),
        (UpstreamTimeout("x", retryable=True), "failed", 504),
        (RuntimeError("x"), "failed", 500),
        (asyncio.CancelledError(), "cancelled", 499),
        (ClientGone(), "cancelled", 499),
    ],
)
async def test_how_an_exchange_ended(
    error: BaseException | None, verdict: str, status: int
) -> None:
    record = await recorded(exchange(), error)
    assert (record["verdict"], record["status"]) == (verdict, status)


async def test_a_block_stays_a_block_when_the_client_then_leaves() -> None:
    ex = exchange()
    ex.decisions.append(blocked())
    assert (await recorded(ex, ClientGone()))["verdict"] == "blocked"


async def test_a_shadow_rule_is_told_and_changes_nothing() -> None:
    ex = exchange()
    ex.decisions.append(blocked(Mode.SHADOW))
    record = await recorded(ex)
    assert record["verdict"] == "flagged"
    assert record["decisions"][0]["acted"] is False


async def test_an_error_is_told_by_kind_and_cause_never_by_message() -> None:
    wrapped = UpstreamTimeout("x", retryable=True)
    wrapped.__cause__ = TimeoutError(SECRET)
    cases: Sequence[tuple[BaseException, Json]] = [
        (
            RateLimited(SECRET, cause="key limit"),
            {"code": "rate_limit_exceeded", "class": "RateLimited", "cause": "key limit"},
        ),
        (
            wrapped,
            {"code": "upstream_timeout", "class": "UpstreamTimeout", "cause": "TimeoutError"},
        ),
        (ValueError(SECRET), {"code": None, "class": "ValueError", "cause": None}),
    ]
    for error, told in cases:
        assert (await recorded(exchange(), error))["error"] == told


async def test_an_unknown_caller_and_model_are_recorded_too() -> None:
    ex = exchange()
    ex.binding, ex.model = None, "m" * 10_000
    record = await recorded(ex, InvalidApiKey("x"))
    assert record["tenant"] is None
    assert record["policy"] is None
    assert len(record["model"]) == 256


async def test_a_store_that_fails_is_shouted_about_with_the_record(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Full(MemoryAuditStore):
        def append(self, record: Json) -> None:
            raise OSError(28, "No space left on device")

    stage = AuditStage(AuditOptions(), audit_store=Full(), clock=ManualClock())
    await stage.close(exchange(), None)
    (entry,) = caplog.records
    assert entry.levelno == logging.CRITICAL
    assert '"id":"dec_req_test"' in entry.getMessage()


async def test_a_refusal_by_a_later_stage_is_in_the_record() -> None:
    class Refuses:
        name = "refuses"
        phase = Phase.REQUEST

        async def run(self, ex: Exchange) -> None:
            raise RateLimited("x")

        async def close(self, ex: Exchange, error: BaseException | None) -> None:
            """Nothing to undo."""

    store = MemoryAuditStore()
    audit = AuditStage(AuditOptions(), audit_store=store, clock=ManualClock())
    pipeline, ex = Pipeline("p", [audit, Refuses()]), exchange()
    with pytest.raises(RateLimited) as caught:
        await pipeline.run(ex)
    await pipeline.close(ex, caught.value)
    (record,) = await store.tail(9)
    assert record["verdict"] == "refused"
    assert [(s["stage"], s["status"]) for s in record["stages"]] == [
        ("audit", "passed"),
        ("refuses", "refused"),
    ]
