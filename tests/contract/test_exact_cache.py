"""What every ExactCache must do."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.memory.exact_cache import MemoryExactCache
from gateway.ports.exact_cache import ExactCache
from gateway.testing.clock import ManualClock

Make = Callable[[ManualClock], ExactCache]
every_cache = pytest.mark.parametrize("make", [MemoryExactCache], ids=["memory"])


@every_cache
async def test_what_was_put_last_comes_back(make: Make) -> None:
    cache = make(ManualClock())
    assert await cache.get("a") is None
    await cache.put("a", b"\x00one", 60)
    await cache.put("b", b"other", 60)
    await cache.put("a", b"two", 60)
    assert await cache.get("a") == b"two"
    assert await cache.get("b") == b"other"
    await cache.aclose()


@every_cache
async def test_nothing_is_older_than_it_may_be(make: Make) -> None:
    clock = ManualClock()
    cache = make(clock)
    await cache.put("short", b"1", 10)
    await cache.put("long", b"2", 20)
    clock.advance(9.9)
    assert await cache.get("short") == b"1"
    clock.advance(0.1)
    assert await cache.get("short") is None
    assert await cache.get("long") == b"2"
    await cache.put("long", b"3", 5)  # the new age counts, not the longer of the two
    clock.advance(5)
    assert await cache.get("long") is None


async def test_the_memory_of_a_process_holds_what_was_used_last() -> None:
    cache = MemoryExactCache(ManualClock(), limit=3 * (512 + 1 + 100))
    for key in "abc":
        await cache.put(key, bytes(100), 60)
    await cache.get("a")
    await cache.put("d", bytes(100), 60)
    held = [key for key in "abcd" if await cache.get(key) is not None]
    assert held == ["a", "c", "d"]
    await cache.put("e", bytes(10_000), 60)  # larger than all of it
    assert [key for key in "acde" if await cache.get(key) is not None] == ["a", "c", "d"]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 400), st.integers(0, 3))))
async def test_the_memory_of_a_process_never_grows_past_its_limit(
    puts: list[tuple[str, int, int]],
) -> None:
    clock = ManualClock()
    cache = MemoryExactCache(clock, limit=2_000)
    for key, size, wait in puts:
        clock.advance(wait)
        await cache.put(key, bytes(size), 5)
        await cache.get("a")
        held = {key: value for key in "abcdef" if (value := cache._kept.get(key))}
        assert sum(len(k) + len(v) + 512 for k, (v, _) in held.items()) <= 2_000
        assert cache._size == sum(len(k) + len(v) + 512 for k, (v, _) in held.items())
