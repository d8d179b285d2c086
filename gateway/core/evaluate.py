"""Runs the guards of a layer over a batch of segments: rewriters first, then judges together."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from gateway.core.decide import Verdict, decide, edits_of
from gateway.core.exchange import Exchange
from gateway.core.findings import Decision, Finding, Guard, Then
from gateway.core.json_text import is_json, past_escape, unquoted, without_escapes
from gateway.core.placeholders import Vault, vault_of
from gateway.core.recall import Recall
from gateway.core.redact import Edit, apply
from gateway.core.resumed import Resumed
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Origin, Segment

log = logging.getLogger(__name__)

Outcome = Sequence[Finding] | BaseException
Decided = list[tuple[Rule, Decision]]
"""The rules that have something to say, with what they say."""


async def evaluate(
    layer: Layer, rules: Sequence[Rule], segments: Sequence[Segment], ex: Exchange
) -> Verdict:
    """The verdict of ``rules`` on ``segments``. Never raises for a guard's failure: a guard that
    raises or runs out of time blocks, unless its rule says ``on_error: allow``."""
    rewriters = [rule for rule in rules if rule.rewrites and rule.applies(ex)]
    judges = [rule for rule in rules if not rule.rewrites and rule.applies(ex)]
    texts = list(segments)
    if not texts:
        return Verdict(())
    decided: Decided = []
    edited: frozenset[int] = frozenset()
    recall = _recall(texts, ex)
    if rewriters:
        decided = await _decide_all(layer, rewriters, texts, ex, recall)
        if decided:
            decided, edited = _rewrite(texts, decided, ex)
    if judges:
        decided += await _decide_all(layer, judges, texts, ex, recall)
    return _verdict(texts, [decision for _, decision in decided], edited)


def _rewrite(
    texts: list[Segment], decided: Decided, ex: Exchange
) -> tuple[Decided, frozenset[int]]:
    """Make the edits in ``texts``, in their order. A rewrite that cannot be made turns into a
    block."""
    edits: dict[int, list[Edit]] = {}
    for rule, made in decided:
        for edit in edits_of(made, rule, texts):
            edits.setdefault(edit.segment, []).append(edit)
    vault = vault_of(ex)
    if vault is not None and any(e.replacement is None for own in edits.values() for e in own):
        vault.begin(ex)
        vault.avoid(segment.text for segment in texts)
    for index in sorted(edits):
        try:
            texts[index] = _rewritten(texts[index], edits[index], vault)
        except ValueError as error:
            log.error("a rewrite could not be applied in exchange %s: %s", ex.id, error)
            decided = [(rule, _as_block(made, "RewriteFailed")) for rule, made in decided]
    return decided, frozenset(edits)


async def _decide_all(
    layer: Layer,
    rules: Sequence[Rule],
    segments: Sequence[Segment],
    ex: Exchange,
    recall: Recall | None,
) -> Decided:
    """What each rule says, in the order of the rules.

    Guards that answer at once are asked first: a text that one of them blocks is not sent through
    those that take their time.
    """
    said: dict[int, Decision] = {}
    outcomes: dict[int, Outcome] = {}  # rules that share a guard share its one check

    def settle(place: int, outcome: Outcome) -> None:
        if isinstance(outcome, BaseException):
            said[place] = decide(layer, rules[place], segments, (), outcome)
        elif outcome:
            decision = decide(layer, rules[place], segments, outcome)
            if decision.findings:
                said[place] = decision

    waiting = [place for place, rule in enumerate(rules) if not rule.guard.inline]
    for place, rule in enumerate(rules):
        if rule.guard.inline:
            key = id(rule.guard)
            if key not in outcomes:
                outcomes[key] = await _check(rule.guard, segments, ex, rules, recall)
            settle(place, outcomes[key])
    if waiting and not any(d.acts and d.then is Then.BLOCK for d in said.values()):
        guards = {id(rules[place].guard): rules[place].guard for place in waiting}
        tasks = {
            key: asyncio.create_task(_check(guard, segments, ex, rules, recall))
            for key, guard in guards.items()
        }
        try:
            for place in waiting:
                settle(place, await tasks[id(rules[place].guard)])
        finally:
            for task in tasks.values():
                task.cancel()
    return [(rules[place], said[place]) for place in sorted(said)]


async def _check(
    guard: Guard,
    segments: Sequence[Segment],
    ex: Exchange,
    rules: Sequence[Rule],
    recall: Recall | None,
) -> Outcome:
    places = _places(guard, segments, rules)
    shown = segments if places is None else [segments[place] for place in places]
    if not shown:
        return ()
    if any(segment.origin is Origin.TOOL_CALL for segment in shown):
        shown = [_readable(segment) for segment in shown]
    if recall is None or not getattr(guard, "pure", False):
        outcome = await _run(guard, shown, ex, rules)
    else:
        outcome = await _run_on_news(guard, shown, ex, rules, recall)
    if places is None or not outcome or isinstance(outcome, BaseException):
        return outcome
    return [replace(finding, segment=places[finding.segment]) for finding in outcome]


async def _run_on_news(
    guard: Guard, shown: Sequence[Segment], ex: Exchange, rules: Sequence[Rule], recall: Recall
) -> Outcome:
    """What the guard sees, without showing it texts of which that is known."""
    known, news = recall.known(guard, shown)
    if not news:
        return known
    fresh = [shown[place] for place in news]
    outcome = await _run(guard, fresh, ex, rules)
    if isinstance(outcome, BaseException):
        return outcome
    recall.keep(guard, fresh, outcome)
    seen = known + [replace(finding, segment=news[finding.segment]) for finding in outcome]
    return sorted(seen, key=_place) if known else seen


async def _run(
    guard: Guard, shown: Sequence[Segment], ex: Exchange, rules: Sequence[Rule]
) -> Outcome:
    checking = guard.check(shown, ex)
    try:
        try:
            waits_for = checking.send(None)
        except StopIteration as done:  # it never had to wait, as most do: no timer was needed
            findings: Sequence[Finding] = done.value
        else:
            async with asyncio.timeout(max(r.timeout for r in rules if r.guard is guard)):
                findings = await Resumed(checking, waits_for)
    except Exception as error:  # noqa: BLE001 - a failed guard is a decision, whatever failed
        log.warning("guard %s failed in exchange %s: %r", guard.name, ex.id, error)
        return error
    return findings


def _recall(segments: Sequence[Segment], ex: Exchange) -> Recall | None:
    """What is remembered of earlier turns. None for a single text, which is none: its findings
    are remembered when it comes again as history."""
    if len(segments) < 2 or ex.policy is None:
        return None
    return Recall(ex.policy.memory, "" if ex.principal is None else ex.principal.tenant)


def _place(finding: Finding) -> int:
    return finding.segment


def _places(
    guard: Guard, segments: Sequence[Segment], rules: Sequence[Rule]
) -> Sequence[int] | None:
    """The segments that a guard need look at, by their place: those of the origins that its rules
    are about. None when that is all of them."""
    origins: set[Origin] = set()
    for rule in rules:
        if rule.guard is guard:
            if rule.origins is None:
                return None
            origins |= rule.origins
    places = [place for place, segment in enumerate(segments) if segment.origin in origins]
    return None if len(places) == len(segments) else places


def _readable(segment: Segment) -> Segment:
    """What a guard reads of a segment: the same places, without the letters of JSON's escapes."""
    if segment.origin is not Origin.TOOL_CALL:
        return segment
    text = without_escapes(segment.text)
    return segment if text == segment.text else replace(segment, text=text)


