"""A circuit breaker: keeps requests away from a target that keeps failing."""

from gateway.core.clock import Clock


class Breaker:
    """Counts consecutive failures of one target; shared by all exchanges of this process.

    Closed until ``failures`` in a row, then open for ``cooldown`` seconds, then half open: one
    exchange is let through as a probe, and its fate closes the breaker or opens it again
    (M. Nygard, "Release It!", 2007). Every admitted attempt must end in exactly one of ``succeed``,
    ``fail`` and ``abandon``.
    """

    __slots__ = ("_clock", "_count", "_opened", "_probing", "cooldown", "failures")

    def __init__(self, failures: int, cooldown: float, clock: Clock) -> None:
        self.failures = failures
        self.cooldown = cooldown
        self._clock = clock
        self._count = 0
        self._opened: float | None = None
        self._probing = False

    @property
    def open(self) -> bool:
        """Whether the last thing known is that the target fails."""
        return self._opened is not None

    @property
    def wait(self) -> float:
        """Seconds until a probe may be tried; 0 when nothing keeps an attempt away."""
        if self._opened is None:
            return 0.0
        return max(0.0, self._opened + self.cooldown - self._clock.monotonic())

    def admit(self) -> bool:
        """Whether an attempt may be made now. Takes the probe's place when half open."""
        if self._opened is None:
            return True
        if self._probing or self.wait > 0:
            return False
        self._probing = True
        return True

    def succeed(self) -> None:
        """The target answered."""
        self._count = 0
        self._opened = None
        self._probing = False

    def fail(self) -> None:
        """The target failed."""
        self._count += 1
        if self._probing or self._count >= self.failures:
            self._opened = self._clock.monotonic()
        self._probing = False

    def abandon(self) -> None:
        """The attempt ended without telling anything about the target."""
        self._probing = False
