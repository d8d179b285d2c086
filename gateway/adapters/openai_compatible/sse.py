"""Reads server-sent events out of bytes that arrive in any pieces (WHATWG HTML, section 9.2)."""

_BOM = b"\xef\xbb\xbf"

MAX_EVENT = 16 * 1024 * 1024
"""Bytes one event may have before it is given up."""


class EventTooLarge(ValueError):
    """An event beyond ``MAX_EVENT``."""


class EventParser:
    """Turns the bytes of one stream into ``(event name, data)`` pairs.

    Knows CRLF, LF and CR line ends, comments, data over several lines, a leading byte order mark.
    Work is linear in the bytes, whatever pieces they come in. Lines other than ``data`` and
    ``event`` are left out, events without data too.
    """

    def __init__(self, max_event: int = MAX_EVENT) -> None:
        self._max = max_event
        self._partial: list[bytes] = []
        self._size = 0
        self._data: list[bytes] = []
        self._name = b""
        self._started = False
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[tuple[bytes, bytes]]:
        """The events that ``chunk`` completes, in order. Raises EventTooLarge."""
        if not self._started:
            chunk = self._begin(chunk)
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in chunk:
            self._hold(chunk)
            return []
        if self._partial:
            chunk = b"".join(self._partial) + chunk
            self._partial.clear()
        lines = chunk.split(b"\n")
        rest = lines.pop()
        events: list[tuple[bytes, bytes]] = []
        for line in lines:
            self._line(line, events)
        self._size = sum(map(len, self._data))
        self._hold(rest)
        return events

    def finish(self) -> list[tuple[bytes, bytes]]:
        """What is left when the stream has ended without its last empty line."""
        events: list[tuple[bytes, bytes]] = []
        if self._partial:
            self._line(b"".join(self._partial), events)
            self._partial.clear()
        self._line(b"", events)
        return events

    def _begin(self, chunk: bytes) -> bytes:
        chunk = b"".join(self._partial) + chunk
        self._partial.clear()
        self._size = 0
        if len(chunk) < len(_BOM) and _BOM.startswith(chunk):
            self._hold(chunk)
            return b""
        self._started = True
        return chunk.removeprefix(_BOM)

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._partial.append(piece)
            self._size += len(piece)
        if self._size > self._max:
            raise EventTooLarge(f"an event of more than {self._max} bytes")

    def _line(self, line: bytes, events: list[tuple[bytes, bytes]]) -> None:
        if not line:
            if self._data:
                events.append((self._name, b"\n".join(self._data)))
                self._data.clear()
            self._name = b""
            return
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" "))
        elif field == b"event":
            self._name = value.removeprefix(b" ")
