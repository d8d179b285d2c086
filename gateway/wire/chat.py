"""The dialect of ``POST /v1/chat/completions``."""

from collections.abc import Mapping, Sequence

from gateway.core.clock import Clock, SystemClock
from gateway.core.dialect import Bridge, Piece
from gateway.core.ids import new_id
from gateway.core.observed import usage_of
from gateway.core.reply import Usage
from gateway.core.segments import Json, Segment
from gateway.wire import chat_reply, chat_request
from gateway.wire.dialect import OpenAIWire
from gateway.wire.limits import RequestLimits


class ChatDialect(OpenAIWire):
    """Implements ``gateway.core.dialect.Dialect`` for OpenAI chat completions.

    The clock dates the answers that the gateway gives by itself.
    """

    name = "chat.completions"
    upstream = "chat/completions"
    field = "messages"
    speaks = True
    bridge: Bridge | None = None

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def validate(self, body: Json, limits: RequestLimits, size: int) -> None:
        """Raises BadRequest or RequestTooLarge; ``size`` is the body's in bytes."""
        chat_request.validate(body, limits, size)

    def segments(self, body: Json) -> list[Segment]:
        return chat_request.segments(body)

    def question(self, body: Json) -> str:
        return chat_request.question(body)

    def with_context(self, body: Json, instructions: str, context: str) -> Json:
        return chat_request.with_context(body, instructions, context)

    def choices(self, body: Json) -> int:
        return body.get("n") or 1

    def answer(self, model: str, text: str, *, stream: bool, finish: str = "stop") -> list[Json]:
        now = self._clock.wall()
        head = {"id": new_id("chatcmpl-", int(now * 1000)), "created": int(now), "model": model}
        if not stream:
            message = {"role": "assistant", "content": text, "refusal": None}
            choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
            usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
            return [{**head, "object": "chat.completion", "choices": [choice], "usage": usage}]
        deltas: list[tuple[Json, str | None]] = [
            ({"role": "assistant", "content": ""}, None),
            ({"content": text}, None),
            ({}, finish),
        ]
        return [
            chat_reply.chunk(head, [{"index": 0, "delta": delta, "finish_reason": reason}])
            for delta, reason in deltas
        ]

    def with_citations(self, document: Json, citations: Sequence[Json]) -> Json:
        return chat_reply.with_citations(document, citations)

    def citation_document(self, like: Json, citations: Sequence[Json]) -> Json:
        return chat_reply.citation_document(like, citations)

    def pieces(self, document: Json) -> list[Piece]:
        return chat_reply.pieces(document)

    def lone(self, document: Json) -> Piece | None:
        return chat_reply.lone(document)

    def finishing(self, document: Json) -> list[int]:
        return chat_reply.finishing(document)

    def carrier(self, like: Json, lane: tuple[int, str], text: str) -> Json:
        return chat_reply.carrier(like, lane, text)

    def halted(
        self, document: Json, choice: int, finish: str = "content_filter", text: str | None = None
    ) -> Json:
        return chat_reply.halted(document, choice, finish, text)

    def closing(self, document: Json) -> Sequence[tuple[int, str]]:
        return ()

    def calls(self, document: Json) -> tuple[Json, Mapping[tuple[int, str], Json]]:
        return chat_reply.calls(document)

    def outline(self) -> None:
        return None

    def usage(self, document: Json, known: Usage) -> Usage | None:
        return usage_of(document.get("usage"))

    def finish(self, document: Json) -> str | None:
        return chat_reply.finish(document)

    def plain(self, document: Json) -> Json:
        return chat_reply.plain(document)

    def without(self, document: Json, choice: int) -> Json | None:
        return chat_reply.without(document, choice)

    def bare(self, document: Json) -> bool:
        return chat_reply.bare(document)
