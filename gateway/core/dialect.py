"""A dialect knows where the texts stand in the documents of one HTTP endpoint.

Everything between the HTTP edge and the provider reads and rewrites text through it, so stages
never know which endpoint they serve. Implementations are pure and live in ``gateway.wire``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.knowledge import Chunk
from gateway.core.reply import Frame, Usage
from gateway.core.segments import Json, Path, Segment


@dataclass(frozen=True, slots=True)
class Piece:
    """One text inside a reply document, be it a whole answer or one delta of a stream.

    ``channel`` tells the texts of a choice apart: ``content``, ``reasoning``, ``refusal``,
    ``tool_call:0``; endpoints with several of a kind number them, as in ``content:1``. Text of the
    same (choice, channel) continues from one document to the next. Texts of the channels
    ``extra:…`` come in one go, beside the others: titles of sources, results of the provider's
    tools.
    """

    choice: int
    channel: str
    text: str
    path: Path
    echo: bool = False
    """The text repeats the whole of its lane: it does not continue it. Such a text must carry what
    was released of the lane. It is a text like any other when its lane said nothing before."""

    @property
    def lane(self) -> tuple[int, str]:
        return (self.choice, self.channel)


class Outline(Protocol):
    """What a stream has opened so far, so that it can be ended early and in good order."""

    def note(self, document: Json) -> None:
        """Remember a document that was sent."""
        ...

    def end(self, finish: str, text: str | None) -> list[Json]:
        """The documents that close what is open and end the stream for ``finish``; ``text``, when
        there is one, is said before the end. Tool calls that were opened and not closed stay so,
        so that no client runs them."""
        ...


class Bridge(Protocol):
    """Translates a dialect to chat completions and back, for models that speak only those."""

    def request(self, body: Json) -> Json:
        """The chat request. Raises BadRequest for what chat completions cannot express."""
        ...

    def frames(self, frames: AsyncIterator[Frame], body: Json) -> AsyncIterator[Frame]:
        """The answer to ``body`` in the dialect's own documents, made from a chat answer's.

        Raises UpstreamError when the answer is no chat completion.
        """
        ...


class Dialect(Protocol):
    """The texts of one endpoint's documents.

    All methods are pure; documents are never changed in place.
    """

    name: str
    upstream: str
    """The endpoint's path below a provider's base URL, such as ``chat/completions``."""
    field: str
    """The request field that holds the user's texts, as errors name it."""
    speaks: bool
    """Whether answers carry text, so that the gateway can give one by itself."""
    bridge: Bridge | None
    """The way to models that do not speak this endpoint; None when there is none."""

    def segments(self, body: Json) -> list[Segment]:
        """Every text of a request that the model will see, in order."""
        ...

    def question(self, body: Json) -> str:
        """What the user asks: the text of the last user turn ('' when there is none)."""
        ...

    def with_context(self, body: Json, instructions: str, context: str) -> Json:
        """The request with ``instructions`` as a system text and ``context`` (untrusted) before
        the question, in the user's role."""
        ...

    def answer(self, model: str, text: str, *, stream: bool, finish: str = "stop") -> list[Json]:
        """The reply documents of an answer that the gateway gives by itself."""
        ...

    def with_citations(self, document: Json, citations: Sequence[Json]) -> Json:
        """The reply document with the citations added to every choice; the same document where its
        endpoint has no place for them."""
        ...

    def citation_document(self, like: Json, citations: Sequence[Json]) -> Json | None:
        """A stream document that carries only the citations; None where the stream's first
        document carries them (``with_citations``)."""
        ...

    def pieces(self, document: Json) -> list[Piece]:
        """The texts of a reply document, reasoning first, tool-call arguments last."""
        ...

    def lone(self, document: Json) -> Piece | None:
        """The text of a stream document that says nothing else and completes nothing, which nearly
        all of them are; None for any other. It spares them the long way through ``pieces``,
        ``finishing`` and ``calls``, and may always be None."""
        ...

    def finishing(self, document: Json) -> list[int]:
        """The choices that are complete with this document."""
        ...

    def closing(self, document: Json) -> Sequence[tuple[int, str]]:
        """The lanes complete with this stream document, those of finishing choices aside."""
        ...

    def calls(self, document: Json) -> tuple[Json, Mapping[tuple[int, str], Json]]:
        """The tool calls that a stream document opens: the document without that, and what opens
        each of them, by the lane of its arguments. An event that does nothing else stays as it
        is."""
        ...

    def outline(self) -> Outline | None:
        """A new outline for one stream; None when every document stands by itself."""
        ...

    def usage(self, document: Json, known: Usage) -> Usage | None:
        """The token counts that a reply document gives, added to those ``known``; None if none."""
        ...

    def finish(self, document: Json) -> str | None:
        """Why the answer ended, in the words of chat completions; None when it goes on."""
        ...

    def carrier(self, like: Json, lane: tuple[int, str], text: str) -> Json:
        """A stream document that carries only ``text`` for ``lane``."""
        ...

    def halted(
        self, document: Json, choice: int, finish: str = "content_filter", text: str | None = None
    ) -> Json:
        """The document with ``choice`` ended for ``finish``, saying ``text`` when that is given.
        Its other texts are the caller's to set; tool calls that were not released and log
        probabilities are taken out."""
        ...

    def plain(self, document: Json) -> Json:
        """The document without log probabilities, which spell out text that was rewritten or is
        still held back."""
        ...

    def choices(self, body: Json) -> int:
        """How many answers the request asks for."""
        ...

    def without(self, document: Json, choice: int) -> Json | None:
        """The document without ``choice``; None when nothing is left worth sending."""
        ...

    def bare(self, document: Json) -> bool:
        """Whether a stream document says nothing any more (its texts are held back or empty)."""
        ...


def citation(chunk: Chunk) -> Json:
    """A chunk in the shape of Azure On Your Data citations."""
    return {
        "content": chunk.text,
        "title": chunk.title,
        "url": chunk.url,
        "filepath": chunk.path,
        "chunk_id": chunk.id,
    }
