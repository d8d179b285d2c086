"""Says with the answer which passages it rests on."""

import logging
import re
from collections.abc import AsyncIterator, Sequence

from gateway.core.dialect import Piece, citation
from gateway.core.exchange import Exchange
from gateway.core.knowledge import Chunk
from gateway.core.options import Options
from gateway.core.reply import ABSTAIN_TEXT, Frame, Reply
from gateway.core.segments import Json
from gateway.core.stage import Phase, nothing_to_close

log = logging.getLogger(__name__)

_MARKER = re.compile(r"\[(\d{1,4})\]")


class CiteOptions(Options):
    abstain_text: str = ABSTAIN_TEXT
    """The answer that carries no citations. The same as that of ``assemble``."""


class CiteStage:
    """Citations in the shape of Azure On Your Data, added to the answer.

    ``citations[n - 1]`` is what the marker ``[n]`` points at. A whole answer lists the passages up
    to the highest marker it uses, or all when it uses none. A stream starts with all of them, since
    nobody knows yet which it will use. An abstaining or empty answer has none.
    """

    name = "cite"
    phase = Phase.RESPONSE
    close = nothing_to_close
    Options = CiteOptions

    def __init__(self, options: CiteOptions) -> None:
        self._abstain = options.abstain_text.strip()

    async def run(self, ex: Exchange) -> None:
        """Wraps the reply of an exchange that had passages."""
        if ex.reply is None or not ex.chunks:
            return
        citing = _Citing(ex, ex.reply, _visible(ex, ex.chunks), self._abstain)
        ex.reply.wrap(citing.stream if ex.stream else citing.whole)


def _visible(ex: Exchange, chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks that the caller's roles may see: the last of three checks."""
    roles = ex.principal.roles if ex.principal else frozenset[str]()
    visible = [chunk for chunk in chunks if chunk.access.allows(roles)]
    if len(visible) < len(chunks):
        hidden = [chunk.id for chunk in chunks if not chunk.access.allows(roles)]
        log.error("exchange %s: citations that are not the caller's left out: %s", ex.id, hidden)
    return visible


class _Citing:
    """Adds the citations of one exchange to its frames."""

    def __init__(self, ex: Exchange, reply: Reply, chunks: Sequence[Chunk], abstain: str) -> None:
        self._dialect = ex.dialect
        self._reply = reply
        self._chunks = chunks
        self._abstain = abstain

    async def whole(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        async for frame in frames:
            texts = self._texts(frame.document)
            if any(texts) and not self._abstains(texts):
                cited = [citation(chunk) for chunk in used(self._chunks, texts)]
                if cited:
                    self._cite(frame, cited)
            yield frame

    async def stream(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        held: list[Frame] = []
        said: dict[int, str] = {}
        decided = False
        async for frame in frames:
            if decided:
                yield frame
                continue
            held.append(frame)
            for piece in self._dialect.pieces(frame.document):
                if _is_content(piece) and not piece.echo:
                    said[piece.choice] = said.get(piece.choice, "") + piece.text
            if any(self._answers(text) for text in said.values()) or self._reply.abstained:
                decided = True
                for out in self._opening(held):
                    yield out
                held.clear()
        if said and self._abstains(list(said.values())):
            self._reply.abstained = True
        for frame in held:
            yield frame

    def _opening(self, held: Sequence[Frame]) -> list[Frame]:
        if self._reply.abstained or not self._chunks:
            return list(held)
        cited = [citation(chunk) for chunk in self._chunks]
        document = self._dialect.citation_document(held[0].document, cited)
        if document is None:
            self._cite(held[0], cited)
            return list(held)
        return [Frame(document=document), *held]

    def _cite(self, frame: Frame, cited: Sequence[Json]) -> None:
        document = self._dialect.with_citations(frame.document, cited)
        if document is not frame.document:
            frame.replace(document)

    def _answers(self, text: str) -> bool:
        """Whether a text that may still go on is certainly not the abstention."""
        text = text.strip()
        return bool(text) and not self._abstain.startswith(text)

    def _abstains(self, texts: Sequence[str]) -> bool:
        if self._reply.abstained:
            return True
        if all(text.strip() in ("", self._abstain) for text in texts) and any(texts):
            self._reply.abstained = True
        return self._reply.abstained

    def _texts(self, document: Json) -> list[str]:
        pieces = self._dialect.pieces(document)
        return [piece.text for piece in pieces if _is_content(piece)]


def _is_content(piece: Piece) -> bool:
    """Whether it is what the answer says: not reasoning, not a call."""
    return piece.channel.startswith("content")


def used(chunks: Sequence[Chunk], texts: Sequence[str]) -> Sequence[Chunk]:
    """The chunks up to the highest one a marker points at; all when no marker points at any."""
    numbers = [int(number) for text in texts for number in _MARKER.findall(text)]
    valid = [number for number in numbers if 1 <= number <= len(chunks)]
    return chunks[: max(valid)] if valid else chunks