def _rewritten(segment: Segment, edits: Sequence[Edit], vault: Vault | None) -> Segment:
    issue = None if vault is None else vault.issue
    text = segment.text
    if segment.origin is Origin.TOOL_CALL and "\\" in text and is_json(text):
        edits = [replace(edit, start=past_escape(text, edit.start)) for edit in edits]
        return replace(segment, text=apply(text, edits, issue, unquoted))
    return replace(segment, text=apply(text, edits, issue))


def _as_block(decision: Decision, error: str) -> Decision:
    return replace(decision, then=Then.BLOCK, error=error, error_allowed=False)


def _verdict(
    texts: Sequence[Segment], decisions: Sequence[Decision], edited: frozenset[int]
) -> Verdict:
    if not decisions:
        return Verdict(tuple(texts))
    acting = [d for d in decisions if d.acts]
    return Verdict(
        segments=tuple(texts),
        decisions=tuple(decisions),
        edited=edited,
        dropped=frozenset(f.segment for d in acting if d.then is Then.DROP for f in d.findings),
        blocked=next((d for d in acting if d.then is Then.BLOCK), None),
        abstained=next((d for d in acting if d.then is Then.ABSTAIN), None),
        regenerated=next((d for d in acting if d.then is Then.REGENERATE), None),
    )
