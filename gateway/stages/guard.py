"""Runs the policy's rules of one layer over the texts that the layer looks at."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from gateway.core.decide import Verdict
from gateway.core.errors import ContentFiltered
from gateway.core.evaluate import evaluate
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.findings import Decision, Mode, Then
from gateway.core.json_text import fits_json
from gateway.core.options import Options
from gateway.core.placeholders import PlaceholderSecret, open_vault
from gateway.core.reply import ABSTAIN_TEXT, Frames, Reply, frames_of
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Origin, Path, Segment
from gateway.core.stage import Phase, nothing_to_close
from gateway.stages.gate import Gate
from gateway.stages.second_answer import SecondAnswer

BLOCKED_MESSAGE = (
    "The request was blocked by the content policy of this gateway. Change the text and try again, "
    "or give the value of the x-gatehouse-decision-id header to whoever runs the gateway."
)


class GuardOptions(Options):
    layer: Layer
    """The policy layer whose rules are run: input, context, prompt, output or final."""

    on_block: Literal["error", "refusal"] = "error"
    """What a blocked request gets: a 400 ``content_filter`` error, or a refusal as an answer."""

    refusal: str = "I can't help with that request."
    """The text of the refusal, with ``on_block: refusal``."""

    abstain: str = ABSTAIN_TEXT
    """The answer when a rule says ``then: abstain``."""


class GuardStage:
    """Runs the rules of one policy layer: on the request, on retrieved chunks or on the answer."""

    Options = GuardOptions
    close = nothing_to_close

    def __init__(
        self, options: GuardOptions, *, placeholders: PlaceholderSecret | None = None
    ) -> None:
        self.name = f"guard[{options.layer.value}]"
        self.phase = (
            Phase.RESPONSE if options.layer in (Layer.OUTPUT, Layer.FINAL) else Phase.REQUEST
        )
        self._layer = options.layer
        self._options = options
        self._placeholders = placeholders

    async def run(self, ex: Exchange) -> None:
        outcome = ex.outcomes[-1]
        rules = ex.policy.rules(self._layer) if ex.policy is not None else ()
        live = tuple(rule for rule in rules if rule.applies(ex))
        if not live:
            outcome.status = Status.NOT_SCANNED
            return
        if self.phase is Phase.RESPONSE:
            if ex.reply is not None:
                ex.reply.wrap(self._judged(ex, live, outcome, ex.reply))
            return
        if self._placeholders is not None and any(rule.then is Then.TOKENIZE for rule in live):
            open_vault(ex, self._placeholders)
        segments = _chunks(ex) if self._layer is Layer.CONTEXT else ex.segments()
        verdict = await evaluate(self._layer, live, segments, ex)
        ex.decisions += verdict.decisions
        if any(decision.error_allowed for decision in verdict.decisions):
            outcome.status = Status.ERROR_OPEN
        self._act(ex, outcome, segments, verdict)

    def _judged(
        self, ex: Exchange, rules: tuple[Rule, ...], outcome: Outcome, reply: Reply
    ) -> Callable[[Frames], Frames]:
        """What an answer goes through."""
        make = partial(Gate, self._layer, rules, ex, outcome, self._options.abstain)
        if reply.again is not None and any(rule.then is Then.REGENERATE for rule in rules):
            return SecondAnswer(make, reply, reply.again).through
        return lambda frames: make().through(frames)

    def _act(
        self, ex: Exchange, outcome: Outcome, before: Sequence[Segment], verdict: Verdict
    ) -> None:
        if verdict.blocked is not None:
            failed = verdict.blocked.error is not None
            outcome.status = Status.ERROR_CLOSED if failed else Status.BLOCKED
            self._block(ex)
            return
        if verdict.abstained is not None:
            outcome.status = Status.BLOCKED
            self._say(ex, self._options.abstain, "stop", abstained=True)
            return
        if self._layer is Layer.CONTEXT:
            _keep_chunks(ex, verdict)
        elif verdict.edited:
            edits: dict[Path, str] = {}
            for index in verdict.edited:
                old, new = before[index], verdict.segments[index]
                if old.origin is Origin.TOOL_CALL and not fits_json(old.text, new.text):
                    outcome.status = Status.ERROR_CLOSED
                    ex.decisions.append(_failed_rewrite(self._layer, new))
                    self._block(ex)
                    return
                edits[new.path] = new.text
            ex.rewrite(edits)
            ex.question = None
        if verdict.edited or verdict.dropped:
            outcome.status = Status.REWRITTEN

    def _block(self, ex: Exchange) -> None:
        if self._options.on_block == "error":
            raise ContentFiltered(BLOCKED_MESSAGE, param=ex.dialect.field)
        self._say(ex, self._options.refusal, "content_filter", abstained=False)

    def _say(self, ex: Exchange, text: str, finish: str, *, abstained: bool) -> None:
        documents = ex.dialect.answer(ex.model, text, stream=ex.stream, finish=finish)
        ex.reply = Reply(frames_of(documents), source="gateway", abstained=abstained)
        ex.finish = finish


def _chunks(ex: Exchange) -> list[Segment]:
    return [
        Segment(chunk.text, Origin.RETRIEVED, ("chunks", chunk.id)) for chunk in ex.chunks or ()
    ]


def _keep_chunks(ex: Exchange, verdict: Verdict) -> None:
    ex.chunks = (
        [
            replace(chunk, text=segment.text) if index in verdict.edited else chunk
            for index, (chunk, segment) in enumerate(
                zip(ex.chunks or (), verdict.segments, strict=True)
            )
            if index not in verdict.dropped
        ]
        if ex.chunks is not None
        else None
    )


def _failed_rewrite(layer: Layer, segment: Segment) -> Decision:
    return Decision(
        layer.value,
        "rewrite",
        "rewrite",
        Then.BLOCK,
        Mode.ENFORCE,
        error="RewriteFailed",
        pointers=(segment.pointer,),
    )
