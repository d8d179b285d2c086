"""What every CounterStore must do."""

import asyncio
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.memory.counters import MemoryCounterStore
from gateway.core.clock import Clock
from gateway.ports.counter_store import Charge, CounterStore
from gateway.testing.clock import ManualClock

Make = Callable[[Clock], CounterStore]
every_store = pytest.mark.parametrize("make", [MemoryCounterStore], ids=["memory"])


def requests(limit: int, amount: int = 1, key: str = "key:a:requests") -> Charge:
    return Charge(key, amount, limit, 60.0)


def places(limit: int, key: str = "key:a:concurrent") -> Charge:
    return Charge(key, 1, limit, 0.0)


@every_store
async def test_the_limit_is_granted_and_not_one_more(make: Make) -> None:
    store = make(ManualClock())
    granted = [(await store.reserve([requests(3)])).granted for _ in range(5)]
    assert granted == [True, True, True, False, False]


@every_store
async def test_a_refusal_says_exactly_when_it_would_fit(make: Make) -> None:
    clock = ManualClock()
    store = make(clock)
    await store.reserve([requests(2)])
    clock.advance(10)
    await store.reserve([requests(2)])
    refused = (await store.reserve([requests(2)])).refused
    assert refused is not None
    assert refused.retry_after == pytest.approx(50.0)
    assert refused.reset == pytest.approx(60.0)
    clock.advance(refused.retry_after - 0.01)
    assert not (await store.reserve([requests(2)])).granted
    clock.advance(0.01 + 1e-6)
    assert (await store.reserve([requests(2)])).granted


@every_store
async def test_remaining_counts_down(make: Make) -> None:
    store = make(ManualClock())
    left = [(await store.reserve([requests(3)])).standings[0].remaining for _ in range(4)]
    assert left == [2, 1, 0, 0]


@every_store
async def test_all_charges_are_taken_or_none(make: Make) -> None:
    store = make(ManualClock())
    narrow = requests(1, key="tenant:t:requests")
    await store.reserve([narrow])
    refused = await store.reserve([requests(5), narrow, places(1)])
    assert not refused.granted
    assert refused.refused is not None
    assert refused.refused.charge == narrow
    granted = await store.reserve([requests(5), places(1)])
    assert granted.granted
    assert granted.standings[0].remaining == 4


@every_store
async def test_an_amount_beyond_the_limit_never_fits(make: Make) -> None:
    refused = (await make(ManualClock()).reserve([requests(5, 6)])).refused
    assert refused is not None
    assert math.isinf(refused.retry_after)


@every_store
async def test_settling_gives_back_what_was_not_used(make: Make) -> None:
    store = make(ManualClock())
    reservation = await store.reserve([requests(100, 90)])
    await store.settle(reservation, [10])
    assert (await store.reserve([requests(100, 90)])).granted


@every_store
async def test_settling_beyond_the_limit_counts(make: Make) -> None:
    clock = ManualClock()
    store = make(clock)
    reservation = await store.reserve([requests(100, 50)])
    clock.advance(30)
    await store.settle(reservation, [170])
    clock.advance(31)  # the reservation is past, the 120 beyond it are not
    refused = await store.reserve([requests(100, 1)])
    assert not refused.granted
    assert refused.standings[0].remaining == 0
    clock.advance(30)
    assert (await store.reserve([requests(100, 100)])).granted


@every_store
async def test_a_late_settlement_takes_nothing_from_others(make: Make) -> None:
    clock = ManualClock()
    store = make(clock)
    old = await store.reserve([requests(100, 90)])
    clock.advance(61)
    await store.reserve([requests(100, 90)])
    await store.settle(old, [0])
    assert not (await store.reserve([requests(100, 11)])).granted


@every_store
async def test_places_are_free_again_once_settled(make: Make) -> None:
    clock = ManualClock()
    store = make(clock)
    held = await store.reserve([places(1)])
    clock.advance(3600)
    refused = (await store.reserve([places(1)])).refused
    assert refused is not None
    assert 0 < refused.retry_after < 60
    await store.settle(held, [0])
    assert (await store.reserve([places(1)])).granted


@every_store
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.01, 0.05, 0.11, 1.0, 7.3, 29.9, 60.0]), st.integers(1, 12)
        ),
        max_size=60,
    ),
    st.integers(1, 30),
)
def test_no_minute_ever_sees_more_than_the_limit(
    make: Make, steps: list[tuple[float, int]], limit: int
) -> None:
    async def run() -> list[tuple[float, int]]:
        clock = ManualClock()
        store = make(clock)
        granted = []
        for wait, amount in steps:
            clock.advance(wait)
            if (await store.reserve([requests(limit, amount)])).granted:
                granted.append((clock.monotonic(), amount))
        return granted

    granted = asyncio.run(run())
    for end, _ in granted:
        assert sum(n for at, n in granted if end - 60 + 1e-9 < at <= end) <= limit


@every_store
@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 9), st.integers(0, 9)), max_size=40))
def test_what_fits_by_the_books_is_granted_within_a_slot(
    make: Make, steps: list[tuple[float, int, int]]
) -> None:
    """Settled amounts are the books; the store may lag behind them by 1/600 of the window."""

    async def run() -> None:
        clock = ManualClock()
        store = make(clock)
        booked: list[tuple[float, int]] = []
        for wait, amount, used in steps:
            clock.advance(wait)
            now = clock.monotonic()
            reservation = await store.reserve([requests(10, amount)])
            recent = sum(n for at, n in booked if at > now - 60.2)
            if recent + amount <= 10:
                assert reservation.granted
            if reservation.granted:
                await store.settle(reservation, [min(used, amount)])
                booked.append((now, min(used, amount)))

    asyncio.run(run())
