"""``POST /v1/guard``: what a policy makes of a text or a conversation, without asking a model."""

from dataclasses import replace
from typing import Any

from gateway.app.inject import construct
from gateway.app.local import LocalEndpoint, asked, first_usable, usable
from gateway.app.parts import Parts
from gateway.app.runtime import Live, Runtime
from gateway.core.errors import ContentFiltered, PolicyNotFound
from gateway.core.exchange import Binding, Exchange
from gateway.core.knowledge import Access, Chunk
from gateway.core.reply import Reply, frames_of
from gateway.core.rules import Layer
from gateway.core.segments import Json
from gateway.core.stage import Phase
from gateway.stages.guard import GuardOptions, GuardStage
from gateway.wire.guard_check import (
    ANSWERS,
    CheckDialect,
    answer_of,
    in_shape,
    layer_of,
    released,
    result,
    texts_of,
)
from gateway.wire.headers import may_explain

_LONGEST_SHOWN = 128


def check_endpoint(live: Live, parts: Parts) -> LocalEndpoint:
    """The endpoint over a live runtime."""
    return LocalEndpoint(
        live, parts, CheckDialect(parts.clock), lambda runtime: CheckStage(runtime, parts)
    )


class CheckStage:
    """Runs the guard stage of one layer over the texts of a check, exactly as in an exchange."""

    name = "check"
    phase = Phase.ANSWER

    def __init__(self, runtime: Runtime, parts: Parts) -> None:
        self._runtime = runtime
        self._usual = {
            layer: construct(GuardStage, GuardOptions(layer=layer), parts.by_name())
            for layer in Layer
        }

    async def run(self, ex: Exchange) -> None:
        """Raises PolicyNotFound or ModelNotFound."""
        body = asked(ex)
        ex.binding = self._binding(ex, body.get("policy"))
        ex.model = ex.binding.model
        layer, given = layer_of(body), body["input"]
        stage = self._stage(ex.binding, layer)
        ex.outcomes[-1].stage = stage.name  # the guard stage notes its status in the last outcome
        if layer in ANSWERS:
            now = await self._answer(ex, stage, given)
        elif layer is Layer.CONTEXT:
            now = await self._passages(ex, stage, given)
        else:
            now = await self._request(ex, stage, body)
        explain = ex.decisions if may_explain(ex) else None
        document = result(ex.decision_id, ex.verdict, ex.binding.policy, given, now, explain)
        ex.reply = Reply(frames_of([document]), source="gateway")

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Nothing is held."""

    def _binding(self, ex: Exchange, policy: str | None) -> Binding:
        """What to check against: a policy is open to those who may use a model bound to it."""
        if policy is None:
            return first_usable(ex, self._runtime)
        for binding in usable(ex, self._runtime):
            if binding.policy.name == policy:
                return binding if ex.binding is None else replace(ex.binding, policy=binding.policy)
        raise PolicyNotFound(
            f"The policy {policy[:_LONGEST_SHOWN]!r} does not exist or you do not have access to "
            "it. Leave 'policy' out to use the one of 'model'.",
            param="policy",
            cause="no such policy among the models of this key",
        )

    def _stage(self, binding: Binding, layer: Layer) -> GuardStage:
        """The guard stage that the model's own pipeline has for this layer, or one like it."""
        usual: GuardStage = self._usual[layer]
        for stage in self._runtime.pipelines[binding.pipeline].stages:
            if isinstance(stage, GuardStage) and stage.name == usual.name:
                return stage
        return usual

    async def _request(self, ex: Exchange, stage: GuardStage, body: Json) -> Any:
        ex.replace_body(body)
        if not await _lets_on(ex, stage):
            return None
        return ex.body["input"]

    async def _passages(self, ex: Exchange, stage: GuardStage, given: Any) -> Any:
        texts = texts_of(given)
        ex.chunks = [_passage(index, text) for index, text in enumerate(texts)]
        lets_on = await _lets_on(ex, stage)
        kept = {chunk.id: chunk.text for chunk in ex.chunks}
        ex.chunks = None  # no documents were used: the audit must not list these
        if not lets_on:
            return None
        return in_shape(given, [kept.get(str(index)) for index in range(len(texts))])

    async def _answer(self, ex: Exchange, stage: GuardStage, given: Any) -> Any:
        before, document = answer_of(given)
        count = len(document["choices"])
        ex.replace_body({"model": ex.model, "input": {"messages": before}, "n": count})
        ex.reply = Reply(frames_of([document]), source="gateway")
        await stage.run(ex)
        judged = [frame.document async for frame in ex.reply.frames]
        return released(given, judged[-1])


async def _lets_on(ex: Exchange, stage: GuardStage) -> bool:
    """Run a layer of the request; False when it ended the exchange there."""
    try:
        await stage.run(ex)
    except ContentFiltered:
        return False
    return ex.reply is None


def _passage(index: int, text: str) -> Chunk:
    return Chunk(str(index), "", "", "", None, None, text, Access())
