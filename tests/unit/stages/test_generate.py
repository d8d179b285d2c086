import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from gateway.core.errors import (
    GatewayError,
    ModelNotFound,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from gateway.core.exchange import Binding, Exchange, Target
from gateway.core.reply import Frame
from gateway.core.rules import Policy
from gateway.core.segments import Json
from gateway.ports.chat_model import ChatModel, ModelCall
from gateway.stages.generate import GenerateStage
from gateway.stages.generate_options import GenerateOptions
from gateway.testing.clock import ManualClock
from gateway.testing.exchanges import make_exchange
from gateway.testing.models import FailingModel, ScriptedModel, Turn

DOWN = UpstreamError("down", retryable=True, cause="HTTP 500")
FATAL = UpstreamError("no", retryable=False)


class SleepyClock(ManualClock):
    """Time moves only when the stage sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)


def exchange(
    targets: Sequence[str] = ("a/m",),
    *,
    stream: bool = False,
    static: str | None = None,
    **fields: object,
) -> Exchange:
    ex = make_exchange("Hello you", body=fields, model="m", stream=stream, id="req_1")
    ex.raw = b"{}"
    pairs = tuple(Target(*target.split("/", 1)) for target in targets)
    ex.binding = Binding("m", "p", Policy("none", "0", {}), pairs, static)
    return ex


def stage(clock: SleepyClock, options: Json | None = None, **models: ChatModel) -> GenerateStage:
    return GenerateStage(
        GenerateOptions.model_validate(options or {}),
        models=models,
        clock=clock,
        random=lambda: 1.0,
        sleep=clock.sleep,
    )


async def read(ex: Exchange) -> list[Json]:
    assert ex.reply is not None
    return [frame.document async for frame in ex.reply.frames]


async def test_the_first_target_answers_and_is_named() -> None:
    model = ScriptedModel(["Good day"])
    ex = exchange()
    await stage(SleepyClock(), a=model).run(ex)
    [document] = await read(ex)
    assert document["choices"][0]["message"]["content"] == "Good day"
    assert ex.reply is not None
    assert ex.reply.source == "a/m"
    assert ex.target == Target("a", "m")
    assert ex.reply_headers["x-gatehouse-model"] == "a/m"
    assert (ex.usage.prompt, ex.usage.completion, ex.usage.exact) == (7, 5, True)
    assert ex.finish == "stop"
    assert ex.attempts == []
    call = model.calls[0]
    assert (call.endpoint, call.model, call.raw) == ("chat/completions", "m", b"{}")
    assert (call.question, call.request_id) == ("Hello you", "req_1")


async def test_retries_wait_longer_each_time_then_the_next_target_answers() -> None:
    clock = SleepyClock()
    bad, good = FailingModel(DOWN), ScriptedModel()
    ex = exchange(["a/m", "b/n"])
    await stage(clock, a=bad, b=good).run(ex)
    assert (len(bad.calls), len(good.calls)) == (3, 1)
    assert clock.slept == [0.25, 0.5]
    assert ex.attempts == ["a/m: UpstreamError (HTTP 500)"] * 3
    assert ex.target == Target("b", "n")


async def test_what_is_not_retryable_goes_to_the_next_target_at_once() -> None:
    clock = SleepyClock()
    bad = FailingModel(FATAL)
    await stage(clock, a=bad, b=ScriptedModel()).run(exchange(["a/m", "b/n"]))
    assert len(bad.calls) == 1
    assert clock.slept == []


async def test_a_rejected_request_stops_at_once_and_spares_the_breaker() -> None:
    rejected = FailingModel(UpstreamRejected(400, {"error": {"message": "x"}}, "x"))
    other = ScriptedModel()
    generate = stage(SleepyClock(), {"breaker": {"failures": 1}}, a=rejected, b=other)
    for _ in range(3):
        with pytest.raises(UpstreamRejected):
            await generate.run(exchange(["a/m", "b/n"]))
    assert len(rejected.calls) == 3
    assert other.calls == []


async def test_the_first_frame_is_pulled_so_that_an_early_break_is_retried() -> None:
    model = ScriptedModel([Turn("one two", breaks=(0, DOWN)), Turn("one two")])
    ex = exchange(stream=True)
    await stage(SleepyClock(), a=model).run(ex)
    assert len(model.calls) == 2
    assert len(await read(ex)) == 4


async def test_nothing_is_retried_after_the_first_frame() -> None:
    model = ScriptedModel([Turn("one two three", breaks=(2, DOWN))])
    ex = exchange(["a/m", "a/n"], stream=True)
    await stage(SleepyClock(), a=model).run(ex)
    with pytest.raises(UpstreamError):
        await read(ex)
    assert len(model.calls) == 1
    assert not ex.usage.exact
    assert ex.usage.prompt > 0


async def test_retry_after_is_waited_out_when_short() -> None:
    clock = SleepyClock()
    limited = UpstreamRateLimited("slow", retry_after=5.0)
    await stage(clock, a=ScriptedModel([Turn(error=limited), Turn("ok")])).run(exchange())
    assert clock.slept == [5.0]


@pytest.mark.parametrize("options", [{}, {"total_timeout": 10}])
async def test_retry_after_is_not_waited_for_beyond_the_budget(options: Json) -> None:
    clock = SleepyClock()
    after = 15.0 if options else 60.0
    limited = FailingModel(UpstreamRateLimited("slow", retry_after=after))
    with pytest.raises(UpstreamRateLimited) as caught:
        await stage(clock, options, a=limited).run(exchange())
    assert clock.slept == []
    assert caught.value.headers["retry-after"] == str(int(after))


async def test_static_answer_when_every_target_failed() -> None:
    generate = stage(SleepyClock(), {"retries": 0}, a=FailingModel(DOWN))
    for stream in (False, True):
        ex = exchange(static="We are closed.", stream=stream)
        await generate.run(ex)
        assert ex.reply is not None
        assert ex.reply.source == "gateway"
        assert "We are closed." in str(await read(ex))
        assert ex.target is None


async def test_the_last_error_is_raised_as_it_is() -> None:
    models = {"a": FailingModel(DOWN), "b": FailingModel(UpstreamTimeout("late", retryable=True))}
    with pytest.raises(UpstreamTimeout) as caught:
        await stage(SleepyClock(), {"retries": 0}, **models).run(exchange(["a/m", "b/m"]))
    assert caught.value.status == 504


async def test_an_open_breaker_spares_the_target_until_a_probe_succeeds() -> None:
    clock = SleepyClock()
    model = ScriptedModel([*[Turn(error=DOWN)] * 2, Turn("back")])
    options: Json = {"retries": 0, "breaker": {"failures": 2, "cooldown": 30}}
    generate = stage(clock, options, a=model)
    for _ in range(2):
        with pytest.raises(UpstreamError):
            await generate.run(exchange())
    ex = exchange()
    with pytest.raises(UpstreamUnavailable) as caught:
        await generate.run(ex)
    assert len(model.calls) == 2
    assert caught.value.headers["retry-after"] == "30"
    assert ex.attempts == ["a/m: skipped, circuit open"]
    clock.advance(30)
    for _ in range(2):
        await generate.run(exchange())
    assert len(model.calls) == 4


async def test_streams_that_keep_breaking_open_the_breaker() -> None:
    model = ScriptedModel([Turn("one two", breaks=(1, DOWN))])
    generate = stage(SleepyClock(), {"breaker": {"failures": 2}}, a=model)
    for _ in range(2):
        ex = exchange(stream=True)
        await generate.run(ex)
        with pytest.raises(UpstreamError):
            await read(ex)
    with pytest.raises(UpstreamUnavailable):
        await generate.run(exchange(stream=True))


@pytest.mark.parametrize("stream", [False, True])
async def test_a_silent_model_is_given_up(stream: bool) -> None:
    options: Json = {"retries": 0, "first_byte_timeout": 0.02, "answer_timeout": 0.02}

    class Deaf(ScriptedModel):
        async def answer(self, call: ModelCall) -> AsyncIterator[Frame]:
            await asyncio.Event().wait()
            return await super().answer(call)

    with pytest.raises(UpstreamTimeout):
        await stage(SleepyClock(), options, a=Deaf()).run(exchange(stream=stream))


@pytest.mark.parametrize("documents", [[], None])
async def test_an_answer_without_content_is_a_failure(documents: list[Json] | None) -> None:
    broken = Turn(documents=[]) if documents == [] else Turn(breaks=(0, ValueError("not JSON")))
    with pytest.raises(UpstreamError):
        await stage(SleepyClock(), {"retries": 0}, a=ScriptedModel([broken])).run(exchange())


async def test_an_adapter_that_breaks_its_contract_falls_to_the_next_target() -> None:
    ex = exchange(["a/m", "gone/m", "b/m"])
    await stage(SleepyClock(), a=ScriptedModel([Turn(error=KeyError("x"))]), b=ScriptedModel()).run(
        ex
    )
    assert ex.target == Target("b", "m")
    assert ex.attempts[0] == "a/m: UpstreamError (KeyError)"


async def test_closing_ends_the_providers_work_and_settles_the_usage() -> None:
    model = ScriptedModel(["a fairly long answer"])
    generate = stage(SleepyClock(), a=model)
    ex = exchange(stream=True)
    await generate.run(ex)
    assert ex.reply is not None
    await anext(ex.reply.frames)
    await generate.close(ex, None)
    assert model.closed == 1
    assert ex.usage.prompt == 3
    assert [frame async for frame in ex.reply.frames] == []
    await generate.close(ex, None)


async def test_cancelling_before_the_first_frame_closes_the_frames() -> None:
    model = ScriptedModel([Turn("late", delay=5.0)])
    task = asyncio.ensure_future(stage(SleepyClock(), a=model).run(exchange(stream=True)))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.closed == 1


async def test_a_model_that_stands_for_nothing_is_not_found() -> None:
    ex = exchange()
    ex.binding = None
    with pytest.raises(ModelNotFound) as caught:
        await stage(SleepyClock()).run(ex)
    assert isinstance(caught.value, GatewayError)
