"""The dialect of ``POST /v1/messages``, Anthropic's Messages API."""

from collections.abc import Mapping, Sequence

import orjson

from gateway.core.clock import Clock, SystemClock
from gateway.core.dialect import Bridge, Outline, Piece
from gateway.core.errors import GatewayError, UpstreamRejected
from gateway.core.findings import Decision
from gateway.core.ids import new_id
from gateway.core.reply import Usage
from gateway.core.segments import Json, Segment
from gateway.wire import messages_reply, messages_request
from gateway.wire.dialect import Framing, NamedFraming
from gateway.wire.errors import ErrorReply, error_object, render
from gateway.wire.limits import RequestLimits
from gateway.wire.messages_bridge import MessagesBridge, MessagesWriter

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}


class _Framing(NamedFraming):
    def error_document(self, error: GatewayError, explain: Sequence[Decision] | None) -> Json:
        return error_document(error, explain)


class MessagesDialect:
    """Implements ``gateway.core.dialect.Dialect`` for Anthropic's messages.

    The clock dates the answers that the gateway gives by itself.
    """

    name = "messages"
    upstream = "messages"
    field = "messages"
    speaks = True
    _framing = _Framing()

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.bridge: Bridge | None = MessagesBridge(self._new_id)

    def _new_id(self) -> str:
        return new_id("msg_", int(self._clock.wall() * 1000))

    def validate(self, body: Json, limits: RequestLimits, size: int) -> None:
        """Raises BadRequest or RequestTooLarge."""
        messages_request.validate(body, limits, size)

    def framing(self) -> Framing:
        return self._framing

    def render(
        self, error: GatewayError, explain: Sequence[Decision] | None, request_id: str
    ) -> ErrorReply:
        reply = render(error)
        document = {**error_document(error, explain, reply.status), "request_id": request_id}
        return ErrorReply(reply.status, reply.headers, orjson.dumps(document))

    def headers(self, request_id: str) -> Mapping[str, str]:
        return {"request-id": request_id}

    def segments(self, body: Json) -> list[Segment]:
        return messages_request.segments(body)

    def question(self, body: Json) -> str:
        return messages_request.question(body)

    def with_context(self, body: Json, instructions: str, context: str) -> Json:
        return messages_request.with_context(body, instructions, context)

    def choices(self, body: Json) -> int:
        return 1

    def answer(self, model: str, text: str, *, stream: bool, finish: str = "stop") -> list[Json]:
        writer = MessagesWriter(self._new_id(), model)
        events = [*writer.start(), *writer.say("content", text), *writer.end(finish, None)]
        return events if stream else [writer.whole()]

    def with_citations(self, document: Json, citations: Sequence[Json]) -> Json:
        return messages_reply.with_citations(document, citations)

    def citation_document(self, like: Json, citations: Sequence[Json]) -> Json | None:
        return None

    def pieces(self, document: Json) -> list[Piece]:
        return messages_reply.pieces(document)

    def lone(self, document: Json) -> Piece | None:
        return None

    def finishing(self, document: Json) -> list[int]:
        return messages_reply.finishing(document)

    def closing(self, document: Json) -> Sequence[tuple[int, str]]:
        return messages_reply.closing(document)

    def calls(self, document: Json) -> tuple[Json, Mapping[tuple[int, str], Json]]:
        return messages_reply.calls(document)

    def outline(self) -> Outline:
        return messages_reply.MessagesOutline()

    def usage(self, document: Json, known: Usage) -> Usage | None:
        return messages_reply.usage(document, known)

    def finish(self, document: Json) -> str | None:
        return messages_reply.finish(document)

    def carrier(self, like: Json, lane: tuple[int, str], text: str) -> Json:
        return messages_reply.carrier(lane, text)

    def halted(
        self, document: Json, choice: int, finish: str = "content_filter", text: str | None = None
    ) -> Json:
        return messages_reply.halted(document, finish, text)

    def plain(self, document: Json) -> Json:
        return document

    def without(self, document: Json, choice: int) -> Json | None:
        return None

    def bare(self, document: Json) -> bool:
        return messages_reply.bare(document)


def error_document(
    error: GatewayError, explain: Sequence[Decision] | None, status: int | None = None
) -> Json:
    """``{"type": "error", "error": {"type", "message"}}``. What OpenAI's object says besides
    (``param``, ``code``, ``innererror``) stays in it; Anthropic's clients ignore it."""
    inner = error_object(error, explain).get("error")
    inner = inner if isinstance(inner, dict) else {}
    if status is None:
        status = error.upstream_status if isinstance(error, UpstreamRejected) else error.status
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
    message = inner.get("message") or error.message
    return {"type": "error", "error": {**inner, "type": kind, "message": message}}
