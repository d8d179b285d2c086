"""Sentences of an answer that the passages do not bear out."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.core.errors import UpstreamTimeout
from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.knowledge import Chunk
from gateway.core.segments import Json, Origin, Segment
from gateway.guards.faithfulness import FaithfulnessGuard, FaithfulnessOptions
from gateway.guards.faithfulness_judge import PROMPT, JudgeFailed
from gateway.testing.exchanges import make_exchange
from gateway.testing.models import ScriptedModel, Turn
from gateway.testing.support import ScriptedSupport, make_chunk

CHUNKS = (make_chunk("Refunds take 14 days."), make_chunk("The office is in Madrid.", 2))
ANSWER = "Hello! Refunds take 30 days. The office is in Madrid. Anything else?"


def exchange(chunks: Sequence[Chunk] | None = CHUNKS) -> Exchange:
    ex = make_exchange("How long do refunds take?")
    ex.chunks = chunks
    return ex


def segment(text: str, channel: str = "content", **place: Any) -> Segment:
    return Segment(text, Origin.MODEL, ("choices", 0, channel), **place)


def guard(support: ScriptedSupport | None = None, **options: Any) -> FaithfulnessGuard:
    made = support or ScriptedSupport({"30 days": 0.1})
    return FaithfulnessGuard(
        FaithfulnessOptions(**options), support=made, lexical_support=ScriptedSupport()
    )


def judging(*turns: Turn | str, **judge: Any) -> tuple[FaithfulnessGuard, ScriptedModel]:
    model = ScriptedModel(list(turns))
    options = FaithfulnessOptions.model_validate({"judge": {"model": "small/judge-1", **judge}})
    made = FaithfulnessGuard(
        options,
        support=ScriptedSupport(),
        lexical_support=ScriptedSupport(),
        models={"small": model},
    )
    return made, model


def verdicts(*said: tuple[str, int | None]) -> str:
    entries = [
        {"sentence": n, "verdict": verdict, "passage": passage}
        for n, (verdict, passage) in enumerate(said, start=1)
    ]
    return json.dumps({"verdicts": entries})


def texts(findings: Sequence[Finding], text: str) -> list[str]:
    return [text[finding.start : finding.end] for finding in findings]


async def test_the_sentence_that_is_not_borne_out_is_found() -> None:
    seen = await guard().check([segment(ANSWER)], exchange())
    wrong = [finding for finding in seen if finding.score >= 0.5]
    assert texts(wrong, ANSWER) == ["Refunds take 30 days."]
    assert wrong[0].category == "faithfulness.unsupported"
    assert wrong[0].score == 0.9
    assert "[1] doc#1" in wrong[0].reason
    assert "30" not in wrong[0].reason


async def test_a_contradiction_has_a_category_of_its_own() -> None:
    support = ScriptedSupport({"30 days": 0.1}, contradicted=True)
    seen = await guard(support).check([segment(ANSWER)], exchange())
    assert seen[0].category == "faithfulness.contradicted"


async def test_greetings_and_questions_are_not_judged() -> None:
    support = ScriptedSupport()
    await guard(support).check([segment(ANSWER)], exchange())
    assert [text for text, _ in support.asked] == [
        "Refunds take 30 days.",
        "The office is in Madrid.",
    ]


@pytest.mark.parametrize("chunks", [None, ()])
async def test_without_passages_nothing_is_found_unless_asked_for(
    chunks: Sequence[Chunk] | None,
) -> None:
    assert await guard().check([segment(ANSWER)], exchange(chunks)) == []
    seen = await guard(without_chunks="flag").check([segment(ANSWER)], exchange(chunks))
    assert [finding.score for finding in seen] == [1.0, 1.0]


@pytest.mark.parametrize(
    "other",
    [
        segment("Refunds take 30 days.", "reasoning"),
        segment("Refunds take 30 days.", "refusal"),
        Segment("Refunds take 30 days.", Origin.USER),
        Segment("Refunds take 30 days.", Origin.TOOL_CALL, ("choices", 0, "tool_call:0")),
    ],
)
async def test_only_what_is_said_to_the_caller_is_judged(other: Segment) -> None:
    assert await guard().check([other], exchange()) == []


async def test_what_was_judged_before_is_not_judged_again() -> None:
    support = ScriptedSupport()
    text = "Refunds take 30 days. The office is in Madrid. It is open. "
    start, end = text.index("The"), text.index("It is open")
    await guard(support).check([segment(text, fresh=start, until=end)], exchange())
    assert [asked for asked, _ in support.asked] == ["The office is in Madrid."]


async def test_a_marker_that_comes_late_brings_no_second_finding() -> None:
    support = ScriptedSupport()
    text = "Refunds take 30 days. [1] The office is in Madrid."
    await guard(support).check([segment(text, fresh=text.index("[1]"))], exchange())
    assert [asked for asked, _ in support.asked] == ["The office is in Madrid."]


async def test_passages_are_made_ready_once_for_an_exchange() -> None:
    support = ScriptedSupport()
    ex, made = exchange(), guard(support)
    for sentence in ("Refunds take 14 days.", "The office is in Madrid."):
        await made.check([segment(sentence)], ex)
    assert support.opened == 1
    ex.chunks = CHUNKS[:1]
    await made.check([segment("Refunds take 14 days.")], ex)
    assert support.opened == 2


def test_the_guard_waits_for_the_end_of_a_sentence() -> None:
    assert guard().pending("Refunds take ")
    assert not guard().pending("Refunds take 14 days. ")


async def test_the_judge_gives_a_verdict_for_each_sentence() -> None:
    answer = verdicts(("contradicted", 1), ("supported", 2))
    made, model = judging(f"```json\n{answer}\n```")
    seen = await made.check([segment(ANSWER)], exchange())
    assert [(f.category, f.score) for f in seen] == [("faithfulness.contradicted", 1.0)]
    assert texts(seen, ANSWER) == ["Refunds take 30 days."]
    call = model.calls[0]
    assert (call.model, call.stream, call.body["temperature"]) == ("judge-1", False, 0)
    assert call.body["messages"][0]["content"] == PROMPT
    material = json.loads(call.body["messages"][1]["content"])
    assert [entry["text"] for entry in material["passages"]] == [c.text for c in CHUNKS]
    assert [entry["number"] for entry in material["sentences"]] == [1, 2]


@pytest.mark.parametrize(
    "answer",
    [
        "All fine.",
        "",
        "{}",
        '{"verdicts": []}',
        verdicts(("supported", 1)),
        verdicts(("supported", 1), ("supported", 2), ("supported", 2)),
        verdicts(("fine", 1), ("supported", 2)),
        verdicts(("supported", None), ("supported", 2)),
        verdicts(("supported", 9), ("supported", 2)),
        '{"verdicts": [{"sentence": "1", "verdict": "supported", "passage": 1}]}',
    ],
)
async def test_an_answer_that_is_no_verdict_is_a_failure(answer: str) -> None:
    made, _ = judging(answer)
    with pytest.raises(JudgeFailed):
        await made.check([segment(ANSWER)], exchange())


async def test_documents_without_an_answer_are_a_failure() -> None:
    documents: list[Json] = [{}, {"choices": []}, {"choices": [{"message": {"content": None}}]}]
    for document in documents:
        made, _ = judging(Turn(documents=[document]))
        with pytest.raises(JudgeFailed):
            await made.check([segment(ANSWER)], exchange())


async def test_the_budget_holds_over_a_whole_exchange() -> None:
    answer = verdicts(("supported", 1), ("supported", 2))
    made, model = judging(answer, budget_tokens=800)
    ex = exchange()
    await made.check([segment(ANSWER)], ex)
    with pytest.raises(JudgeFailed, match="budget_tokens"):
        await made.check([segment(ANSWER)], ex)
    assert len(model.calls) == 1
    await made.check([segment(ANSWER)], exchange())


async def test_a_judge_that_takes_too_long_is_a_failure() -> None:
    made, _ = judging(Turn("{}", delay=5.0), timeout=0.01)
    with pytest.raises((asyncio.TimeoutError, UpstreamTimeout)):
        await made.check([segment(ANSWER)], exchange())


def test_a_judge_must_be_one_of_the_providers() -> None:
    options = FaithfulnessOptions.model_validate({"judge": {"model": "big/m"}})
    parts = {"support": ScriptedSupport(), "lexical_support": ScriptedSupport()}
    with pytest.raises(ValueError, match="no provider in use is named 'big'; there are: small"):
        FaithfulnessGuard(options, **parts, models={"small": ScriptedModel()})
    with pytest.raises(ValidationError, match="provider/model"):
        FaithfulnessOptions.model_validate({"judge": {"model": "gpt"}})
