from gateway.core.backoff import jittered


def test_waits_double_up_to_the_maximum() -> None:
    waits = [jittered(attempt, 0.25, 1.5, lambda: 1.0) for attempt in range(5)]
    assert waits == [0.25, 0.5, 1.0, 1.5, 1.5]


def test_the_wait_is_a_random_share() -> None:
    assert jittered(2, 1.0, 100.0, lambda: 0.25) == 1.0
    assert jittered(10_000, 1.0, 8.0, lambda: 0.5) == 4.0
