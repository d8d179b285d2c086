"""The gate: releases an answer window by window, once every rule has passed it.

One path for whole answers and streams. What is judged, and in which pieces, depends on the text
alone (``gateway.core.window``), so ``stream: true`` never changes a verdict. Tool-call arguments
are held until the call is complete and judged as one text, since half a JSON text can neither be
read nor rewritten.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

from gateway.core.decide import Verdict
from gateway.core.dialect import Piece
from gateway.core.errors import UpstreamError
from gateway.core.evaluate import evaluate
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.findings import Decision, Mode, PrefixGuard, Then
from gateway.core.json_text import fits_json, unescaped_json
from gateway.core.reply import Frame
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Json, Origin, Segment, put
from gateway.core.window import Window, WindowBuffer

LaneKey = tuple[int, str]


@dataclass(slots=True)
class Lane:
    """One text of the answer on its way through: content, reasoning, the arguments of one call."""

    key: LaneKey
    buffer: WindowBuffer
    held: list[str] = field(default_factory=list)
    """Tool-call arguments so far."""

    @property
    def is_call(self) -> bool:
        return self.key[1].startswith("tool_call")


@dataclass(slots=True)
class Halt:
    """Why a choice ends early, and what it says at its end."""

    finish: str
    text: str | None = None


class Gate:
    """Judges one answer under the rules of one layer. One instance per exchange and layer."""

    def __init__(
        self,
        layer: Layer,
        rules: tuple[Rule, ...],
        ex: Exchange,
        outcome: Outcome,
        abstain_text: str,
    ) -> None:
        self._layer = layer
        self._rules = rules
        self._ex = ex
        self._outcome = outcome
        self._abstain_text = abstain_text
        self._lanes: dict[LaneKey, Lane] = {}
        self._halted: dict[int, Halt] = {}
        self._spoken: set[int] = set()
        self._pending = _pending_of(rules)

    async def through(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        """The frames that may go out."""
        last: Json | None = None
        try:
            async for frame in frames:
                last = _document(frame)
                for document in await self._admit(last):
                    if document is last:
                        yield frame
                    else:
                        yield Frame(document=document)
                if len(self._halted) >= self._ex.dialect.choices(self._ex.body):
                    return
            if last is not None and self._ex.stream:
                for document in await self._flush(last):
                    yield Frame(document=document)
        finally:
            close = getattr(frames, "aclose", None)
            if close is not None:
                await close()

    async def _admit(self, document: Json) -> list[Json]:
        """The documents to send for one that came in; the same object when nothing changed."""
        dialect = self._ex.dialect
        finishing = set(dialect.finishing(document))
        current: Json | None = document
        for choice in self._halted:
            current = dialect.without(current, choice) if current is not None else None
        if current is None:
            return []
        pieces = dialect.pieces(current)
        before: list[Json] = []
        ending = {lane.key for lane in self._lanes.values() if lane.key[0] in finishing}
        ending -= {piece.lane for piece in pieces}
        for key in sorted(ending, key=self._order):
            before += await self._rest(key, document)
        changed = current
        for piece in pieces:
            if piece.choice in self._halted:
                changed = put(changed, piece.path, "")
                continue
            before += await self._end_others(piece, document)
            released = await self._feed(piece, final=piece.choice in finishing)
            if released != piece.text:
                changed = put(changed, piece.path, released)
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
        dialect = self._ex.dialect
        present = {piece.choice: piece for piece in dialect.pieces(document)}
        for choice, halt in self._halted.items():
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

    async def _end_others(self, piece: Piece, like: Json) -> list[Json]:
        """Text that goes on elsewhere ends the one before: reasoning ends where content begins."""
        documents: list[Json] = []
        for lane in list(self._lanes.values()):
            if lane.key[0] == piece.choice and lane.key != piece.lane and not lane.is_call:
                documents += await self._rest(lane.key, like)
        return documents

    async def _rest(self, key: LaneKey, like: Json) -> list[Json]:
        lane = self._lanes[key]
        if key[0] in self._halted:
            return []
        text = await self._drain(lane, final=True)
        return [self._ex.dialect.carrier(like, key, text)] if text else []

    async def _flush(self, like: Json) -> list[Json]:
        """What is still held when a stream ends without saying so."""
        documents: list[Json] = []
        for key in sorted(self._lanes, key=self._order):
            documents += await self._rest(key, like)
        return documents

    def _order(self, key: LaneKey) -> tuple[int, int]:
        return (key[0], list(self._lanes).index(key))

    async def _feed(self, piece: Piece, *, final: bool) -> str:
        lane = self._lanes.get(piece.lane)
        if lane is None:
            lane = self._lanes[piece.lane] = Lane(piece.lane, WindowBuffer(self._pending))
        if lane.is_call:
            lane.held.append(piece.text)
        else:
            lane.buffer.feed(piece.text)
        return await self._drain(lane, final=final)

    async def _drain(self, lane: Lane, *, final: bool) -> str:
        """The text of this lane that may go out now."""
        if lane.is_call:
            if not final or not lane.held:
                return ""
            arguments = "".join(lane.held)
            lane.held.clear()
            return await self._judge_call(lane, arguments)
        released: list[str] = []
        while lane.key[0] not in self._halted:
            window = lane.buffer.take(final=final)
            if window is None:
                break
            text = await self._judge(lane, window)
            if text:
                self._spoken.add(lane.key[0])
            released.append(text)
        return "".join(released)

    async def _judge(self, lane: Lane, window: Window) -> str:
        if window.overflow:
            self._halt(lane, self._overflow())
            return ""
        fresh = len(window.context)
        segment = Segment(
            window.context + window.text,
            Origin.MODEL,
            ("choices", lane.key[0], lane.key[1]),
            window.offset,
            fresh,
        )
        verdict = await self._verdict(lane, segment)
        return verdict.segments[0].text[fresh:] if verdict is not None else ""

    async def _judge_call(self, lane: Lane, arguments: str) -> str:
        segment = Segment(
            unescaped_json(arguments), Origin.TOOL_CALL, ("choices", lane.key[0], lane.key[1])
        )
        verdict = await self._verdict(lane, segment)
        if verdict is None:
            return ""
        if not verdict.edited:
            return arguments
        rewritten = verdict.segments[0].text
        if not fits_json(arguments, rewritten):
            self._halt(lane, self._failed_rewrite())
            return ""
        return rewritten

    async def _verdict(self, lane: Lane, segment: Segment) -> Verdict | None:
        """The verdict on one segment, or None when it ended the choice."""
        verdict = await evaluate(self._layer, self._rules, (segment,), self._ex)
        for decision in verdict.decisions:
            self._record(decision, segment)
        if verdict.blocked is not None:
            self._halt(lane, None)
            failed = verdict.blocked.error is not None
            self._outcome.status = Status.ERROR_CLOSED if failed else Status.BLOCKED
            return None
        if verdict.abstained is not None:
            choice = lane.key[0]
            spoken = choice in self._spoken
            self._halted[choice] = (
                Halt("content_filter") if spoken else Halt("stop", self._abstain_text)
            )
            self._outcome.status = Status.BLOCKED
            return None
        if verdict.edited and self._outcome.status is Status.PASSED:
            self._outcome.status = Status.REWRITTEN
        return verdict

    def _record(self, decision: Decision, segment: Segment) -> None:
        """Keep the decision, its spans counted from the start of the whole answer."""
        moved = tuple(
            replace(f, start=f.start + segment.offset, end=f.end + segment.offset)
            for f in decision.findings
        )
        self._ex.decisions.append(replace(decision, findings=moved))

    def _halt(self, lane: Lane, decision: Decision | None) -> None:
        self._halted[lane.key[0]] = Halt("content_filter")
        self._ex.finish = "content_filter"
        if decision is not None:
            self._ex.decisions.append(decision)
            self._outcome.status = Status.ERROR_CLOSED

    def _overflow(self) -> Decision:
        return self._closed("HeldTooLong")

    def _failed_rewrite(self) -> Decision:
        return self._closed("RewriteFailed")

    def _closed(self, error: str) -> Decision:
        return Decision(self._layer.value, "gate", "gate", Then.BLOCK, Mode.ENFORCE, error=error)


def _pending_of(rules: tuple[Rule, ...]) -> Callable[[str], bool]:
    waiting = [rule.guard for rule in rules if isinstance(rule.guard, PrefixGuard)]
    return lambda text: any(guard.pending(text) for guard in waiting)


def _document(frame: Frame) -> Json:
    try:
        return frame.document
    except ValueError as error:
        raise UpstreamError(
            "The model's answer could not be read.", retryable=False, cause=str(error)
        ) from error
