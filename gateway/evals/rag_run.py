"""Asks the questions of a golden set, and notes what became of each."""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from gateway.core.knowledge import Chunk
from gateway.evals.answers import AnswerJudge, Grounding
from gateway.evals.golden import GoldenKeys, QuestionKeys
from gateway.evals.ranking import facts_said, gains, token_f1
from gateway.policy.compile import canonical

Outcome = Literal["answered", "abstained", "blocked", "failed"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the gateway made of a question.

    ``found`` is what retrieval brought, best first; ``shown`` what the model read of it, in the
    order that citations number. Times are milliseconds.
    """

    outcome: Outcome
    answer: str
    found: Sequence[Chunk] = ()
    shown: Sequence[Chunk] = ()
    detail: str = ""
    """Why there is no answer."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    ms: float = 0.0
    retrieval_ms: float = 0.0


Ask = Callable[[str, frozenset[str]], Awaitable[Asked]]
"""Asks a question for a caller with these roles."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one question, as it is saved; times stand apart, because they never repeat."""

    id: str
    digest: str
    """Of the question and what is expected: rows are compared when it is the same."""
    ask: str
    answerable: bool
    outcome: Outcome
    detail: str
    answer: str
    found: tuple[str, ...]
    gains: tuple[bool, ...]
    expected: int
    facts: float | None
    answer_f1: float | None
    prompt_tokens: int
    completion_tokens: int
    grounding: Grounding = field(default_factory=Grounding)


@dataclass(frozen=True, slots=True)
class Timed:
    """A row, and how long it took in milliseconds: as a whole, and to retrieve."""

    row: Row
    ms: float
    retrieval_ms: float


async def run_golden(
    golden: GoldenKeys, ask: Ask, judge: AnswerJudge
) -> AsyncGenerator[Timed, None]:
    """One row per question, in order, one question at a time.

    The first is asked twice, so that loading a model is not part of any latency.
    """
    first = golden.questions[0]
    await ask(first.ask, _roles(golden, first))
    for question in golden.questions:
        asked = await ask(question.ask, _roles(golden, question))
        grounding = Grounding()
        if asked.outcome == "answered":
            grounding = await judge.judge(asked.answer, asked.shown)
        row = _row(question, digest_of(golden, question), asked, grounding)
        yield Timed(row, asked.ms, asked.retrieval_ms)


def digest_of(golden: GoldenKeys, question: QuestionKeys) -> str:
    """Twelve hex digits of the SHA-256 over a question, its roles and what it expects."""
    said = {
        **canonical(question.model_dump(exclude={"id"})),
        "roles": sorted(_roles(golden, question)),
        "tenant": golden.tenant,
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def _roles(golden: GoldenKeys, question: QuestionKeys) -> frozenset[str]:
    return golden.roles if question.roles is None else question.roles


def _row(question: QuestionKeys, digest: str, asked: Asked, grounding: Grounding) -> Row:
    expected = tuple(dict.fromkeys(question.expect))
    ranked = [(chunk.id, chunk.document) for chunk in asked.found]
    answer = asked.answer if asked.outcome == "answered" else ""
    return Row(
        id=question.id,
        digest=digest,
        ask=question.ask,
        answerable=question.answerable,
        outcome=asked.outcome,
        detail=asked.detail,
        answer=asked.answer,
        found=tuple(chunk.id for chunk in asked.found),
        gains=tuple(gains(ranked, expected)),
        expected=len(expected),
        facts=facts_said(answer, question.facts),
        answer_f1=None if question.answer is None else token_f1(answer, question.answer),
        prompt_tokens=asked.prompt_tokens,
        completion_tokens=asked.completion_tokens,
        grounding=grounding,
    )


def row_from(saved: dict[str, Any]) -> Row:
    """A row as it was saved. Raises KeyError, TypeError or ValueError when it is none."""
    grounding = dict(saved["grounding"])
    grounding["unsupported"] = tuple(grounding.get("unsupported", ()))
    fields = {**saved, "grounding": Grounding(**grounding)}
    fields["found"], fields["gains"] = tuple(saved["found"]), tuple(saved["gains"])
    return Row(**fields)
