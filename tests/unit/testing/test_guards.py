import asyncio

import pytest

from gateway.core.segments import Origin, Segment
from gateway.testing.exchanges import make_exchange
from gateway.testing.guards import (
    FailingGuard,
    FailingOptions,
    SlowGuard,
    SlowOptions,
    WordGuard,
    WordOptions,
    guard_registry,
)

SEGMENTS = [Segment("a secret and a secret", Origin.USER), Segment("none", Origin.USER)]


async def test_the_word_guard_finds_every_occurrence() -> None:
    found = await WordGuard(WordOptions()).check(SEGMENTS, make_exchange())
    assert [(f.segment, f.start, f.end) for f in found] == [(0, 2, 8), (0, 15, 21)]


async def test_the_failing_guard_fails() -> None:
    with pytest.raises(RuntimeError, match="out of order"):
        await FailingGuard(FailingOptions()).check(SEGMENTS, make_exchange())


async def test_the_slow_guard_is_late() -> None:
    guard = SlowGuard(SlowOptions())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await guard.check(SEGMENTS, make_exchange())
    assert await SlowGuard(SlowOptions(seconds=0)).check(SEGMENTS, make_exchange()) == []


def test_the_registry_has_them_all() -> None:
    assert [entry.name for entry in guard_registry()] == ["failing", "slow", "word"]
