"""Exact counts of what is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount to count against one limit.

    ``key`` names the counter, such as ``key:abc:requests``. ``window`` is in seconds; 0 counts what
    is in use right now (concurrency) and is given back by ``settle``.
    """

    key: str
    amount: int
    limit: int
    window: float = 60.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one limit stands after a reservation. ``reset`` is seconds until it is full again,
    ``retry_after`` seconds until the refused amount would fit (0 when it was granted)."""

    charge: Charge
    remaining: int
    reset: float
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Reservation:
    """The result of ``reserve``: all charges granted, or none of them."""

    granted: bool
    standings: tuple[Standing, ...]

    @property
    def refused(self) -> Standing | None:
        """The standing that refused, the one that lasts longest."""
        refusing = [s for s in self.standings if s.retry_after > 0]
        return max(refusing, key=lambda s: s.retry_after) if refusing else None


class CounterStore(Protocol):
    """Counts that are exact for everybody who shares the store."""

    async def reserve(self, charges: Sequence[Charge]) -> Reservation:
        """Take all charges, or none of them, in one atomic step."""
        ...

    async def settle(self, charges: Sequence[Charge], actual: Sequence[int]) -> None:
        """Replace each reserved amount by what was used in the end (0 gives it all back)."""
        ...
