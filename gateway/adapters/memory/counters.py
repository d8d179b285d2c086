"""Counts in this process: exact for one worker."""

import math
from collections import OrderedDict
from collections.abc import Sequence

from gateway.core.clock import Clock
from gateway.ports.counter_store import Charge, Reservation, Standing

_SLOTS = 600
"""Parts of a window that are remembered at most, which bounds the memory of a busy counter."""
_BUSY_RETRY = 1.0
"""Seconds to wait for a free place: nobody can know when a running request ends."""


class MemoryCounterStore:
    """A CounterStore with a sliding log per counter.

    Of any stretch of time as long as the window, however placed, no more than the limit is
    granted. Amounts taken within 1/600 of a window share an entry that lasts as long as the newest
    of them, so under load an amount may come back up to 0.1 s (of a minute) late, never early.
    The methods never suspend, which makes them atomic on one event loop.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._logs: dict[str, _Log] = {}
        self._in_use: dict[str, int] = {}

    async def reserve(self, charges: Sequence[Charge]) -> Reservation:
        now = self._clock.monotonic()
        waits = [self._wait(charge, now) for charge in charges]
        granted = not any(waits)
        standings = []
        for charge, wait in zip(charges, waits, strict=True):
            if granted:
                self._take(charge, now)
            standings.append(self._standing(charge, wait, now))
        return Reservation(granted, tuple(standings), now)

    async def settle(self, reservation: Reservation, actual: Sequence[int]) -> None:
        now = self._clock.monotonic()
        for standing, used in zip(reservation.standings, actual, strict=True):
            charge = standing.charge
            more = used - charge.amount
            if charge.window <= 0:
                self._hold(charge.key, more)
            elif more and (log := self._logs.get(charge.key)):
                if more > 0:
                    log.add(more, now)
                else:
                    log.give_back(-more, reservation.at)

    def _wait(self, charge: Charge, now: float) -> float:
        if charge.amount > charge.limit:
            return math.inf
        if charge.window <= 0:
            free = charge.limit - self._in_use.get(charge.key, 0)
            return 0.0 if charge.amount <= free else _BUSY_RETRY
        log = self._logs.get(charge.key)
        if log is None:
            log = self._logs[charge.key] = _Log(charge.window)
        log.forget(now)
        missing = log.total + charge.amount - charge.limit
        return log.until_free(missing, now) if missing > 0 else 0.0

    def _take(self, charge: Charge, now: float) -> None:
        if charge.window <= 0:
            self._hold(charge.key, charge.amount)
        elif charge.amount:
            self._logs[charge.key].add(charge.amount, now)

    def _hold(self, key: str, more: int) -> None:
        left = self._in_use.get(key, 0) + more
        if left > 0:
            self._in_use[key] = left
        else:
            self._in_use.pop(key, None)

    def _standing(self, charge: Charge, wait: float, now: float) -> Standing:
        if charge.window <= 0:
            used, reset = self._in_use.get(charge.key, 0), 0.0
        else:
            log = self._logs.get(charge.key)
            used, reset = (log.total, log.until_empty(now)) if log else (0, 0.0)
        return Standing(charge, max(0, charge.limit - used), reset, wait)


class _Log:
    """What one counter granted within the last window: slot number -> [last time, amount]."""

    __slots__ = ("_entries", "_slot", "_window", "total")

    def __init__(self, window: float) -> None:
        self._window = window
        self._slot = window / _SLOTS
        self._entries: OrderedDict[int, tuple[float, int]] = OrderedDict()
        self.total = 0

    def forget(self, now: float) -> None:
        """Drop what is older than the window."""
        entries = self._entries
        while entries:
            slot = next(iter(entries))
            at, amount = entries[slot]
            if at + self._window > now:
                return
            del entries[slot]
            self.total -= amount

    def add(self, amount: int, now: float) -> None:
        slot = int(now / self._slot)
        before = self._entries.get(slot)
        self._entries[slot] = (now, amount + before[1]) if before else (now, amount)
        self.total += amount

    def give_back(self, amount: int, at: float) -> None:
        """Undo part of what was added at ``at``; nothing when that is forgotten already."""
        slot = int(at / self._slot)
        entry = self._entries.get(slot)
        if entry is None:
            return
        amount = min(amount, entry[1])
        self.total -= amount
        if amount == entry[1]:
            del self._entries[slot]
        else:
            self._entries[slot] = (entry[0], entry[1] - amount)

    def until_free(self, amount: int, now: float) -> float:
        """Seconds until ``amount`` will have been forgotten."""
        for at, held in self._entries.values():
            amount -= held
            if amount <= 0:
                return max(at + self._window - now, 0.001)
        return self._window

    def until_empty(self, now: float) -> float:
        """Seconds until everything will have been forgotten."""
        if not self._entries:
            return 0.0
        last = next(reversed(self._entries.values()))
        return max(0.0, last[0] + self._window - now)
