"""What an endpoint adds to its dialect: checks of what comes in, framing of what goes out."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import orjson

from gateway.core.dialect import Dialect
from gateway.core.errors import GatewayError
from gateway.core.findings import Decision
from gateway.core.reply import Frame
from gateway.core.segments import Json
from gateway.wire import sse
from gateway.wire.errors import ErrorReply, error_object, render
from gateway.wire.limits import RequestLimits

_NONE: Mapping[str, str] = {}


class Framing(Protocol):
    """How one stream is written down. It may count; a stream needs its own then."""

    def event(self, frame: Frame) -> bytes:
        """One document as a server-sent event."""
        ...

    def ending(self) -> bytes:
        """What comes after the last event."""
        ...

    def error(self, error: GatewayError, explain: Sequence[Decision] | None) -> bytes:
        """A failure in the middle of the stream."""
        ...


class WireDialect(Dialect, Protocol):
    """A dialect that also checks what comes over the wire and writes what goes out."""

    def validate(self, body: Json, limits: RequestLimits, size: int) -> None:
        """Check what the gateway itself relies on. ``size`` is the body's in bytes: no text in it
        can be longer. Raises BadRequest or RequestTooLarge."""
        ...

    def framing(self) -> Framing:
        """The framing of one stream."""
        ...

    def render(
        self, error: GatewayError, explain: Sequence[Decision] | None, request_id: str
    ) -> ErrorReply:
        """The HTTP answer for an error."""
        ...

    def headers(self, request_id: str) -> Mapping[str, str]:
        """Headers that clients of this endpoint look for, besides the gateway's own."""
        ...


class DoneFraming:
    """Bare documents, ended by ``[DONE]``: chat completions and completions."""

    def event(self, frame: Frame) -> bytes:
        return sse.event(frame.raw)

    def ending(self) -> bytes:
        return sse.DONE

    def error(self, error: GatewayError, explain: Sequence[Decision] | None) -> bytes:
        return sse.error_event(error_object(error, explain))


class NamedFraming:
    """Events that bear their document's ``type`` as their name, without a mark at the end."""

    def event(self, frame: Frame) -> bytes:
        kind = frame.document.get("type")
        return sse.named_event(kind if isinstance(kind, str) else "message", frame.raw)

    def ending(self) -> bytes:
        return b""

    def error(self, error: GatewayError, explain: Sequence[Decision] | None) -> bytes:
        return sse.named_event("error", orjson.dumps(self.error_document(error, explain)))

    def error_document(self, error: GatewayError, explain: Sequence[Decision] | None) -> Json:
        """The document of an error event."""
        return {"type": "error", **error_object(error, explain)}


class OpenAIWire:
    """The wire habits that all of OpenAI's endpoints share."""

    _framing = DoneFraming()

    def framing(self) -> Framing:
        return self._framing

    def render(
        self, error: GatewayError, explain: Sequence[Decision] | None, request_id: str
    ) -> ErrorReply:
        return render(error, explain)

    def headers(self, request_id: str) -> Mapping[str, str]:
        return _NONE
