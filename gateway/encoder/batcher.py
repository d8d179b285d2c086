"""Threads that read waiting texts together, off the event loop."""

import logging
import threading
from collections.abc import Callable, Sequence

from gateway.core.errors import Overloaded
from gateway.encoder.reading import Ids, Piece, Reading, stacked, window_of
from gateway.encoder.session import Outputs
from gateway.encoder.tokenizer import TextTokenizer
from gateway.encoder.waiting import Waiting
from gateway.encoder.windows import windows_of

log = logging.getLogger(__name__)

Run = Callable[[Ids, Ids, Ids], Outputs]
"""The network: token ids, mask and shapes, all [batch, tokens]."""

BUDGET = 512
"""Tokens of one run, padding included. Short texts gain by sharing a run, long ones fill a core by
themselves, and the next text in line waits for the run to end."""
MAX_CHARACTERS = 8_000_000
"""Characters that may wait."""
_CUT_AT_ONCE = 50_000
"""Characters that are split into tokens between two runs, some milliseconds of work."""


class Batcher:
    """Reads texts on ``threads`` threads. Whoever is free takes what waits: a lone text is read at
    once, and when many wait they share a run. Safe to use from several threads.
    """

    def __init__(
        self,
        run: Run,
        tokenizer: TextTokenizer,
        *,
        window: int,
        overlap: int,
        threads: int = 1,
        max_characters: int = MAX_CHARACTERS,
    ) -> None:
        """``window``: tokens of a window with the marks at its ends."""
        self._run = run
        self._tokenizer = tokenizer
        self._marks = (tokenizer.first, tokenizer.last)
        self._size = window - len(self._marks)
        self._overlap = overlap
        self._max_characters = max_characters
        self._waiting = Waiting(BUDGET)
        self._changed = threading.Condition()
        self._closing = False
        self._alive = threads
        self._threads = [
            threading.Thread(target=self._work, name=f"encoder-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def healthy(self) -> bool:
        """Whether texts are still read."""
        return self._alive > 0 and not self._closing

    def submit(self, text: str) -> Reading:
        """A place in line for ``text``. Raises Overloaded when too much waits already, RuntimeError
        when no one reads any more."""
        reading = Reading(text)
        with self._changed:
            if not self.healthy:
                raise RuntimeError("the encoder is closed" if self._closing else "no thread left")
            waiting = self._waiting.characters
            if waiting and waiting + len(text) > self._max_characters:
                raise Overloaded(
                    "The gateway is busy. Try again in a moment.",
                    headers={"retry-after": "1"},
                    cause=f"{waiting} characters wait for the encoder",
                )
            self._waiting.add(reading)
            self._changed.notify()
        return reading

    def close(self, timeout: float = 10.0) -> None:
        """Read what waits, then end the threads. What is not read within ``timeout`` seconds
        fails."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout)
        self._give_up(RuntimeError("the encoder is closed"))

    def _work(self) -> None:
        reason: BaseException = RuntimeError("the encoder is closed")
        try:
            while self._turn():
                pass
        except BaseException as error:
            log.exception("a thread of the encoder died")
            reason = error
        finally:
            with self._changed:
                self._alive -= 1
                last = not self._alive
            if last:
                self._give_up(reason)

    def _turn(self) -> bool:
        """Cut some texts, make one run. False when there is nothing left and never will be."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            if not self._waiting:
                return False
            uncut = self._waiting.uncut(_CUT_AT_ONCE)
        self._cut(uncut)
        with self._changed:
            self._waiting.enter(uncut)
            pieces = self._waiting.batch()
            if self._waiting:
                self._changed.notify()
        if pieces:
            self._read(pieces)
        return True

    def _cut(self, readings: Sequence[Reading]) -> None:
        for place, reading in enumerate(readings):
            try:
                tokens = self._tokenizer.read(reading.text)
                windows = list(windows_of(reading.text, tokens, self._size, self._overlap))
                reading.cut(tokens, windows)
            except Exception as error:  # noqa: BLE001 - whoever waits for this text is told
                reading.fail(error)
            except BaseException as error:
                for left in readings[place:]:
                    left.fail(error)
                raise

    def _read(self, pieces: list[Piece]) -> None:
        try:
            outputs = self._run(*stacked(pieces, self._marks))
            windows = [window_of(piece, row, outputs) for row, piece in enumerate(pieces)]
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            if len({id(piece.reading) for piece in pieces}) > 1:
                for piece in pieces:  # one of them may be at fault; the others need not suffer
                    self._read([piece])
            else:
                pieces[0].reading.fail(error)
            return
        except BaseException as error:
            for piece in pieces:
                piece.reading.fail(error)
            raise
        with self._changed:
            done = [
                piece.reading
                for piece, window in zip(pieces, windows, strict=True)
                if piece.reading.take(piece.place, window)
            ]
        for reading in done:
            reading.finish()

    def _give_up(self, error: BaseException) -> None:
        with self._changed:
            left = self._waiting.clear()
        for reading in left:
            reading.fail(error)
