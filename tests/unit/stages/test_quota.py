"""What a caller may use, and what the headers say about it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gateway.adapters.memory.counters import MemoryCounterStore
from gateway.core.errors import PermissionDenied, QuotaExhausted, RateLimited
from gateway.core.exchange import Exchange
from gateway.core.identity import Limits, Principal
from gateway.core.reply import Usage
from gateway.ports.counter_store import Charge, Reservation
from gateway.stages.quota import QuotaOptions, QuotaStage
from gateway.testing.clock import ManualClock
from gateway.testing.exchanges import make_exchange

TEN_TOKENS = "x" * 40


def exchange(text: str = "", caller: Principal | None = None) -> Exchange:
    """An exchange as it comes to the quota stage."""
    ex = make_exchange(text)
    ex.principal = caller
    return ex


class Desk:
    """A quota stage with its clock, and callers who come to it."""

    def __init__(self, reserve: int = 256) -> None:
        self.clock = ManualClock()
        self.stage = QuotaStage(
            QuotaOptions(completion_reserve=reserve),
            counters=MemoryCounterStore(self.clock),
            clock=self.clock,
        )

    async def let_in(
        self, key: Limits, tenant: Limits | None = None, key_id: str = "k", **body: Any
    ) -> Exchange:
        who = Principal(key_id, "acme", limits=key, tenant_limits=tenant or Limits())
        ex = exchange(TEN_TOKENS, caller=who)
        ex.body = ex.body | body
        self.last = ex
        await self.stage.run(ex)
        return ex


def of(headers: Mapping[str, str], kind: str) -> tuple[str, str, str]:
    limit, remaining, reset = (headers[f"x-ratelimit-{part}-{kind}"] for part in PARTS)
    return limit, remaining, reset


PARTS = ("limit", "remaining", "reset")


async def test_requests_beyond_the_limit_are_refused_with_the_time_to_wait() -> None:
    desk = Desk()
    for _ in range(2):
        await desk.let_in(Limits(requests_per_minute=2))
        desk.clock.advance(0.5)
    with pytest.raises(RateLimited, match="API key: 2 requests per minute") as caught:
        await desk.let_in(Limits(requests_per_minute=2))
    assert caught.value.headers == {"retry-after": "59", "retry-after-ms": "59000"}
    assert of(desk.last.reply_headers, "requests") == ("2", "0", "1m0s")
    desk.clock.advance(59)
    await desk.let_in(Limits(requests_per_minute=2))


async def test_every_answer_carries_openai_style_headers() -> None:
    ex = await Desk().let_in(
        Limits(requests_per_minute=60, tokens_per_minute=1000), max_completion_tokens=90
    )
    assert of(ex.reply_headers, "requests") == ("60", "59", "1m0s")
    assert of(ex.reply_headers, "tokens") == ("1000", "900", "1m0s")


@pytest.mark.parametrize(
    ("key", "tenant", "shown"),
    [(10, 5, ("5", "4", "1m0s")), (5, 10, ("5", "4", "1m0s")), (7, None, ("7", "6", "1m0s"))],
)
async def test_headers_show_the_tighter_of_key_and_tenant(
    key: int, tenant: int | None, shown: tuple[str, str, str]
) -> None:
    ex = await Desk().let_in(Limits(key), Limits(tenant))
    assert of(ex.reply_headers, "requests") == shown


async def test_a_tenant_limit_counts_all_its_keys() -> None:
    desk = Desk()
    await desk.let_in(Limits(), Limits(requests_per_minute=1), key_id="a")
    with pytest.raises(RateLimited, match="tenant: 1 requests per minute"):
        await desk.let_in(Limits(), Limits(requests_per_minute=1), key_id="b")


async def test_a_refused_request_is_not_counted_anywhere() -> None:
    desk = Desk()
    await desk.let_in(Limits(), Limits(requests_per_minute=1), key_id="a")
    for _ in range(3):
        with pytest.raises(RateLimited):
            await desk.let_in(Limits(5, concurrent_requests=1), Limits(1), key_id="b")
    ex = await desk.let_in(Limits(5, concurrent_requests=1), key_id="b")
    assert of(ex.reply_headers, "requests")[1] == "4"


@pytest.mark.parametrize(
    ("body", "key", "reserved"),
    [
        ({}, Limits(), 10 + 256),
        ({"max_tokens": 50}, Limits(), 10 + 50),
        ({"max_completion_tokens": 40, "max_tokens": 50}, Limits(), 10 + 40),
        ({"max_output_tokens": 30}, Limits(), 10 + 30),
        ({"max_tokens": 50, "n": 3}, Limits(), 10 + 150),
        ({"max_tokens": 500}, Limits(max_tokens=100), 10 + 100),
        ({}, Limits(max_tokens=100), 10 + 100),
        ({"max_tokens": True, "n": "3"}, Limits(), 10 + 256),
        ({"max_tokens": -5}, Limits(), 10),
    ],
)
async def test_tokens_are_reserved_before(body: dict[str, Any], key: Limits, reserved: int) -> None:
    ex = await Desk().let_in(key, Limits(tokens_per_minute=1000), **body)
    assert of(ex.reply_headers, "tokens")[1] == str(1000 - reserved)


@pytest.mark.parametrize(
    ("usage", "left"),
    [
        (Usage(12, 8, exact=True), 980),
        (Usage(10, 5), 985),
        (Usage(), 1000),
        (Usage(12, 1988, exact=True), 0),
    ],
)
async def test_tokens_are_settled_after(usage: Usage, left: int) -> None:
    desk = Desk(reserve=0)
    limits = Limits(tokens_per_minute=1000)
    ex = await desk.let_in(limits, max_tokens=500)
    ex.usage = usage
    await desk.stage.close(ex, None)
    if left == 0:
        with pytest.raises(RateLimited, match="tokens per minute"):
            await desk.let_in(limits, max_tokens=0)
    else:
        after = await desk.let_in(limits, max_tokens=0)
        assert of(after.reply_headers, "tokens")[1] == str(left - 10)


@pytest.mark.parametrize("error", [None, RuntimeError(), KeyboardInterrupt()])
async def test_a_place_is_given_back_on_every_path(error: BaseException | None) -> None:
    desk = Desk()
    limits = Limits(concurrent_requests=1)
    first = await desk.let_in(limits)
    with pytest.raises(RateLimited, match=r"1 concurrent requests.*when another") as caught:
        await desk.let_in(limits)
    assert caught.value.headers["retry-after"] == "1"
    await desk.stage.close(desk.last, caught.value)
    with pytest.raises(RateLimited):
        await desk.let_in(limits)
    await desk.stage.close(first, error)
    await desk.let_in(limits)


async def test_closing_twice_settles_once() -> None:
    desk = Desk()
    limits = Limits(concurrent_requests=2)
    first, _ = await desk.let_in(limits), await desk.let_in(limits)
    await desk.stage.close(first, None)
    await desk.stage.close(first, None)
    await desk.let_in(limits)
    with pytest.raises(RateLimited):
        await desk.let_in(limits)


async def test_a_request_that_can_never_fit_is_told_so() -> None:
    with pytest.raises(QuotaExhausted, match=r"needs 110 tokens.*waiting does not help"):
        await Desk().let_in(Limits(tokens_per_minute=100), max_tokens=100)
    with pytest.raises(QuotaExhausted, match="an operator sets the limit"):
        await Desk().let_in(Limits(requests_per_minute=0))


async def test_our_own_guess_never_makes_a_request_impossible() -> None:
    ex = await Desk(reserve=256).let_in(Limits(tokens_per_minute=100))
    assert of(ex.reply_headers, "tokens")[1] == "0"


async def test_without_limits_no_counter_is_touched() -> None:
    class Tripwire:
        async def reserve(self, charges: Sequence[Charge]) -> Reservation:
            raise AssertionError(charges)

        async def settle(self, reservation: Reservation, actual: Sequence[int]) -> None:
            raise AssertionError(reservation)

    stage = QuotaStage(QuotaOptions(), counters=Tripwire(), clock=ManualClock())
    ex = exchange(caller=Principal("k", "acme"))
    await stage.run(ex)
    await stage.close(ex, None)
    assert ex.reply_headers == {}


async def test_without_a_caller_nobody_is_let_in() -> None:
    stage = QuotaStage(
        QuotaOptions(), counters=MemoryCounterStore(ManualClock()), clock=ManualClock()
    )
    with pytest.raises(PermissionDenied):
        await stage.run(exchange())


@pytest.mark.parametrize(
    ("spent", "reset"),
    [(0.0, "1m0s"), (0.5, "1m0s"), (20.0, "40s"), (59.0, "1s"), (59.875, "125ms")],
)
async def test_reset_is_written_as_openai_does(spent: float, reset: str) -> None:
    desk = Desk()
    await desk.let_in(Limits(requests_per_minute=1))
    desk.clock.advance(spent)
    if spent:
        with pytest.raises(RateLimited):
            await desk.let_in(Limits(requests_per_minute=1))
    assert of(desk.last.reply_headers, "requests")[2] == reset
