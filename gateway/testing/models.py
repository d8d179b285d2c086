"""Chat models that answer by script, for tests of stages, guards and pipelines."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from gateway.core.errors import GatewayError, UpstreamTimeout
from gateway.core.reply import Frame
from gateway.core.segments import Json
from gateway.ports.chat_model import ModelCall
from gateway.testing.chat import chunk, completion, usage_chunk

_LATE = "The model provider did not answer in time."


@dataclass(frozen=True, slots=True)
class Turn:
    """What a scripted model does for one call.

    ``text`` is the answer; on a stream it comes as ``deltas`` (whole words when none are given).
    ``error`` is raised at once, ``breaks`` after that many frames. ``delay`` is in seconds and
    comes before every frame. ``documents`` replaces all of it by these very documents.
    """

    text: str = ""
    deltas: Sequence[str] | None = None
    error: BaseException | None = None
    breaks: tuple[int, BaseException] | None = None
    delay: float = 0.0
    usage: tuple[int, int] | None = (7, 5)
    documents: Sequence[Json] | None = None

    def replies(self, call: ModelCall) -> list[Json]:
        """The documents this turn answers ``call`` with."""
        if self.documents is not None:
            return list(self.documents)
        if not call.stream:
            return [completion(call.model, self.text, usage=self.usage)]
        deltas = self.deltas if self.deltas is not None else words(self.text)
        documents = [chunk(call.model, {"role": "assistant", "content": ""})]
        documents += [chunk(call.model, {"content": delta}) for delta in deltas]
        documents.append(chunk(call.model, {}, finish="stop"))
        if self.usage:
            documents.append(usage_chunk(call.model, *self.usage))
        return documents


@dataclass
class ScriptedModel:
    """A ChatModel that plays its turns one after the other, the last one for ever.

    ``calls`` is what it was asked, ``closed`` how many answers were closed before their end.
    """

    turns: Sequence[Turn | str] = ("Hello from the script.",)
    calls: list[ModelCall] = field(default_factory=list)
    closed: int = 0
    shut: bool = False
    endpoints: frozenset[str] = frozenset({"chat/completions"})

    async def answer(self, call: ModelCall) -> AsyncIterator[Frame]:
        """See ``ChatModel.answer``."""
        turn = self.turns[min(len(self.calls), len(self.turns) - 1)]
        self.calls.append(call)
        if isinstance(turn, str):
            turn = Turn(turn)
        if turn.error is not None:
            raise turn.error
        if not call.stream:
            await _pause(turn.delay, call.total)
        return self._frames(turn, call)

    async def _frames(self, turn: Turn, call: ModelCall) -> AsyncIterator[Frame]:
        try:
            for index, document in enumerate(turn.replies(call)):
                if turn.breaks is not None and index == turn.breaks[0]:
                    raise turn.breaks[1]
                if call.stream:
                    await _pause(turn.delay, call.idle if index else call.first_byte)
                yield Frame(document=document)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise

    async def aclose(self) -> None:
        """See ``ChatModel.aclose``."""
        self.shut = True


class EchoModel:
    """A ChatModel that answers with what it was asked: ``transform`` of the question."""

    endpoints = frozenset({"chat/completions"})

    def __init__(self, transform: Callable[[str], str] = str) -> None:
        self._transform = transform
        self.calls: list[ModelCall] = []

    async def answer(self, call: ModelCall) -> AsyncIterator[Frame]:
        """See ``ChatModel.answer``."""
        self.calls.append(call)
        return await ScriptedModel([self._transform(call.question)]).answer(call)

    async def aclose(self) -> None:
        """See ``ChatModel.aclose``."""


class FailingModel(ScriptedModel):
    """A ChatModel that always raises the same error."""

    def __init__(self, error: GatewayError) -> None:
        super().__init__([Turn(error=error)])


def words(text: str) -> list[str]:
    """The text cut after each space, as most providers stream it."""
    return [part for part in text.replace(" ", " \0").split("\0") if part]


async def _pause(delay: float, allowed: float) -> None:
    if delay <= 0:
        return
    await asyncio.sleep(min(delay, allowed))
    if delay > allowed:
        raise UpstreamTimeout(_LATE, retryable=True, cause=f"nothing came for {allowed:g} s")
