"""The HTTP edge of an exchange: bytes in, pipeline, bytes out."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping

from starlette.types import Receive, Scope, Send

from gateway.app.asgi import (
    Departure,
    read_body,
    request_headers,
    send_whole,
    start_message,
)
from gateway.app.door import REFUSAL
from gateway.app.runtime import Live, Runtime
from gateway.core.clock import Clock
from gateway.core.errors import (
    ClientGone,
    GatewayError,
    Overloaded,
    UnsupportedMediaType,
    UpstreamError,
)
from gateway.core.exchange import Exchange
from gateway.core.ids import IdSource, valid_request_id
from gateway.core.pipeline import Pipeline
from gateway.core.reply import Frame
from gateway.core.segments import Json
from gateway.wire import sse
from gateway.wire.dialect import WireDialect
from gateway.wire.headers import may_explain, reply_headers
from gateway.wire.limits import decode

log = logging.getLogger(__name__)


class ExchangeEndpoint:
    """An ASGI application that serves one dialect through the configured pipelines."""

    def __init__(self, live: Live, dialect: WireDialect, clock: Clock) -> None:
        self._live = live
        self._dialect = dialect
        self._clock = clock
        self._ids = IdSource()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        runtime = self._live.runtime
        ex = self._begin(request_headers(scope))
        self._live.in_flight += 1
        try:
            pipeline = await self._receive(ex, runtime, receive)
            await self._serve(ex, pipeline, receive, send)
        except ClientGone as gone:
            await self._record(ex, runtime.door, gone)
        finally:
            self._live.in_flight -= 1

    def _begin(self, headers: Mapping[str, str]) -> Exchange:
        wall = self._clock.wall()
        milliseconds = int(wall * 1000)
        given = headers.get("x-request-id", "")
        return Exchange(
            id=given if valid_request_id(given) else self._ids.new("req_", milliseconds),
            decision_id=self._ids.new("dec_", milliseconds),
            endpoint=self._dialect.name,
            dialect=self._dialect,
            body={},
            raw=None,
            headers=headers,
            model="",
            stream=False,
            received=self._clock.monotonic(),
            at=wall,
        )

    async def _receive(self, ex: Exchange, runtime: Runtime, receive: Receive) -> Pipeline:
        """Read the request into the exchange; the pipeline that is to serve it."""
        try:
            if self._live.draining or self._live.in_flight > runtime.max_concurrent:
                raise Overloaded(
                    "The gateway is at its limit of concurrent requests. Try again shortly.",
                    headers={"retry-after": "1"},
                )
            _check_media_type(ex.headers)
            raw = await read_body(receive, ex.headers, runtime.limits)
            body = decode(raw, runtime.limits)
            self._dialect.validate(body, runtime.limits, len(raw))
        except GatewayError as error:
            ex.state[REFUSAL] = error
            return runtime.door
        return self._admit(ex, runtime, body, raw)

    def _admit(self, ex: Exchange, runtime: Runtime, body: Json, raw: bytes) -> Pipeline:
        """Put a sound request into the exchange; the pipeline that is to serve it."""
        ex.body = body
        ex.raw = raw
        ex.model = body["model"]
        ex.stream = bool(body.get("stream"))
        ex.binding = runtime.models.get(ex.model)
        return runtime.door if ex.binding is None else runtime.pipelines[ex.binding.pipeline]

    async def _serve(self, ex: Exchange, pipeline: Pipeline, receive: Receive, send: Send) -> None:
        error: BaseException | None = None
        departure = Departure(receive)
        outlet = _Outlet(ex, self._dialect, send)
        try:
            await pipeline.run(ex)
            await outlet.answer()
        except GatewayError as refusal:
            error = refusal
            await outlet.refuse(refusal)
        except asyncio.CancelledError as cancelled:
            error = (
                ClientGone("the client closed the connection") if departure.noticed else cancelled
            )
            if not departure.noticed:
                raise
            departure.forgive()
        except Exception as crash:
            log.exception("exchange %s failed", ex.id)
            error = crash
            await outlet.refuse(GatewayError("The gateway failed to process this request."))
        finally:
            departure.stop()
            await outlet.close()
            await pipeline.close(ex, error)
            error = None  # its traceback refers to this very frame

    async def _record(self, ex: Exchange, door: Pipeline, gone: ClientGone) -> None:
        """Audit a client that left before its request could be read."""
        ex.state[REFUSAL] = GatewayError(str(gone))
        try:
            await door.run(ex)
        except GatewayError:
            await door.close(ex, gone)


class _Outlet:
    """Sends what becomes of one exchange."""

    def __init__(self, ex: Exchange, dialect: WireDialect, send: Send) -> None:
        self._ex = ex
        self._dialect = dialect
        self._framing = dialect.framing()
        self._send = send
        self._started = False
        self._frames: AsyncIterator[Frame] | None = None

    async def answer(self) -> None:
        """Send the reply. Nothing goes out before its first piece was released, so an early
        refusal is a real 4xx."""
        ex = self._ex
        if ex.reply is None:
            raise GatewayError("The pipeline ended without an answer.", cause="no stage answered")
        frames = self._frames = ex.reply.frames
        first = await anext(frames, None)
        if not ex.stream:
            await self._send_whole(first, frames)
            return
        await self._send(start_message(200, {**sse.HEADERS, **self._headers()}))
        self._started = True
        event = self._framing.event
        if first is not None:
            await self._event(event(first))
            async for frame in frames:
                await self._event(event(frame))
        await self._send({"type": "http.response.body", "body": self._framing.ending()})

    async def _send_whole(self, first: Frame | None, frames: AsyncIterator[Frame]) -> None:
        if first is None:
            raise UpstreamError("The model gave no answer.", retryable=False)
        body = first.raw
        async for _ in frames:
            pass  # lets every stage see the end of the answer
        headers = {"content-type": "application/json", **self._headers()}
        self._started = True
        await send_whole(self._send, 200, headers, body)

    async def _event(self, event: bytes) -> None:
        await self._send({"type": "http.response.body", "body": event, "more_body": True})

    async def refuse(self, error: GatewayError) -> None:
        """Send an error: as a status while nothing went out, else as the stream's last event."""
        explain = self._ex.decisions if may_explain(self._ex) else None
        if self._started:
            await self._event(self._framing.error(error, explain))
            await self._send({"type": "http.response.body", "body": b""})
            return
        self._started = True
        reply = self._dialect.render(error, explain, self._ex.id)
        headers = {**self._headers(), **reply.headers}
        await send_whole(self._send, reply.status, headers, reply.body)

    def _headers(self) -> dict[str, str]:
        headers = reply_headers(self._ex)
        headers.update(self._dialect.headers(self._ex.id))
        return headers

    async def close(self) -> None:
        """Tell the provider to stop when the answer was not read to its end."""
        close = getattr(self._frames, "aclose", None)
        if close is not None:
            await close()


def _check_media_type(headers: Mapping[str, str]) -> None:
    """Raises UnsupportedMediaType for a declared type that is not JSON."""
    declared = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if declared not in ("", "application/json") and not declared.endswith("+json"):
        raise UnsupportedMediaType(
            f"The request's content-type is {declared!r}; send application/json."
        )
