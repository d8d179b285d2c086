"""The gate: releases an answer window by window, once every rule has passed it.

One path for whole answers and streams. ``gateway.stages.judge`` says what of a text may go out;
the gate puts it into the documents on their way.
"""

from collections.abc import AsyncIterator, Mapping

from gateway.core.dialect import Outline, Piece
from gateway.core.errors import UpstreamError
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.reply import Frame
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Json, put, put_text
from gateway.stages.held_calls import EventQueue, HeldCalls
from gateway.stages.judge import Judge, LaneKey
from gateway.stages.overdue import Overdue, in_time


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
        self._timed = ex.stream and ex.policy is not None and ex.policy.hold_time is not None
        self._calls, self._events = HeldCalls(), EventQueue()
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
            async for frame in in_time(frames, self._judge.due) if self._timed else frames:
                last = _document(frame)
                admitted = await self._admit(last)
                if self.wants_another:
                    return
                for document in admitted:
                    yield frame if document is last else Frame(document=document)
                if len(halted) >= self._dialect.choices(self._ex.body):
                    return
            if last is not None and self._ex.stream:
                admitted = await self._flush(last)
                if self.wants_another:
                    return
                for document in admitted:
                    yield Frame(document=document)
        except Overdue:
            for document in self._give_up(last or {}):
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
        if self._ex.stream and not judge.halted:
            lone = dialect.lone(document)
            if lone is not None and self._only(lone):
                return await self._delta(lone, document)
        finishing = set(dialect.finishing(document))
        current = self._going_on(document)
        if current is None:
            return []
        if self._ex.stream:
            current, opened = dialect.calls(current)
            self._calls.hold(opened)
        pieces = dialect.pieces(current)
        ending = {key for key in judge.lanes if key[0] in finishing}
        before, called = await self._end(ending - {piece.lane for piece in pieces}, document)
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
        for key in self._calls.of(finishing):
            called += [(key[0], d) for d in self._calls.take(key)]
        # a choice that was ended calls no tool at all
        before += [d for choice, d in called if choice not in judge.halted]
        changed = self._apply_halts(changed, before)
        if changed is not document and (
            self._ex.stream or self._outcome.status is not Status.PASSED
        ):
            changed = dialect.plain(changed)
        if self._ex.stream and dialect.bare(changed):
            return before
        return [*before, changed]

    def _going_on(self, document: Json) -> Json | None:
        """``document`` without the choices that were halted; None when it has no others."""
        current: Json | None = document
        for choice in self._judge.halted:
            current = self._dialect.without(current, choice) if current is not None else None
        return current

    def _only(self, piece: Piece) -> bool:
        """Whether the text is its choice's only one so far, so that it ends none before it."""
        return all(key == piece.lane or key[0] != piece.choice for key in self._judge.lanes)

    async def _delta(self, piece: Piece, document: Json) -> list[Json]:
        """``_admit`` for a document that is one text and nothing else."""
        released = await self._judge.feed(piece, final=False)
        changed = document if released == piece.text else self._write(document, piece, released)
        if not self._judge.halted:
            return [changed] if released else []
        before: list[Json] = []
        changed = self._apply_halts(changed, before)
        return before if self._dialect.bare(changed) else [*before, changed]

    async def _end(
        self, keys: set[LaneKey], like: Json
    ) -> tuple[list[Json], list[tuple[int, Json]]]:
        """What is left of these lanes: of texts, and by choice of tool calls."""
        texts: list[Json] = []
        called: list[tuple[int, Json]] = []
        for key in sorted(keys, key=self._order):
            if _is_call(key):
                opening = self._calls.take(key)
                rest = await self._rest(key, opening[-1] if opening else like)
                called += [(key[0], document) for document in (*opening, *rest)]
            else:
                texts += await self._rest(key, like)
        return texts, called

    def _give_up(self, like: Json) -> list[Json]:
        """The documents that end a stream of which something was held for too long."""
        dialect, judge = self._dialect, self._judge
        going_on = set(range(dialect.choices(self._ex.body))) - set(judge.halted)
        judge.give_up(going_on)
        if self._outline is not None:
            return self._ready(self._outline)
        return [
            dialect.halted(dialect.carrier(like, (choice, "content"), ""), choice)
            for choice in sorted(going_on)
        ]

    def _apply_halts(self, document: Json, before: list[Json]) -> Json:
        """End the choices that were halted while this document was judged."""
        dialect = self._dialect
        if not self._judge.halted:
            return document
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
        _, opened = dialect.calls(document)
        finishing = bool(dialect.finishing(document))
        complete = set(dialect.closing(document))
        fresh = {p.lane for p in pieces if not self._repeats(p)}
        for key in list(judge.lanes):
            if (finishing or key in complete) and key not in fresh:
                for event in await self._rest(key, document):
                    self._events.add(event, key)
        changed = document
        for piece in pieces:
            if judge.halted:
                break
            if self._repeats(piece):
                text = judge.said(piece.lane)
            else:
                final = finishing or piece.lane in complete
                text = await self._fresh(piece, document, final=final)
            if text != piece.text:
                changed = self._write(changed, piece, text)
        if not judge.halted:
            changed = changed if changed is document else dialect.plain(changed)
            self._enqueue(changed, opened, complete)
            self._events.judged(None if finishing else complete)
        return self._ready(outline)

    def _enqueue(self, event: Json, opened: Mapping[LaneKey, Json], complete: set[LaneKey]) -> None:
        if self._dialect.bare(event):
            return
        for key in opened:
            self._events.open(event, key)
            return
        self._events.add(event, next((key for key in complete if _is_call(key)), None))

    def _ready(self, outline: Outline) -> list[Json]:
        """The events that may go out now, and those that end a stream that was halted."""
        ready = self._events.ready()
        for event in ready:
            outline.note(event)
        for halt in self._judge.halted.values():
            ready += outline.end(halt.finish, halt.text)
        return ready

    async def _fresh(self, piece: Piece, like: Json, *, final: bool) -> str:
        """What may go out of a text that nothing was said of before."""
        for event in await self._end_others(piece, like):
            self._events.add(event)
        if self._judge.halted:
            return ""
        text = await self._judge.feed(piece, final=final)
        if text and self._judge.halted:  # its document will not be sent
            self._events.add(self._dialect.carrier(like, piece.lane, text))
        return text

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
        texts, called = await self._end(set(self._judge.lanes), like)
        if not self._judge.halted:
            self._events.judged()
        made = [d for choice, d in called if choice not in self._judge.halted]
        return [*self._events.ready(), *texts, *made]

    def _order(self, key: LaneKey) -> tuple[int, int]:
        return (key[0], list(self._judge.lanes).index(key))


def _is_call(key: LaneKey) -> bool:
    return key[1].startswith("tool_call")


def _document(frame: Frame) -> Json:
    try:
        return frame.document
    except ValueError as error:
        raise UpstreamError(
            "The model's answer could not be read.", retryable=False, cause=str(error)
        ) from error
