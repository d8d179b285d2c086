"""A text on its way through the network: cut into pieces, put together again."""

from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.encoder.session import Outputs
from gateway.encoder.tokenizer import Tokens
from gateway.encoder.windows import padded
from gateway.ports.encoder import Encoding, Window

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One window of a text, tokens ``first`` to ``last``; ``place`` among the text's windows."""

    reading: "Reading"
    place: int
    first: int
    last: int

    @property
    def size(self) -> int:
        """Tokens, with the two marks at the ends."""
        return self.last - self.first + 2


class Reading:
    """One text that somebody waits for. ``future`` gives its encoding; it cannot be cancelled."""

    __slots__ = ("_left", "_made", "abandoned", "future", "next", "pieces", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.future: Future[Encoding] = Future()
        self.future.set_running_or_notify_cancel()
        self.abandoned = False
        """Nobody waits any more: what was not begun need not be done."""
        self.tokens: Tokens | None = None
        self.pieces: list[Piece] = []
        self.next = 0
        """The first piece that no run has taken yet."""
        self._made: list[Window | None] = []
        self._left = 0

    def cut(self, tokens: Tokens, windows: list[tuple[int, int]]) -> None:
        """Take the text's tokens and where its windows lie."""
        self.tokens = tokens
        self.pieces = [
            Piece(self, place, first, last) for place, (first, last) in enumerate(windows)
        ]
        self._made = [None] * len(windows)
        self._left = len(windows)

    def take(self, place: int, window: Window) -> bool:
        """A window is read; whether it was the last that was missing. One thread at a time."""
        self._made[place] = window
        self._left -= 1
        return not self._left

    def finish(self) -> None:
        """Give the encoding to whoever waits."""
        if not self.future.done():
            self.future.set_result(_whole([made for made in self._made if made is not None]))

    def fail(self, error: BaseException) -> None:
        """Tell whoever waits; once. What ends a thread must not end those who wait for it too."""
        self.abandoned = True
        if self.future.done():
            return
        if not isinstance(error, Exception):
            died = RuntimeError("the thread that read this text died")
            died.__cause__ = error
            error = died
        self.future.set_exception(error)


def stacked(pieces: list[Piece], marks: tuple[int, int]) -> tuple[Ids, Ids, Ids]:
    """Token ids, mask and shapes of a batch, [pieces, tokens], padded to the longest or, where that
    is quicker, a little more."""
    shape = (len(pieces), padded(max(piece.size for piece in pieces)))
    ids = np.zeros(shape, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    shapes = np.zeros(shape, dtype=np.int64)
    for row, piece in enumerate(pieces):
        tokens = piece.reading.tokens
        assert tokens is not None  # noqa: S101 - a piece is cut from tokens
        size = piece.size
        ids[row, 0], ids[row, size - 1] = marks
        ids[row, 1 : size - 1] = tokens.ids[piece.first : piece.last]
        shapes[row, 1 : size - 1] = tokens.shapes[piece.first : piece.last]
        mask[row, :size] = 1
    return ids, mask, shapes


def window_of(piece: Piece, row: int, outputs: Outputs) -> Window:
    """What the network said of one piece. Copied: a view would keep the whole batch alive."""
    tokens = piece.reading.tokens
    assert tokens is not None  # noqa: S101 - a piece is cut from tokens
    starts = tokens.starts[piece.first : piece.last].copy()
    ends = tokens.ends[piece.first : piece.last].copy()
    return Window(
        start=int(starts[0]) if piece.place else 0,
        end=int(ends[-1]) if piece.last < len(tokens) else len(piece.reading.text),
        embedding=outputs.embedding[row].copy(),
        logits=outputs.logits[row].copy(),
        token_starts=starts,
        token_ends=ends,
        tags=outputs.tags[row, 1 : piece.size - 1].copy(),
    )


def _whole(windows: list[Window]) -> Encoding:
    if len(windows) == 1:
        return Encoding(tuple(windows), windows[0].embedding)
    mean = np.mean([window.embedding for window in windows], axis=0)
    return Encoding(tuple(windows), (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype("f4"))
