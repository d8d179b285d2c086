"""A clock that stands still until a test moves it."""


class ManualClock:
    """A Clock. ``at`` is its wall time in seconds since the epoch; monotonic time starts at 0."""

    def __init__(self, at: float = 1_750_000_000.0) -> None:
        self._began = at
        self._passed = 0.0

    def monotonic(self) -> float:
        return self._passed

    def wall(self) -> float:
        return self._began + self._passed

    def advance(self, seconds: float) -> None:
        self._passed += seconds
