"""The dialect of ``POST /v1/responses``."""

from collections.abc import Mapping, Sequence

import orjson

from gateway.core.clock import Clock, SystemClock
from gateway.core.dialect import Bridge, Outline, Piece
from gateway.core.errors import GatewayError
from gateway.core.findings import Decision
from gateway.core.ids import new_id
from gateway.core.reply import Frame, Usage
from gateway.core.segments import Json, Segment
from gateway.wire import responses_reply, responses_request, sse
from gateway.wire.dialect import Framing, NamedFraming, OpenAIWire
from gateway.wire.errors import error_object
from gateway.wire.limits import RequestLimits
from gateway.wire.responses_bridge import ResponsesBridge
from gateway.wire.responses_end import ResponsesOutline, halted
from gateway.wire.responses_writer import ResponsesWriter


class _Framing(NamedFraming):
    """Numbers the events, which may have become more or fewer on their way."""

    def __init__(self) -> None:
        self._count = 0

    def event(self, frame: Frame) -> bytes:
        document = frame.document
        if document.get("sequence_number") != self._count:
            frame.replace({**document, "sequence_number": self._count})
        self._count += 1
        return super().event(frame)

    def error(self, error: GatewayError, explain: Sequence[Decision] | None) -> bytes:
        inner = error_object(error, explain).get("error")
        inner = inner if isinstance(inner, dict) else {"message": error.message}
        document = {
            "type": "error",
            "sequence_number": self._count,
            "code": inner.get("code"),
            "message": inner.get("message"),
            "param": inner.get("param"),
            "error": inner,
        }
        return sse.named_event("error", orjson.dumps(document))


class ResponsesDialect(OpenAIWire):
    """Implements ``gateway.core.dialect.Dialect`` for OpenAI's responses.

    The clock dates the answers that the gateway gives by itself.
    """

    name = "responses"
    upstream = "responses"
    field = "input"
    speaks = True

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.bridge: Bridge | None = ResponsesBridge(self._writer)

    def _writer(self, model: str, body: Json) -> ResponsesWriter:
        now = self._clock.wall()
        return ResponsesWriter(new_id("resp_", int(now * 1000)), int(now), model, body)

    def validate(self, body: Json, limits: RequestLimits, size: int) -> None:
        """Raises BadRequest or RequestTooLarge."""
        responses_request.validate(body, limits, size)

    def framing(self) -> Framing:
        return _Framing()

    def segments(self, body: Json) -> list[Segment]:
        return responses_request.segments(body)

    def question(self, body: Json) -> str:
        return responses_request.question(body)

    def with_context(self, body: Json, instructions: str, context: str) -> Json:
        return responses_request.with_context(body, instructions, context)

    def choices(self, body: Json) -> int:
        return 1

    def answer(self, model: str, text: str, *, stream: bool, finish: str = "stop") -> list[Json]:
        writer = self._writer(model, {})
        events = [*writer.start(), *writer.say("content", text), *writer.end(finish, None)]
        return events if stream else [writer.whole()]

    def with_citations(self, document: Json, citations: Sequence[Json]) -> Json:
        """Beside the response, as OpenAI's annotations need files or addresses of the web."""
        context = {"citations": list(citations)}
        if document.get("object") == "response":
            return {**document, "context": context}
        if isinstance(document.get("response"), dict):
            return {**document, "response": {**document["response"], "context": context}}
        return document

    def citation_document(self, like: Json, citations: Sequence[Json]) -> Json | None:
        return None

    def pieces(self, document: Json) -> list[Piece]:
        return responses_reply.pieces(document)

    def lone(self, document: Json) -> Piece | None:
        return None

    def finishing(self, document: Json) -> list[int]:
        return responses_reply.finishing(document)

    def closing(self, document: Json) -> Sequence[tuple[int, str]]:
        return responses_reply.closing(document)

    def calls(self, document: Json) -> tuple[Json, Mapping[tuple[int, str], Json]]:
        return responses_reply.calls(document)

    def outline(self) -> Outline:
        return ResponsesOutline()

    def usage(self, document: Json, known: Usage) -> Usage | None:
        return responses_reply.usage(document)

    def finish(self, document: Json) -> str | None:
        return responses_reply.finish(document)

    def carrier(self, like: Json, lane: tuple[int, str], text: str) -> Json:
        return responses_reply.carrier(like, lane, text)

    def halted(
        self, document: Json, choice: int, finish: str = "content_filter", text: str | None = None
    ) -> Json:
        return halted(document, finish, text)

    def plain(self, document: Json) -> Json:
        return responses_reply.plain(document)

    def without(self, document: Json, choice: int) -> Json | None:
        return None

    def bare(self, document: Json) -> bool:
        return responses_reply.bare(document)
