from gateway.core.breaker import Breaker
from gateway.testing.clock import ManualClock


def opened(clock: ManualClock) -> Breaker:
    breaker = Breaker(3, 30.0, clock)
    for _ in range(3):
        assert breaker.admit()
        breaker.fail()
    return breaker


def test_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(3, 30.0, ManualClock())
    for _ in range(5):
        breaker.fail()
        breaker.fail()
        breaker.succeed()
    assert breaker.admit()
    for _ in range(3):
        breaker.fail()
    assert not breaker.admit()


def test_lets_one_probe_through_after_the_cooldown() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(29.9)
    assert not breaker.admit()
    assert round(breaker.wait, 3) == 0.1
    clock.advance(0.1)
    assert breaker.admit()
    assert not breaker.admit()


def test_a_good_probe_closes_it() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(30)
    assert breaker.admit()
    breaker.succeed()
    assert breaker.admit()
    assert breaker.admit()


def test_a_failed_probe_opens_it_for_another_cooldown() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(30)
    assert breaker.admit()
    breaker.fail()
    assert not breaker.admit()
    clock.advance(30)
    assert breaker.admit()


def test_an_abandoned_probe_makes_room_for_the_next() -> None:
    clock = ManualClock()
    breaker = opened(clock)
    clock.advance(30)
    assert breaker.admit()
    breaker.abandon()
    assert breaker.admit()
