"""``then: regenerate``: the model is asked once more, before anything went out."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gateway.core.errors import UpstreamError
from gateway.core.exchange import Binding, Exchange, Outcome, Status, Target
from gateway.core.findings import Finding, Then
from gateway.core.reply import Usage
from gateway.core.rules import Layer, Policy, Rule
from gateway.core.segments import Json, Segment
from gateway.core.stage import Stage
from gateway.stages.generate import GenerateStage
from gateway.stages.generate_options import GenerateOptions
from gateway.stages.guard import GuardOptions, GuardStage
from gateway.testing.clock import ManualClock
from gateway.testing.exchanges import make_exchange
from gateway.testing.models import ScriptedModel, Turn

GOOD = "All is well here. It really is."


class WordGuard:
    """Finds one word."""

    name = "word"
    inline = True

    def __init__(self, word: str) -> None:
        self._word = word

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        return [
            Finding("WORD", 1.0, index, at, at + len(self._word))
            for index, segment in enumerate(segments)
            if (at := segment.text.find(self._word)) >= 0
        ]


def rule(word: str, then: Then) -> Rule:
    return Rule(word, WordGuard(word), "word", then)


async def answered(
    *turns: str | Turn,
    stream: bool,
    static: str | None = None,
    layers: Sequence[Layer] | Mapping[Layer, tuple[Rule, ...]] = (Layer.OUTPUT,),
    rules: Sequence[Rule] = (),
    **body: Any,
) -> tuple[Exchange, list[Json], ScriptedModel]:
    """An exchange through generate and the guards; the documents that reached the caller."""
    model = ScriptedModel(turns)
    generate = GenerateStage(GenerateOptions(retries=0), models={"a": model}, clock=ManualClock())
    own = (rule("bad", Then.REGENERATE), *rules)
    by_layer = layers if isinstance(layers, Mapping) else dict.fromkeys(layers, own)
    policy = Policy("p", "0", by_layer)
    ex = make_exchange("Hello", body=body, model="m", stream=stream)
    ex.binding = Binding("m", "p", policy, (Target("a", "m"),), static)
    stages: list[Stage] = [generate, *(GuardStage(GuardOptions(layer=layer)) for layer in layers)]
    for stage in stages:
        ex.outcomes.append(Outcome(stage.name))
        await stage.run(ex)
    assert ex.reply is not None
    documents: list[Json] = []
    try:
        documents += [frame.document async for frame in ex.reply.frames]
    finally:
        await generate.close(ex, None)
    return ex, documents, model


def read(documents: list[Json]) -> tuple[str, str | None]:
    said, finish = "", None
    for document in documents:
        for choice in document["choices"]:
            said += (choice.get("delta") or choice.get("message") or {}).get("content") or ""
            finish = choice.get("finish_reason") or finish
    return said, finish


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("layers", [(Layer.OUTPUT,), (Layer.FINAL,), (Layer.OUTPUT, Layer.FINAL)])
async def test_another_answer_takes_the_place_of_one_that_is_not_let_through(
    stream: bool, layers: tuple[Layer, ...]
) -> None:
    ex, documents, model = await answered("A bad one.", GOOD, stream=stream, layers=layers)
    assert read(documents) == (GOOD, "stop")
    assert len(model.calls) == 2
    assert ex.verdict == "regenerated"
    assert ex.finish == "stop"
    assert [(d.rule, d.then) for d in ex.decisions] == [("bad", Then.REGENERATE)]
    assert ex.attempts == ["a/m: its answer was not let through, asked once more"]


async def test_a_stream_has_one_opening_only() -> None:
    _, documents, _ = await answered("A bad one.", GOOD, stream=True)
    roles = [d["choices"][0]["delta"].get("role") for d in documents]
    assert roles.count("assistant") == 1


async def test_the_tokens_of_both_answers_count() -> None:
    ex, _, _ = await answered("A bad one.", GOOD, stream=False)
    assert ex.usage == Usage(14, 10, exact=True)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_second_answer_that_is_no_better_is_blocked(stream: bool) -> None:
    ex, documents, model = await answered("A bad one.", "As bad.", GOOD, stream=stream)
    assert read(documents) == ("", "content_filter")
    assert len(model.calls) == 2
    assert ex.verdict == "blocked"
    assert ex.outcomes[-1].status is Status.BLOCKED
    assert [d.then for d in ex.decisions][-1] is Then.BLOCK


async def test_a_stream_that_has_begun_is_blocked() -> None:
    ex, documents, model = await answered("A start. Then bad.", GOOD, stream=True)
    assert read(documents) == ("A start. ", "content_filter")
    assert len(model.calls) == 1
    assert ex.verdict == "blocked"


async def test_a_whole_answer_is_asked_for_again_wherever_it_is_bad() -> None:
    ex, documents, _ = await answered("A start. Then bad.", GOOD, stream=False)
    assert read(documents) == (GOOD, "stop")
    assert ex.verdict == "regenerated"


async def test_a_block_wins() -> None:
    block = rule("worst", Then.BLOCK)
    ex, documents, model = await answered("bad, worst", GOOD, stream=False, rules=[block])
    assert read(documents) == ("", "content_filter")
    assert len(model.calls) == 1
    assert ex.verdict == "blocked"


@pytest.mark.parametrize("stream", [True, False])
async def test_the_layers_share_one_second_answer(stream: bool) -> None:
    odd = Rule("odd", WordGuard("odd"), "word", Then.REGENERATE)
    layers = {Layer.OUTPUT: (rule("bad", Then.REGENERATE),), Layer.FINAL: (odd,)}
    ex, documents, model = await answered(
        "A bad one.", "An odd one.", GOOD, stream=stream, layers=layers
    )
    assert read(documents) == ("", "content_filter")
    assert len(model.calls) == 2
    assert ex.verdict == "blocked"


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_that_nothing_is_found_in_comes_through_as_it_is(stream: bool) -> None:
    ex, documents, model = await answered(GOOD, stream=stream)
    assert read(documents) == (GOOD, "stop")
    assert len(model.calls) == 1
    assert ex.verdict == "passed"


@pytest.mark.parametrize("stream", [True, False])
async def test_the_answer_of_last_resort_takes_the_second_ones_place(stream: bool) -> None:
    down = Turn(error=UpstreamError("down", retryable=False))
    _, documents, _ = await answered("A bad one.", down, stream=stream, static="Later, please.")
    assert read(documents)[0] == "Later, please."


@pytest.mark.parametrize("stream", [True, False])
async def test_a_model_that_cannot_be_asked_again_is_an_error_and_nothing_goes_out(
    stream: bool,
) -> None:
    down = Turn(error=UpstreamError("down", retryable=False))
    with pytest.raises(UpstreamError):
        await answered("A bad one.", down, stream=stream)
