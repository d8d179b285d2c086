"""How long to wait before trying again."""

from collections.abc import Callable


def jittered(attempt: int, base: float, maximum: float, random: Callable[[], float]) -> float:
    """Seconds to wait after failed attempt number ``attempt`` (from 0): "full jitter".

    Uniform in 0..min(maximum, base * 2**attempt), after M. Brooker, "Exponential Backoff And
    Jitter", AWS Architecture Blog, 2015. ``random`` gives numbers in 0..1.
    """
    return random() * min(maximum, base * 2.0 ** min(attempt, 32))
