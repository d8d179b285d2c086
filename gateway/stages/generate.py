"""Asks the model: ordered targets, retries, time limits, a circuit breaker for each target."""

import asyncio
import logging
import random as _random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from gateway.core.backoff import jittered
from gateway.core.breaker import Breaker
from gateway.core.clock import Clock
from gateway.core.dialect import Bridge
from gateway.core.errors import (
    BadRequest,
    EndpointUnsupported,
    GatewayError,
    ModelNotFound,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from gateway.core.exchange import Binding, Exchange, Target
from gateway.core.observed import ObservedFrames, close_frames
from gateway.core.reply import Frame, Frames, Reply, Usage, frames_of
from gateway.core.stage import Phase
from gateway.core.token_limit import limit_tokens
from gateway.ports.chat_model import ChatModel, ModelCall
from gateway.stages.generate_options import GenerateOptions

log = logging.getLogger(__name__)

_LATE = "The model provider did not answer in time."
_FAILED = "The model provider failed to answer."
_STATE = "gateway.generate"
_EARLIER = "gateway.generate.earlier"
"""The usage of an answer that another one took the place of."""
_CHAT = "chat/completions"


class _Unfit(Exception):
    """A target that is not asked, and what the client is told when no other one can be."""

    def __init__(self, error: GatewayError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True, slots=True)
class _Question:
    """What one target is asked, and how its answer comes back to the client's endpoint."""

    target: Target
    model: ChatModel | None
    call: ModelCall
    bridge: Bridge | None


class GenerateStage:
    """The model's answer, from the first target that gives one."""

    name = "generate"
    phase = Phase.ANSWER
    Options = GenerateOptions

    def __init__(
        self,
        options: GenerateOptions,
        *,
        models: Mapping[str, ChatModel],
        clock: Clock,
        random: Callable[[], float] = _random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._options = options
        self._models = models
        self._clock = clock
        self._random = random
        self._sleep = sleep
        self._breakers: dict[Target, Breaker] = {}

    async def run(self, ex: Exchange) -> None:
        """Raises ModelNotFound, UpstreamRejected at once, and the last UpstreamError when every
        target failed and the model has no static answer."""
        binding = ex.binding
        if binding is None:
            raise ModelNotFound(f"The model {ex.model!r} does not exist.", param="model")
        limit_tokens(ex)
        frames = await self._answer(ex, binding)
        if frames is None:
            return
        ex.reply = Reply(frames, source=str(ex.target), again=partial(self._again, ex, binding))
        ex.reply_headers["x-gatehouse-model"] = ex.reply.source

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Ends the provider's work if it still goes on, and settles ``ex.usage``."""
        frames = ex.state.pop(_STATE, None)
        if frames is not None:
            await frames.aclose()
        earlier = ex.state.pop(_EARLIER, None)
        if earlier is not None:
            ex.usage = earlier + ex.usage

    async def _again(self, ex: Exchange, binding: Binding) -> Frames:
        """Another answer; the tokens of the one before count too."""
        frames = ex.state.pop(_STATE, None)
        if frames is not None:
            await frames.aclose()
        ex.state[_EARLIER] = ex.state.get(_EARLIER, Usage(exact=True)) + ex.usage
        ex.usage, ex.finish = Usage(), None
        ex.attempts.append(f"{ex.target}: its answer was not let through, asked once more")
        answer = await self._answer(ex, binding)
        if answer is None:
            assert ex.reply is not None  # noqa: S101 - the static answer
            return ex.reply.frames
        ex.reply_headers["x-gatehouse-model"] = str(ex.target)
        return answer

    async def _answer(self, ex: Exchange, binding: Binding) -> ObservedFrames | None:
        """The first target's answer; None when the exchange has the static answer instead."""
        deadline = self._clock.monotonic() + self._options.total_timeout
        failure: UpstreamError | None = None
        unfit: GatewayError | None = None
        for target in binding.targets:
            breaker = self._breaker(target)
            try:
                frames = await self._ask(ex, self._question(ex, target), breaker, deadline)
            except UpstreamError as error:
                failure = error
                continue
            except _Unfit as why:
                unfit = why.error
                ex.attempts.append(f"{target}: {why.error.message}")
                continue
            if frames is None:
                ex.attempts.append(f"{target}: skipped, circuit open")
                continue
            ex.target = target
            ex.state[_STATE] = frames
            return frames
        self._fall_back(ex, binding, failure or unfit)
        return None

    def _fall_back(self, ex: Exchange, binding: Binding, failure: GatewayError | None) -> None:
        if binding.static_answer is not None and ex.dialect.speaks:
            documents = ex.dialect.answer(ex.model, binding.static_answer, stream=ex.stream)
            ex.reply = Reply(frames_of(documents), source="gateway")
            return
        if failure is not None:
            raise failure
        waits = [self._breaker(target).wait for target in binding.targets]
        raise UpstreamUnavailable(
            "No model provider is available for this model at the moment.",
            retry_after=min(waits, default=None),
            cause="every target's circuit is open" if waits else "the model has no targets",
        )

    async def _ask(
        self, ex: Exchange, asked: _Question, breaker: Breaker, deadline: float
    ) -> ObservedFrames | None:
        """The frames of the first attempt that works; None when the breaker lets none through."""
        last: UpstreamError | None = None
        for attempt in range(self._options.retries + 1):
            if not breaker.admit():
                break
            try:
                return await self._attempt(ex, asked, breaker, deadline)
            except UpstreamError as error:
                breaker.fail()
                last = error
                ex.attempts.append(f"{asked.target}: {type(error).__name__}{_because(error)}")
            except GatewayError:
                breaker.succeed()  # it did answer: the request is at fault
                raise
            except BaseException:
                breaker.abandon()
                raise
            if not last.retryable or attempt == self._options.retries:
                break
            wait = self._wait(attempt, last)
            if wait is None or self._clock.monotonic() + wait >= deadline:
                break
            await self._sleep(wait)
        if last is not None:
            raise last
        return None

    async def _attempt(
        self, ex: Exchange, asked: _Question, breaker: Breaker, deadline: float
    ) -> ObservedFrames:
        options = self._options
        if asked.model is None:
            cause = f"no provider is named {asked.target.provider!r}"
            raise UpstreamError(_FAILED, retryable=False, cause=cause)
        limit = options.first_byte_timeout if ex.stream else options.answer_timeout
        limit = min(limit, deadline - self._clock.monotonic())
        frames: AsyncIterator[Frame] | None = None
        try:
            async with asyncio.timeout(limit):
                frames = await asked.model.answer(asked.call)
                if asked.bridge is not None:
                    frames = asked.bridge.frames(frames, ex.body)
                first = await anext(frames)
            first.document  # noqa: B018 - what cannot be read is found while it can be retried
            return ObservedFrames(ex, frames, first, breaker)
        except BaseException as error:
            if frames is not None:
                await close_frames(frames)
            failure = _failure(error, limit)
            if failure is error:
                raise
            raise failure from error

    def _question(self, ex: Exchange, target: Target) -> _Question:
        """Raises _Unfit when the target cannot serve this endpoint or this request of it."""
        model = self._models.get(target.provider)
        endpoint, body, raw = ex.dialect.upstream, ex.body, ex.raw
        bridge: Bridge | None = None
        if model is not None and endpoint not in model.endpoints:
            bridge = ex.dialect.bridge
            if bridge is None or _CHAT not in model.endpoints:
                message = f"The model {ex.model!r} does not serve /v1/{endpoint}."
                raise _Unfit(EndpointUnsupported(message, param="model"))
            try:
                endpoint, body, raw = _CHAT, bridge.request(body), None
            except BadRequest as error:
                raise _Unfit(error) from error
        options = self._options
        call = ModelCall(
            endpoint=endpoint,
            model=target.model,
            body=body,
            raw=raw,
            stream=ex.stream,
            question=ex.asked(),
            chunks=ex.chunks,
            request_id=ex.id,
            first_byte=options.first_byte_timeout,
            total=options.answer_timeout,
            idle=options.idle_timeout,
        )
        return _Question(target, model, call, bridge)

    def _wait(self, attempt: int, error: UpstreamError) -> float | None:
        """Seconds to wait before the next attempt; None when that is too long to wait for."""
        backoff = self._options.backoff
        wait = jittered(attempt, backoff.base, backoff.max, self._random)
        if isinstance(error, UpstreamRateLimited | UpstreamUnavailable):
            asked = error.retry_after or 0.0
            if asked > backoff.retry_after_max:
                return None
            return max(wait, asked)
        return wait

    def _breaker(self, target: Target) -> Breaker:
        breaker = self._breakers.get(target)
        if breaker is None:
            options = self._options.breaker
            breaker = Breaker(options.failures, options.cooldown, self._clock)
            self._breakers[target] = breaker
        return breaker


def _because(error: UpstreamError) -> str:
    return f" ({error.cause})" if error.cause else ""


def _failure(error: BaseException, limit: float) -> BaseException:
    """What an attempt's end means. Cancellation and the errors of the contract stay as they are."""
    if isinstance(error, GatewayError) or not isinstance(error, Exception):
        return error
    if isinstance(error, TimeoutError):
        return UpstreamTimeout(_LATE, retryable=True, cause=f"no answer within {limit:g} s")
    if isinstance(error, StopAsyncIteration):
        return UpstreamError(_FAILED, retryable=True, cause="an answer without content")
    if isinstance(error, ValueError):
        return UpstreamError(_FAILED, retryable=True, cause=f"unreadable answer: {error}")
    log.error("a model adapter broke its contract", exc_info=error)
    return UpstreamError(_FAILED, retryable=False, cause=type(error).__name__)
