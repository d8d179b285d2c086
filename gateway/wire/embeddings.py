"""The dialect of ``POST /v1/embeddings``: texts in, vectors out."""

from collections.abc import Mapping, Sequence

from gateway.core.dialect import Bridge, Piece
from gateway.core.errors import BadRequest, ContentFiltered
from gateway.core.observed import usage_of
from gateway.core.reply import Usage
from gateway.core.segments import Json, Origin, Segment
from gateway.wire.checks import check_integer, check_model, check_texts, texts_of
from gateway.wire.dialect import OpenAIWire
from gateway.wire.limits import RequestLimits


class EmbeddingsDialect(OpenAIWire):
    """Implements ``gateway.core.dialect.Dialect`` for OpenAI's embeddings.

    Answers carry no text, so there is nothing to judge in them and nothing the gateway could say.
    """

    name = "embeddings"
    upstream = "embeddings"
    field = "input"
    speaks = False
    bridge: Bridge | None = None

    def validate(self, body: Json, limits: RequestLimits, size: int) -> None:
        """Raises BadRequest or RequestTooLarge."""
        check_model(body)
        texts_of(body, "input", limits)
        check_integer(body, "dimensions", 1)
        if body.get("stream") not in (None, False):
            raise BadRequest("Embeddings cannot be streamed.", param="stream")
        if size > limits.text_characters:
            check_texts(self.segments(body), limits)

    def segments(self, body: Json) -> list[Segment]:
        given = body["input"]
        if isinstance(given, str):
            return [Segment(given, Origin.USER, ("input",))]
        return [Segment(text, Origin.USER, ("input", i)) for i, text in enumerate(given)]

    def question(self, body: Json) -> str:
        given = body["input"]
        return given if isinstance(given, str) else "\n".join(given)

    def with_context(self, body: Json, instructions: str, context: str) -> Json:
        """The request as it is: a vector of retrieved passages would be of no use."""
        return body

    def choices(self, body: Json) -> int:
        return 1

    def answer(self, model: str, text: str, *, stream: bool, finish: str = "stop") -> list[Json]:
        """Raises ContentFiltered: a refusal or an abstention cannot be put into numbers."""
        raise ContentFiltered(
            "The request was not answered: embeddings cannot carry the gateway's own answer. Give "
            "the value of the x-gatehouse-decision-id header to whoever runs the gateway.",
            param=self.field,
        )

    def with_citations(self, document: Json, citations: Sequence[Json]) -> Json:
        return document

    def citation_document(self, like: Json, citations: Sequence[Json]) -> Json | None:
        return None

    def pieces(self, document: Json) -> list[Piece]:
        return []

    def lone(self, document: Json) -> Piece | None:
        return None

    def finishing(self, document: Json) -> list[int]:
        return [0]

    def closing(self, document: Json) -> Sequence[tuple[int, str]]:
        return ()

    def calls(self, document: Json) -> tuple[Json, Mapping[tuple[int, str], Json]]:
        return document, {}

    def outline(self) -> None:
        return None

    def usage(self, document: Json, known: Usage) -> Usage | None:
        return usage_of(document.get("usage"))

    def finish(self, document: Json) -> str | None:
        return "stop"

    def carrier(self, like: Json, lane: tuple[int, str], text: str) -> Json:
        return like

    def halted(
        self, document: Json, choice: int, finish: str = "content_filter", text: str | None = None
    ) -> Json:
        return {**document, "data": []}

    def plain(self, document: Json) -> Json:
        return document

    def without(self, document: Json, choice: int) -> Json | None:
        return None

    def bare(self, document: Json) -> bool:
        return False
