"""Tool calls of a stream that are told of only once their arguments were judged.

A client may run a call as soon as it sees the end of it, with no arguments at all if none came. A
call that is blocked is therefore never opened.
"""

from collections import deque
from collections.abc import Iterable, Mapping

from gateway.core.segments import Json

LaneKey = tuple[int, str]


class HeldCalls:
    """What opens tool calls, in streams whose documents stand by themselves."""

    def __init__(self) -> None:
        self._opened: dict[LaneKey, list[Json]] = {}

    def hold(self, opened: Mapping[LaneKey, Json]) -> None:
        """Keep what opens calls, by lane. What a provider says again is kept once."""
        for key, document in opened.items():
            known = self._opened.setdefault(key, [])
            if not known or known[-1] != document:
                known.append(document)

    def take(self, key: LaneKey) -> list[Json]:
        """What opens the call of this lane, for the first time it is asked."""
        return self._opened.pop(key, [])

    def of(self, choices: Iterable[int]) -> list[LaneKey]:
        """The calls of these choices that are still held, in their order."""
        wanted = set(choices)
        return [key for key in self._opened if key[0] in wanted]


class EventQueue:
    """The typed events of a stream, in their order: what comes behind a call waits until the call
    was judged. The events of one call stay together."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[LaneKey | None, list[Json]]] = deque()
        self._calls: dict[LaneKey, list[Json]] = {}
        self._out: list[Json] = []  # what goes on with a call that is out
        self._unjudged: set[LaneKey] = set()

    def open(self, event: Json, key: LaneKey) -> None:
        """The event that opens the call of this lane."""
        self._calls[key] = [event]
        self._waiting.append((key, self._calls[key]))
        self._unjudged.add(key)

    def add(self, event: Json, key: LaneKey | None = None) -> None:
        """The next event; ``key`` is the lane of the call that it goes on with or ends."""
        known = None if key is None else self._calls.get(key)
        if known is not None:
            known.append(event)
        else:
            self._waiting.append((None, [event]))

    def judged(self, keys: Iterable[LaneKey] | None = None) -> None:
        """These calls may go out now; all of them without ``keys``."""
        self._unjudged -= self._unjudged if keys is None else set(keys)

    def ready(self) -> list[Json]:
        """The events that may go out: those before the first call that is still to be judged, and
        those that go on with a call that is out already."""
        found: list[Json] = []
        while self._waiting and self._waiting[0][0] not in self._unjudged:
            key, events = self._waiting.popleft()
            found += events
            if key is not None:
                self._calls[key] = self._out
        ready, self._out[:] = [*self._out, *found], ()
        return ready
