"""``POST /v1/moderations``: OpenAI's shape, judged by the input layer of a policy."""

import asyncio
from dataclasses import replace

from gateway.app.local import LocalEndpoint, asked, first_usable
from gateway.app.parts import Parts
from gateway.app.runtime import Live, Runtime
from gateway.core.decide import Verdict
from gateway.core.evaluate import evaluate
from gateway.core.exchange import Exchange, Status
from gateway.core.findings import Mode, Then
from gateway.core.reply import Reply, frames_of
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Json
from gateway.core.stage import Phase
from gateway.wire.headers import may_explain
from gateway.wire.moderations import ModerationsDialect, inputs_of, moderation, reply

_BY_WEIGHT = (
    Status.NOT_SCANNED,
    Status.PASSED,
    Status.REWRITTEN,
    Status.BLOCKED,
    Status.ERROR_CLOSED,
)


def moderations_endpoint(live: Live, parts: Parts) -> LocalEndpoint:
    """The endpoint over a live runtime."""
    return LocalEndpoint(live, parts, ModerationsDialect(parts.clock), ModerationsStage)


class ModerationsStage:
    """Says of each input what the rules of the input layer see in it."""

    name = "moderations"
    phase = Phase.ANSWER

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def run(self, ex: Exchange) -> None:
        """Raises ModelNotFound when the caller may use no model."""
        ex.binding = first_usable(ex, self._runtime)
        ex.model = ex.binding.model
        policy = ex.binding.policy
        rules = [_judging(rule) for rule in policy.rules(Layer.INPUT) if rule.applies(ex)]
        judged = {rule.guard_name for rule in rules if rule.mode is Mode.ENFORCE}
        explain = may_explain(ex)
        results: list[Json] = []
        statuses = [Status.PASSED if rules else Status.NOT_SCANNED]
        for texts in inputs_of(asked(ex)):
            verdict = await evaluate(Layer.INPUT, rules, texts, ex)
            ex.decisions += verdict.decisions
            statuses += [_status(verdict)] if rules else []
            results.append(moderation(verdict.decisions, judged, explain=explain))
            await asyncio.sleep(0)  # others get their turn between two inputs
        ex.outcomes[-1].status = max(statuses, key=_BY_WEIGHT.index)
        document = reply(ex.decision_id, f"{policy.name}@{policy.hash[:12]}", results)
        ex.reply = Reply(frames_of([document]), source="gateway")

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Nothing is held."""


def _judging(rule: Rule) -> Rule:
    """The rule as it judges a text that goes nowhere: no placeholders are issued for it."""
    return replace(rule, then=Then.MASK) if rule.rewrites else rule


def _status(verdict: Verdict) -> Status:
    if verdict.blocked is None:
        return Status.REWRITTEN if verdict.edited else Status.PASSED
    return Status.BLOCKED if verdict.blocked.error is None else Status.ERROR_CLOSED
