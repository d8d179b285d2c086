"""The texts that wait for the network, and which of them the next run takes."""

from collections import deque
from collections.abc import Iterator

from gateway.encoder.reading import Piece, Reading

_LIKE = 0.8
"""A piece joins a run when it is at least this share of the run's longest: what is missing is
padding, which costs as much as text."""


class Waiting:
    """A queue in which texts take turns, so that a long one does not hold up the short ones behind
    it. Not safe for threads by itself."""

    def __init__(self, budget: int) -> None:
        """``budget`` is what one run may take, in tokens with their padding."""
        self._budget = budget
        self._uncut: deque[Reading] = deque()
        self._cut: deque[Reading] = deque()
        self.characters = 0
        """Of the texts of which something is still to be read."""

    def __len__(self) -> int:
        return len(self._uncut) + len(self._cut)

    def add(self, reading: Reading) -> None:
        """A text that nobody looked at yet."""
        self._uncut.append(reading)
        self.characters += len(reading.text)

    def uncut(self, characters: int) -> list[Reading]:
        """The texts to cut now, about this many characters of them and one at least."""
        taken: list[Reading] = []
        while self._uncut and characters > 0:
            reading = self._uncut.popleft()
            if reading.abandoned:
                self.characters -= len(reading.text)
                continue
            characters -= len(reading.text)
            taken.append(reading)
        return taken

    def enter(self, readings: list[Reading]) -> None:
        """Texts that were taken and are cut now, or failed."""
        for reading in readings:
            if reading.abandoned:
                self.characters -= len(reading.text)
            else:
                self._cut.append(reading)

    def batch(self) -> list[Piece]:
        """The pieces of the next run: the one that is first in line, and others of about its
        length, none of them longer, as the budget allows. Empty when nothing waits."""
        self._keep([each for each in self._cut if not each.abandoned])
        if not self._cut:
            return []
        size = self._cut[0].pieces[self._cut[0].next].size
        room = max(1, self._budget // size)
        least = int(size * _LIKE)
        taken: list[Piece] = []
        for reading in self._cut:
            taken += _fitting(reading, least, size, room - len(taken))
            if len(taken) >= room:
                break
        self._cut.rotate(-1)
        self._keep([each for each in self._cut if each.next < len(each.pieces)])
        return taken

    def _keep(self, readings: list[Reading]) -> None:
        if len(readings) < len(self._cut):
            self._cut = deque(readings)
            self.characters = sum(len(each.text) for each in (*self._uncut, *readings))

    def clear(self) -> list[Reading]:
        """Everything that waits, which then waits no more."""
        left = [*self._uncut, *self._cut]
        self._uncut.clear()
        self._cut.clear()
        self.characters = 0
        return left


def _fitting(reading: Reading, least: int, most: int, room: int) -> Iterator[Piece]:
    while room > 0 and reading.next < len(reading.pieces):
        piece = reading.pieces[reading.next]
        if not least <= piece.size <= most:
            return
        reading.next += 1
        room -= 1
        yield piece
