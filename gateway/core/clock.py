"""The clock, passed by constructor so that tests can move it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds and milliseconds, from one place."""

    def monotonic(self) -> float:
        """Seconds since some fixed point; never goes back."""
        ...

    def wall(self) -> float:
        """Seconds since the Unix epoch, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    monotonic = staticmethod(time.monotonic)
    wall = staticmethod(time.time)  # noqa: TID251 - the one place that reads it
