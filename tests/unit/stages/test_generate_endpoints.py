"""Targets that speak some endpoints and not others."""

import pytest

from gateway.core.dialect import Dialect
from gateway.core.errors import BadRequest, EndpointUnsupported
from gateway.core.exchange import Binding, Exchange, Target
from gateway.core.rules import Policy
from gateway.core.segments import Json
from gateway.stages.generate import GenerateStage
from gateway.stages.generate_options import GenerateOptions
from gateway.testing.clock import ManualClock
from gateway.testing.exchanges import make_exchange
from gateway.testing.models import ScriptedModel
from gateway.wire.embeddings import EmbeddingsDialect
from gateway.wire.messages import MessagesDialect
from gateway.wire.responses import ResponsesDialect

CHAT = frozenset({"chat/completions"})
ALL = CHAT | {"responses", "embeddings", "messages"}


def exchange(dialect: Dialect, *, static: str | None = None, **body: object) -> Exchange:
    ex = make_exchange("Hi", dialect=dialect, body={"input": "Hi", "max_tokens": 9, **body})
    targets = (Target("a", "m"), Target("b", "m"))
    ex.binding = Binding("m", "p", Policy("none", "0", {}), targets, static)
    return ex


async def ask(ex: Exchange, a: ScriptedModel, b: ScriptedModel) -> list[Json]:
    stage = GenerateStage(GenerateOptions(), models={"a": a, "b": b}, clock=ManualClock())
    await stage.run(ex)
    assert ex.reply is not None
    return [frame.document async for frame in ex.reply.frames]


@pytest.mark.parametrize("dialect", [ResponsesDialect(), MessagesDialect()])
async def test_a_model_that_only_chats_is_asked_by_translation(dialect: Dialect) -> None:
    model = ScriptedModel(["Hello"], endpoints=CHAT)
    ex = exchange(dialect)
    (document,) = await ask(ex, model, ScriptedModel())
    (call,) = model.calls
    assert (call.endpoint, call.raw) == ("chat/completions", None)
    assert call.body["messages"] == [{"role": "user", "content": "Hi"}]
    assert "Hello" in str(document)
    assert (ex.usage.prompt, ex.usage.completion, ex.usage.exact) == (7, 5, True)
    assert ex.finish == "stop"


async def test_a_target_that_cannot_serve_is_passed_over() -> None:
    second = ScriptedModel(endpoints=ALL)
    ex = exchange(EmbeddingsDialect())
    await ask(ex, ScriptedModel(endpoints=CHAT), second)
    assert [call.endpoint for call in second.calls] == ["embeddings"]
    assert ex.attempts == ["a/m: The model 'assistant' does not serve /v1/embeddings."]


async def test_state_is_served_by_the_target_that_keeps_it() -> None:
    second = ScriptedModel(endpoints=ALL)
    ex = exchange(ResponsesDialect(), previous_response_id="resp_1")
    await ask(ex, ScriptedModel(endpoints=CHAT), second)
    assert second.calls[0].body["previous_response_id"] == "resp_1"


async def test_when_no_target_can_the_reason_is_given() -> None:
    chatty = ScriptedModel(endpoints=CHAT)
    with pytest.raises(EndpointUnsupported):
        await ask(exchange(EmbeddingsDialect()), chatty, chatty)
    with pytest.raises(BadRequest):
        await ask(exchange(ResponsesDialect(), conversation="c"), chatty, chatty)
    assert chatty.calls == []


async def test_a_static_answer_cannot_be_embedded() -> None:
    chatty = ScriptedModel(endpoints=CHAT)
    with pytest.raises(EndpointUnsupported):
        await ask(exchange(EmbeddingsDialect(), static="Sorry."), chatty, chatty)
    said = await ask(exchange(ResponsesDialect(), static="Sorry.", prompt={}), chatty, chatty)
    assert said[0]["output"][0]["content"][0]["text"] == "Sorry."
