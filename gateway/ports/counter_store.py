"""Exact counts of what is used."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Charge(NamedTuple):
    """An amount to count against one limit.

    ``key`` names the counter, such as ``key:abc:requests``. ``window`` is in seconds: no stretch of
    time of that length ever sees more than ``limit``. 0 counts what is in use right now
    (concurrency) and is given back by ``settle``.
    """

    key: str
    amount: int
    limit: int
    window: float = 60.0


class Standing(NamedTuple):
    """Where one limit stands after a reservation. ``reset`` is seconds until it is full again,
    ``retry_after`` seconds until the refused amount would fit (0 when this limit did not refuse,
    infinity when the amount is greater than the limit)."""

    charge: Charge
    remaining: int
    reset: float
    retry_after: float = 0.0


class Reservation(NamedTuple):
    """The result of ``reserve``: all charges granted, or none of them.

    ``standings`` are in the order of the charges. ``at`` is the store's own time in seconds.
    """

    granted: bool
    standings: tuple[Standing, ...]
    at: float

    @property
    def refused(self) -> Standing | None:
        """The standing that refused, the one that lasts longest."""
        refusing = [s for s in self.standings if s.retry_after > 0]
        return max(refusing, key=lambda s: s.retry_after) if refusing else None


class CounterStore(Protocol):
    """Counts that are exact for everybody who shares the store."""

    async def reserve(self, charges: Sequence[Charge]) -> Reservation:
        """Take all charges, or none of them, in one atomic step. Their keys must be distinct."""
        ...

    async def settle(self, reservation: Reservation, actual: Sequence[int]) -> None:
        """Replace each amount of a granted reservation by what was used in the end, in the order
        of its charges (0 gives it all back). What was used beyond the reservation counts from now
        on, even where that goes past the limit. Called once per reservation."""
        ...
