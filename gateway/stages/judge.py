"""Judges the texts of one answer, lane by lane, and says what of them may go out.

What is judged, and in which pieces, depends on the text alone (``gateway.core.window``), so
``stream: true`` never changes a verdict. Tool-call arguments are held until the call is complete
and judged as one text, since half a JSON text can neither be read nor rewritten.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from gateway.core.decide import Verdict
from gateway.core.dialect import Piece
from gateway.core.evaluate import evaluate
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.findings import Decision, GoesOn, Guard, Mode, Then, reach_of
from gateway.core.json_text import fits_json, unescaped_json
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Origin, Segment
from gateway.core.window import CEILING, Window, WindowBuffer

LaneKey = tuple[int, str]

_BREATH = 32
"""Windows judged in a row, some milliseconds of work, before others get their turn: an answer that
comes whole may be long."""


@dataclass(slots=True)
class Lane:
    """One text of the answer on its way through: content, reasoning, the arguments of one call."""

    key: LaneKey
    buffer: WindowBuffer
    held: list[str] = field(default_factory=list)
    """Tool-call arguments so far."""
    said: list[str] = field(default_factory=list)
    """What was released, kept only where later documents repeat it."""
    since: float | None = None
    """When what is held of it came, by the loop's clock; told only where a time is set."""

    @property
    def is_call(self) -> bool:
        return self.key[1].startswith("tool_call")


@dataclass(slots=True)
class Halt:
    """Why a choice ends early, and what it says at its end."""

    finish: str
    text: str | None = None


