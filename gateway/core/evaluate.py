"""Runs the guards of a layer over a batch of segments: rewriters first, then judges together."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from gateway.core.decide import Verdict, decide, edits_of
from gateway.core.exchange import Exchange
from gateway.core.findings import Decision, Finding, Guard, Then
from gateway.core.redact import Edit, apply
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Segment

log = logging.getLogger(__name__)

Outcome = Sequence[Finding] | BaseException


async def evaluate(
    layer: Layer, rules: Sequence[Rule], segments: Sequence[Segment], ex: Exchange
) -> Verdict:
    """The verdict of ``rules`` on ``segments``. Never raises for a guard's failure: a guard that
    raises or runs out of time blocks, unless its rule says ``on_error: allow``."""
    live = [rule for rule in rules if rule.applies(ex)]
    if not live or not segments:
        return Verdict(tuple(segments))
    texts = list(segments)
    decisions: list[Decision] = []
    edited: set[int] = set()
    rewriters = [rule for rule in live if rule.rewrites]
    if rewriters:
        decided = await _decide_all(layer, rewriters, texts, ex)
        edits = [
            e
            for rule, made in zip(rewriters, decided, strict=True)
            for e in edits_of(made, rule, texts)
        ]
        for index in {edit.segment for edit in edits}:
            try:
                texts[index] = _rewritten(texts[index], [e for e in edits if e.segment == index])
            except ValueError as error:
                log.error("a rewrite could not be applied in exchange %s: %s", ex.id, error)
                decided = [_as_block(made, "RewriteFailed") for made in decided]
            edited.add(index)
        decisions += decided
    judges = [rule for rule in live if not rule.rewrites]
    if judges:
        decisions += await _decide_all(layer, judges, texts, ex)
    return _verdict(texts, decisions, edited)


async def _decide_all(
    layer: Layer, rules: Sequence[Rule], segments: Sequence[Segment], ex: Exchange
) -> list[Decision]:
    outcomes: dict[int, Outcome] = {}
    waiting: dict[int, asyncio.Task[Outcome]] = {}
    limits: dict[int, float] = {}
    guards: dict[int, Guard] = {}
    for rule in rules:  # rules that share a guard share its one check
        key = id(rule.guard)
        guards[key] = rule.guard
        limits[key] = max(rule.timeout, limits.get(key, 0.0))
    for key, guard in guards.items():
        if not guard.inline:
            waiting[key] = asyncio.create_task(_check(guard, segments, ex, limits[key]))
    try:
        for key, guard in guards.items():
            if guard.inline:
                outcomes[key] = await _check(guard, segments, ex, limits[key])
        for key, task in waiting.items():
            outcomes[key] = await task
    finally:
        for task in waiting.values():
            task.cancel()
    decided = []
    for rule in rules:
        outcome = outcomes[id(rule.guard)]
        failed = isinstance(outcome, BaseException)
        findings: Sequence[Finding] = () if isinstance(outcome, BaseException) else outcome
        decided.append(
            decide(layer, rule, segments, findings, outcome if failed else None)  # type: ignore[arg-type]
        )
    return decided


async def _check(guard: Guard, segments: Sequence[Segment], ex: Exchange, limit: float) -> Outcome:
    try:
        async with asyncio.timeout(limit):
            return await guard.check(segments, ex)
    except Exception as error:  # noqa: BLE001 - a failed guard is a decision, whatever failed
        log.warning("guard %s failed in exchange %s: %r", guard.name, ex.id, error)
        return error


def _rewritten(segment: Segment, edits: Sequence[Edit]) -> Segment:
    return replace(segment, text=apply(segment.text, edits))


def _as_block(decision: Decision, error: str) -> Decision:
    return replace(decision, then=Then.BLOCK, error=error, error_allowed=False)


def _verdict(texts: Sequence[Segment], decisions: Sequence[Decision], edited: set[int]) -> Verdict:
    acting = [d for d in decisions if d.acts]
    return Verdict(
        segments=tuple(texts),
        decisions=tuple(d for d in decisions if d.triggered or d.error is not None),
        edited=frozenset(edited),
        dropped=frozenset(f.segment for d in acting if d.then is Then.DROP for f in d.findings),
        blocked=next((d for d in acting if d.then is Then.BLOCK), None),
        abstained=next((d for d in acting if d.then is Then.ABSTAIN), None),
    )
