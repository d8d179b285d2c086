"""The gate: releases an answer window by window, once every rule has passed it.

One path for whole answers and streams. ``gateway.stages.judge`` says what of a text may go out;
the gate puts it into the documents on their way.
"""

from collections.abc import AsyncIterator

from gateway.core.dialect import Outline, Piece
from gateway.core.errors import UpstreamError
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.reply import Frame
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Json, put, put_text
from gateway.stages.judge import Judge, LaneKey


class Gate:
    """Judges one answer under the rules of one layer. One instance per exchange and layer."""

    def __init__(
        self,
        layer: Layer,
        rules: tuple[Rule, ...],
        ex: Exchange,
        outcome: Outcome,
        abstain_text: str,
        *,
        asks_again: bool = False,
    ) -> None:
        self._ex = ex
        self._dialect = ex.dialect
        self._outcome = outcome
        self._outline = ex.dialect.outline() if ex.stream else None
        keeps = self._outline is not None
        self._judge = Judge(
            layer, rules, ex, outcome, abstain_text, keeps=keeps, asks_again=asks_again
        )

    @property
    def released(self) -> bool:
        """Whether any text of the answer was let through."""
        return self._judge.released

    @property
    def wants_another(self) -> bool:
        """Whether the answer was given up, for another one to take its place."""
        return self._judge.wants_another

    async def through(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        """The frames that may go out."""
        last: Json | None = None
        halted = self._judge.halted
        try:
            async for frame in frames:
                last = _document(frame)
                admitted = await self._admit(last)
                if self.wants_another:
                    return
                for document in admitted:
                    if document is last:
                        yield frame
                    else:
                        yield Frame(document=document)
                if len(halted) >= self._dialect.choices(self._ex.body):
                    return
            if last is not None and self._ex.stream:
                admitted = await self._flush(last)
                if self.wants_another:
                    return
                for document in admitted:
                    yield Frame(document=document)
        finally:
            close = getattr(frames, "aclose", None)
            if close is not None:
                await close()

    async def _admit(self, document: Json) -> list[Json]:
        """The documents to send for one that came in; the same object when nothing changed."""
        if self._outline is not None:
            return await self._event(document, self._outline)
        dialect, judge = self._dialect, self._judge
        finishing = set(dialect.finishing(document))
        current: Json | None = document
        for choice in judge.halted:
            current = dialect.without(current, choice) if current is not None else None
        if current is None:
            return []
        pieces = dialect.pieces(current)
        before: list[Json] = []
        ending = {key for key in judge.lanes if key[0] in finishing}
        ending -= {piece.lane for piece in pieces}
        late = [(k, await self._rest(k, document)) for k in sorted(ending, key=self._order)]
        for key, documents in late:
            if not (key[0] in judge.halted and key[1].startswith("tool_call")):
                before += documents  # a choice that was ended calls no tool at all
        changed = current
        for piece in pieces:
            if piece.choice in judge.halted:
                changed = put(changed, piece.path, "")
                continue
            before += await self._end_others(piece, document)
            final = not self._ex.stream or piece.choice in finishing
            released = await judge.feed(piece, final=final)
            if released != piece.text:
                changed = self._write(changed, piece, released)
        changed = self._apply_halts(changed, before)
        if changed is not document and (
            self._ex.stream or self._outcome.status is not Status.PASSED
        ):
            changed = dialect.plain(changed)
        if self._ex.stream and dialect.bare(changed):
            return before
        return [*before, changed]

    def _apply_halts(self, document: Json, before: list[Json]) -> Json:
        """End the choices that were halted while this document was judged."""
        dialect = self._dialect
        if not self._ex.stream:
            for choice, halt in self._judge.halted.items():
                document = dialect.halted(document, choice, halt.finish, halt.text)
            return document
        present = {piece.choice: piece for piece in dialect.pieces(document)}
        for choice, halt in self._judge.halted.items():
            if halt.text is not None:
                piece = next(
                    (p for p in dialect.pieces(document) if p.lane == (choice, "content")), None
                )
                if piece is not None:
                    document = put(document, piece.path, halt.text)
                else:
                    before.append(dialect.carrier(document, (choice, "content"), halt.text))
                halt.text = None
            if choice in present or choice in dialect.finishing(document):
                document = dialect.halted(document, choice, halt.finish)
        return document

    async def _event(self, document: Json, outline: Outline) -> list[Json]:
        """``_admit`` for the streams of typed events: one choice, whose parts open and close, and
        whose closing events repeat what was said."""
        dialect, judge = self._dialect, self._judge
        pieces = dialect.pieces(document)
        finishing = bool(dialect.finishing(document))
        complete = set(dialect.closing(document))
        fresh = {p.lane for p in pieces if not self._repeats(p)}
        sent: list[Json] = []
        for key in list(judge.lanes):
            if (finishing or key in complete) and key not in fresh:
                sent += await self._rest(key, document)
        changed = document
        for piece in pieces:
            if judge.halted:
                break
            if self._repeats(piece):
                text = judge.said(piece.lane)
            else:
                final = finishing or piece.lane in complete
                text, before = await self._fresh(piece, document, final=final)
                sent += before
            if text != piece.text:
                changed = self._write(changed, piece, text)
        if changed is not document:
            changed = dialect.plain(changed)
        if not judge.halted and not dialect.bare(changed):
            sent.append(changed)
        for event in sent:
            outline.note(event)
        for halt in judge.halted.values():
            sent += outline.end(halt.finish, halt.text)
        return sent

    async def _fresh(self, piece: Piece, like: Json, *, final: bool) -> tuple[str, list[Json]]:
        """What may go out of a text that nothing was said of before, and what goes before it."""
        sent = await self._end_others(piece, like)
        if self._judge.halted:
            return "", sent
        text = await self._judge.feed(piece, final=final)
        if text and self._judge.halted:  # its document will not be sent
            sent.append(self._dialect.carrier(like, piece.lane, text))
        return text, sent

    def _repeats(self, piece: Piece) -> bool:
        return piece.echo and piece.lane in self._judge.lanes

    def _write(self, document: Json, piece: Piece, text: str) -> Json:
        try:
            return put_text(document, piece.path, text)
        except ValueError:  # the judge lets only objects through; this is the last word
            return put(document, piece.path, "")

    async def _end_others(self, piece: Piece, like: Json) -> list[Json]:
        """Text that goes on elsewhere ends the one before: reasoning ends where content begins."""
        documents: list[Json] = []
        if piece.channel.startswith("extra"):
            return documents
        for lane in list(self._judge.lanes.values()):
            if lane.key[0] == piece.choice and lane.key != piece.lane and not lane.is_call:
                documents += await self._rest(lane.key, like)
        return documents

    async def _rest(self, key: LaneKey, like: Json) -> list[Json]:
        text = await self._judge.rest(key)
        return [self._dialect.carrier(like, key, text)] if text else []

    async def _flush(self, like: Json) -> list[Json]:
        """What is still held when a stream ends without saying so."""
        documents: list[Json] = []
        for key in sorted(self._judge.lanes, key=self._order):
            documents += await self._rest(key, like)
        return documents

    def _order(self, key: LaneKey) -> tuple[int, int]:
        return (key[0], list(self._judge.lanes).index(key))


def _document(frame: Frame) -> Json:
    try:
        return frame.document
    except ValueError as error:
        raise UpstreamError(
            "The model's answer could not be read.", retryable=False, cause=str(error)
        ) from error
