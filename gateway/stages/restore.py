"""Gives the caller his own values back, where the model was shown placeholders."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from gateway.core.dialect import Piece
from gateway.core.exchange import Exchange
from gateway.core.json_text import is_json, quoted
from gateway.core.options import Options
from gateway.core.placeholder_forms import Escape, Forms, RestoreBuffer, as_is
from gateway.core.placeholders import forget, vault_of
from gateway.core.reply import Frame
from gateway.core.segments import Json, get, put_text
from gateway.core.stage import Phase

LaneKey = tuple[int, str]


class RestoreOptions(Options):
    """It has none: what is restored depends on the rules that say ``then: tokenize``."""


class RestoreStage:
    """The values that ``then: tokenize`` took out of the request, put back into the answer.

    It stands behind every guard, so that guards, and whatever stores answers, see placeholders,
    and before ``cite``, so that citations read as the caller's documents do. Only placeholders that
    this very exchange issued are restored.
    """

    name = "restore"
    phase = Phase.RESPONSE
    Options = RestoreOptions
    stands_after = frozenset({"guard"})
    stands_before = frozenset({"cite"})

    def __init__(self, options: RestoreOptions) -> None:
        pass

    async def run(self, ex: Exchange) -> None:
        """Wraps the reply of an exchange that has placeholders."""
        vault = vault_of(ex)
        if ex.reply is None or vault is None or not vault.live:
            return
        forms = Forms(vault.live)
        if ex.chunks:
            ex.chunks = [
                replace(chunk, text=forms.restored(chunk.text, 0, len(chunk.text)))
                for chunk in ex.chunks
            ]
        ex.reply.wrap(_Restoring(ex, forms).through)

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Lets go of the values, so that nothing that closes later can store them."""
        forget(ex)


@dataclass(slots=True)
class _Lane:
    """One text of the answer, and how its values are written."""

    buffer: RestoreBuffer
    escape: Escape | None = None
    """Unknown until the text's first character says whether it is JSON."""


class _Restoring:
    """Restores one answer, whole or streamed."""

    def __init__(self, ex: Exchange, forms: Forms) -> None:
        self._dialect = ex.dialect
        self._stream = ex.stream
        self._forms = forms
        self._lanes: dict[LaneKey, _Lane] = {}
        self._json_mode = _asks_for_json(ex.body)

    async def through(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        """The frames with values in place of placeholders."""
        last: Json | None = None
        try:
            async for frame in frames:
                last = frame.document
                if not self._stream:
                    frame.replace(self._whole(last))
                    yield frame
                    continue
                for document in self._streamed(last):
                    yield frame if document is last else Frame(document=document)
            if last is not None:
                for document in self._rest(list(self._lanes), last):
                    yield Frame(document=document)
        finally:
            close = getattr(frames, "aclose", None)
            if close is not None:
                await close()

    def _whole(self, document: Json) -> Json:
        changed = document
        for piece in self._dialect.pieces(document):
            restored = self._at_once(piece, document)
            if restored != piece.text:
                changed = put_text(changed, piece.path, restored)
        return changed if changed is document else self._dialect.plain(changed)

    def _streamed(self, document: Json) -> list[Json]:
        """The documents to send for one that came in."""
        dialect = self._dialect
        pieces = dialect.pieces(document)
        finishing = dialect.finishing(document)
        complete = {key for key in self._lanes if key[0] in finishing}
        complete.update(dialect.closing(document))
        going_on = {piece.lane for piece in pieces if not self._repeats(piece)}
        sent = self._rest([key for key in self._lanes if key in complete - going_on], document)
        changed = document
        for piece in pieces:
            if self._repeats(piece):
                sent += self._rest([piece.lane], document)
                text = self._at_once(piece, document)
            else:
                sent += self._rest(self._ended_by(piece), document)
                final = piece.choice in finishing or piece.lane in complete
                text = self._feed(piece, document, final=final)
            if text != piece.text:
                changed = put_text(changed, piece.path, text)
        if changed is document:
            return [*sent, document]
        changed = dialect.plain(changed)
        return sent if dialect.bare(changed) else [*sent, changed]

    def _feed(self, piece: Piece, document: Json, *, final: bool) -> str:
        lane = self._lanes.get(piece.lane)
        if lane is None:
            lane = self._lanes[piece.lane] = _Lane(RestoreBuffer(self._forms))
        if lane.escape is None:
            lane.escape = self._escape_of(piece, document)
        return lane.buffer.feed(piece.text, lane.escape or as_is, final=final)

    def _repeats(self, piece: Piece) -> bool:
        return piece.echo and piece.lane in self._lanes

    def _ended_by(self, piece: Piece) -> list[LaneKey]:
        """The lanes that a text ends: reasoning ends where content begins. Tool calls may come
        side by side, so theirs do not end one another."""
        if not piece.text:
            return []
        return [
            key
            for key in self._lanes
            if key[0] == piece.choice and key != piece.lane and not _is_call(key[1])
        ]

    def _rest(self, keys: list[LaneKey], like: Json) -> list[Json]:
        """Documents with what is still held of these lanes."""
        documents: list[Json] = []
        for key in keys:
            lane = self._lanes.get(key)
            if lane is not None and lane.buffer.held:
                text = lane.buffer.feed("", lane.escape or as_is, final=True)
                documents.append(self._dialect.carrier(like, key, text))
        return documents

    def _at_once(self, piece: Piece, document: Json) -> str:
        """A text that is all there."""
        an_object = isinstance(get(document, piece.path), dict)
        escape: Escape = as_is
        if an_object or (self._may_be_json(piece, document) and is_json(piece.text)):
            escape = quoted
        return self._forms.restored(piece.text, 0, len(piece.text), escape)

    def _may_be_json(self, piece: Piece, document: Json) -> bool:
        """Arguments of functions may, the input of custom tools is free text; so is an answer,
        unless it was asked for as JSON."""
        if not _is_call(piece.channel):
            return self._json_mode and piece.channel.partition(":")[0] == "content"
        kind = str(document.get("type", ""))
        return piece.path[-1] != "input" and not kind.startswith("response.custom_tool_call")

    def _escape_of(self, piece: Piece, document: Json) -> Escape | None:
        """How values are written in a text that begins so; None when it has not begun."""
        if not self._may_be_json(piece, document):
            return as_is
        begun = piece.text.lstrip()
        if not begun:
            return None
        return quoted if begun[0] in '{["' else as_is


def _is_call(channel: str) -> bool:
    return channel.startswith("tool_call")


def _asks_for_json(body: Json) -> bool:
    """Whether the answer is to be JSON, by chat's ``response_format`` or responses' ``text``."""
    text = body.get("text")
    asked = text.get("format") if isinstance(text, dict) else body.get("response_format")
    return isinstance(asked, dict) and str(asked.get("type", "")).startswith("json")
