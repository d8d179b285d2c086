"""An answer that is watched on its way out: its usage, its end, its failures."""

from collections.abc import AsyncIterator, Mapping

from gateway.core import tokens
from gateway.core.breaker import Breaker
from gateway.core.dialect import Dialect
from gateway.core.errors import GatewayError, UpstreamError
from gateway.core.exchange import Exchange
from gateway.core.reply import Frame, Usage
from gateway.core.segments import Json

_BROKEN = "The model provider's answer broke off."
_BYTES_PER_TOKEN = 4


class ObservedFrames:
    """A provider's frames. Sets ``ex.usage`` and ``ex.finish`` and tells the breaker how it ended.

    ``first`` was pulled already. Usage documents that the client did not ask for are left out.
    While the provider gives no count, ``ex.usage`` is an estimate that grows with the text; the
    prompt's share is added when the answer ends. Raises UpstreamError.
    """

    __slots__ = ("_breaker", "_bytes", "_ex", "_first", "_frames", "_over", "_strip")

    def __init__(
        self, ex: Exchange, frames: AsyncIterator[Frame], first: Frame, breaker: Breaker
    ) -> None:
        self._ex = ex
        self._frames = frames
        self._first: Frame | None = first
        self._breaker = breaker
        self._bytes = 0
        self._over = False
        options = ex.body.get("stream_options")
        asked = isinstance(options, dict) and bool(options.get("include_usage"))
        self._strip = ex.stream and not asked
        if breaker.open:
            breaker.succeed()  # the probe need not last as long as the answer

    def __aiter__(self) -> "ObservedFrames":
        return self

    async def __anext__(self) -> Frame:
        if self._over:
            raise StopAsyncIteration
        while True:
            frame = self._first
            self._first = None
            try:
                if frame is None:
                    frame = await anext(self._frames)
                if self._observe(frame.document):
                    return frame
            except StopAsyncIteration:
                self._breaker.succeed()
                self._settle()
                raise
            except Exception as error:
                self._breaker.fail()
                await self.aclose()
                if isinstance(error, GatewayError):
                    raise
                cause = f"{type(error).__name__}: {error}"
                raise UpstreamError(_BROKEN, retryable=False, cause=cause) from error

    async def aclose(self) -> None:
        """End the provider's work and settle the usage. May be called more than once."""
        if not self._over:
            self._settle()
            await close_frames(self._frames)

    def _observe(self, document: Json) -> bool:
        """Note what the document tells; False when it is not for the client."""
        choices = document.get("choices")
        if choices is None:
            self._observe_event(document)
            return True
        ex = self._ex
        usage = document.get("usage")
        counted = usage_of(usage) if usage else None
        if counted is not None:
            ex.usage = counted
        if not choices:
            return not (self._strip and counted is not None and isinstance(choices, list))
        for choice in choices:
            if reason := choice.get("finish_reason"):
                ex.finish = str(reason)
        if not ex.usage.exact:
            self._add(_text_bytes(document, choices, ex.dialect))
        return True

    def _observe_event(self, document: Json) -> None:
        """``_observe`` for the documents of endpoints that have no ``choices``."""
        ex = self._ex
        counted = ex.dialect.usage(document, ex.usage)
        if counted is not None:
            ex.usage = counted
        ex.finish = ex.dialect.finish(document) or ex.finish
        if not ex.usage.exact:
            texts = [p.text for p in ex.dialect.pieces(document) if not (p.echo and ex.stream)]
            self._add(sum(len(text.encode("utf-8", "surrogatepass")) for text in texts))

    def _add(self, size: int) -> None:
        """Let the estimate grow by the tokens of ``size`` bytes of text."""
        self._bytes += size
        self._ex.usage.completion = (self._bytes + _BYTES_PER_TOKEN - 1) // _BYTES_PER_TOKEN

    def _settle(self) -> None:
        self._over = True
        usage = self._ex.usage
        if not usage.exact:
            usage.prompt = sum(tokens.estimate(s.text) for s in self._ex.segments())


def _text_bytes(document: Json, choices: list[Json], dialect: Dialect) -> int:
    """UTF-8 bytes of the document's texts. A lone content delta, which is nearly every document of
    a stream, is measured here: asking the dialect costs ten times as much."""
    if len(choices) == 1:
        delta = choices[0].get("delta")
        if delta is not None and len(delta) == 1:
            text = delta.get("content")
            if isinstance(text, str):
                return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return sum(len(p.text.encode("utf-8", "surrogatepass")) for p in dialect.pieces(document))


def usage_of(usage: object) -> Usage | None:
    """The counts of a provider's ``usage`` object (OpenAI's chat or responses names)."""
    if not isinstance(usage, Mapping):
        return None
    prompt = usage.get("prompt_tokens", usage.get("input_tokens"))
    completion = usage.get("completion_tokens", usage.get("output_tokens", 0))
    if not isinstance(prompt, int) or not isinstance(completion, int):
        return None
    return Usage(prompt=prompt, completion=completion, exact=True)


async def close_frames(frames: AsyncIterator[Frame]) -> None:
    """Close an iterator of frames, if it can be closed."""
    close = getattr(frames, "aclose", None)
    if close is not None:
        await close()