class Judge:
    """The lanes of one answer under the rules of one layer. One instance per exchange and layer.

    ``keeps`` says that released text is remembered, for ``said``; ``asks_again`` that the model can
    be asked for another answer while nothing of this one was released.
    """

    def __init__(
        self,
        layer: Layer,
        rules: tuple[Rule, ...],
        ex: Exchange,
        outcome: Outcome,
        abstain_text: str,
        *,
        keeps: bool,
        asks_again: bool = False,
    ) -> None:
        self._layer = layer
        self._rules = rules
        self._ex = ex
        self._outcome = outcome
        self._abstain_text = abstain_text
        self._keeps = keeps
        self._asks_again = asks_again
        self._spoken: set[int] = set()
        self._pending = pending_of(rules)
        self._goes_on = goes_on_of(rules, ex)
        self._ceiling = CEILING if ex.policy is None else ex.policy.hold_characters
        self._hold = None if ex.policy is None or not ex.stream else ex.policy.hold_time
        self._reach = max((reach_of(rule.guard) for rule in rules), default=0)
        self.lanes: dict[LaneKey, Lane] = {}
        self.halted: dict[int, Halt] = {}
        """The choices that ended early."""
        self.released = False
        """Whether any text may have gone out."""
        self.wants_another = False
        """Whether this answer is given up, and another one asked for."""

    async def feed(self, piece: Piece, *, final: bool) -> str:
        """Take in the next text of a lane; what may go out of the lane now. ``final`` says that the
        lane is complete with it."""
        lane = self.lanes.get(piece.lane)
        if lane is None:
            lane = self.lanes[piece.lane] = Lane(piece.lane, self._buffer())
        if lane.is_call:
            lane.held.append(piece.text)
        else:
            lane.buffer.feed(piece.text)
        before = lane.buffer.held
        text = await self._drain(lane, final=final)
        if self._hold is not None and (lane.since is None or lane.buffer.held < before):
            lane.since = asyncio.get_running_loop().time() if lane.buffer.held else None
        return text

    def due(self) -> float | None:
        """Until when something must be released, by the loop's clock; None when nothing waits for
        its time. Tool calls are released whole, however long they take."""
        if self._hold is None:
            return None
        open_lanes = (lane for key, lane in self.lanes.items() if key[0] not in self.halted)
        return min((v.since + self._hold for v in open_lanes if v.since is not None), default=None)

    def give_up(self, choices: Iterable[int]) -> None:
        """End these choices: something was held for too long."""
        for choice in choices:
            self._halt(choice, self._closed("HeldTooLong"))

    def _buffer(self) -> WindowBuffer:
        return WindowBuffer(self._pending, self._ceiling, self._reach, self._goes_on)

    async def rest(self, key: LaneKey) -> str:
        """What may go out of what is still held of a lane that is complete."""
        if key[0] in self.halted:
            return ""
        lane = self.lanes[key]
        lane.since = None
        return await self._drain(lane, final=True)

    def said(self, key: LaneKey) -> str:
        """All that was released of a lane."""
        return "".join(self.lanes[key].said)

    async def _drain(self, lane: Lane, *, final: bool) -> str:
        text = await self._released(lane, final=final)
        if text:
            self.released = True
            if self._keeps:
                lane.said.append(text)
        return text

    async def _released(self, lane: Lane, *, final: bool) -> str:
        if lane.is_call:
            if not final or not lane.held:
                return ""
            arguments = "".join(lane.held)
            lane.held.clear()
            released_call = await self._judge_call(lane, arguments)
            if released_call:
                self._spoken.add(lane.key[0])
            return released_call
        released: list[str] = []
        while lane.key[0] not in self.halted:
            window = lane.buffer.take(final=final)
            if window is None:
                break
            text = await self._judge(lane, window)
            if text:
                self._spoken.add(lane.key[0])
            released.append(text)
            if not len(released) % _BREATH:
                await asyncio.sleep(0)
        return "".join(released)

    async def _judge(self, lane: Lane, window: Window) -> str:
        if window.overflow:
            self._halt(lane.key[0], self._overflow())
            return ""
        fresh = len(window.context)
        until = fresh + len(window.text)
        segment = Segment(
            window.context + window.text + window.ahead,
            Origin.MODEL,
            ("choices", lane.key[0], lane.key[1]),
            window.offset,
            fresh,
            until if window.ahead else None,
        )
        verdict = await self._verdict(lane, segment)
        if verdict is None:
            return ""
        judged = verdict.segments[0].text
        return judged[fresh : len(judged) - len(window.ahead)]

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
            self._halt(lane.key[0], self._failed_rewrite())
            return ""
        return rewritten

    async def _verdict(self, lane: Lane, segment: Segment) -> Verdict | None:
        """The verdict on one segment, or None when it ended the choice."""
        verdict = await evaluate(self._layer, self._rules, (segment,), self._ex)
        for decision in verdict.decisions:
            self._record(decision, segment)
        if verdict.blocked is not None:
            self._halt(lane.key[0], None)
            failed = verdict.blocked.error is not None
            self._outcome.status = Status.ERROR_CLOSED if failed else Status.BLOCKED
            return None
        if verdict.abstained is not None:
            choice = lane.key[0]
            spoken = choice in self._spoken
            self.halted[choice] = (
                Halt("content_filter") if spoken else Halt("stop", self._abstain_text)
            )
            self._outcome.status = Status.BLOCKED
            return None
        if verdict.regenerated is not None:
            self._regenerate(lane, verdict.regenerated)
            return None
        if verdict.edited and self._outcome.status is Status.PASSED:
            self._outcome.status = Status.REWRITTEN
        return verdict

    def _regenerate(self, lane: Lane, decision: Decision) -> None:
        """Give this answer up, or block it where no other one can take its place."""
        late = self._ex.stream and (self.released or bool(self._spoken))
        reply = self._ex.reply
        if self._asks_again and not late and reply is not None and reply.again is not None:
            self.wants_another = True
            self._outcome.status = Status.REWRITTEN
            self.halted[lane.key[0]] = Halt("content_filter")
            return
        self._ex.decisions.append(replace(decision, then=Then.BLOCK))
        self._halt(lane.key[0], None)
        self._outcome.status = Status.BLOCKED

    def _record(self, decision: Decision, segment: Segment) -> None:
        """Keep the decision, its spans counted from the start of the whole answer."""
        moved = tuple(
            replace(f, start=f.start + segment.offset, end=f.end + segment.offset)
            for f in decision.findings
        )
        self._ex.decisions.append(replace(decision, findings=moved))

    def _halt(self, choice: int, decision: Decision | None) -> None:
        self.halted[choice] = Halt("content_filter")
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


def pending_of(rules: tuple[Rule, ...]) -> Callable[[str], bool]:
    """Whether a rule that acts waits for more. Rules that only watch hold nothing back."""
    guards = tuple(guard for guard in _acting(rules) if hasattr(guard, "pending"))
    return lambda text: any(guard.pending(text) for guard in guards)


def goes_on_of(rules: tuple[Rule, ...], ex: Exchange) -> GoesOn | None:
    """The same for runs of what the request says; None when nothing is waited for."""
    asked = [guard.goes_on(ex) for guard in _acting(rules) if hasattr(guard, "goes_on")]
    known = tuple(goes_on for goes_on in asked if goes_on is not None)
    return (lambda tail, after: any(goes_on(tail, after) for goes_on in known)) if known else None


def _acting(rules: tuple[Rule, ...]) -> list[Guard]:
    """The guards whose rules do more than watch, each once."""
    acting = [rule for rule in rules if rule.mode is Mode.ENFORCE and rule.then is not Then.FLAG]
    return list({id(rule.guard): rule.guard for rule in acting}.values())
