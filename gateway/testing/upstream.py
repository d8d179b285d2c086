"""A provider on loopback that answers by script: real HTTP, no network, every failure on demand.

Which script plays is chosen by the request's model name, so that also clients in other languages
can ask for a behaviour: see ``gateway.testing.upstream_scripts``. Run it by itself with
``python -m gateway.testing.upstream --port 9100`` (``--instant`` for benchmarks).
"""

import argparse
import asyncio
import contextlib
from dataclasses import dataclass, field

import orjson
import uvloop
from aiohttp import web

from gateway.core.segments import Json
from gateway.testing.instant import serve_instant
from gateway.testing.upstream_scripts import DEFAULTS, Script


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as it came in. ``headers`` have lower-case names; ``port`` is the client's."""

    path: str
    headers: dict[str, str]
    raw: bytes
    json: Json
    port: int


@dataclass
class ScriptedUpstream:
    """An OpenAI-compatible HTTP server. ``async with ScriptedUpstream() as upstream`` serves it.

    ``requests`` logs what came in; ``disconnected`` is set when a client leaves in the middle of
    an answer, and ``disconnects`` counts that.
    """

    port: int = 0
    requests: list[SeenRequest] = field(default_factory=list)
    disconnects: int = 0
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    _scripts: dict[str, list[Script]] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    def script(self, model: str, *scripts: Script) -> None:
        """Let ``model`` play these scripts, one a request, the last one for ever."""
        if not scripts:
            raise ValueError("a model needs at least one script")
        self._scripts[model] = list(scripts)

    @property
    def base_url(self) -> str:
        """What to give as ``base_url``."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def start(self) -> None:
        """Listen on loopback; with port 0 a free one is taken."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/{endpoint:.+}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close all connections, answers under way included."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> "ScriptedUpstream":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _models(self, _: web.Request) -> web.Response:
        names = sorted({*DEFAULTS, *self._scripts})
        data = [{"id": n, "object": "model", "created": 0, "owned_by": "script"} for n in names]
        return web.json_response({"object": "list", "data": data})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return web.json_response({"error": {"message": "not JSON"}}, status=400)
        headers = {name.lower(): value for name, value in request.headers.items()}
        peer = request.transport.get_extra_info("peername") if request.transport else None
        port = peer[1] if peer else 0
        self.requests.append(SeenRequest(request.path, headers, raw, body, port))
        script = self._next(str(body.get("model")))
        leaving = asyncio.ensure_future(self._left(request))
        playing = asyncio.ensure_future(_play(script, request, body))
        try:
            await asyncio.wait({leaving, playing}, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                return playing.result()
            return web.Response(status=499)
        except ConnectionError:
            self._note_disconnect()
            return web.Response(status=499)
        finally:
            for task in (leaving, playing):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await task

    def _next(self, model: str) -> Script:
        scripts = self._scripts.get(model)
        if scripts:
            return scripts.pop(0) if len(scripts) > 1 else scripts[0]
        return DEFAULTS.get(model, DEFAULTS["echo"])

    async def _left(self, request: web.Request) -> None:
        """Returns when the client has gone."""
        while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        self._note_disconnect()

    def _note_disconnect(self) -> None:
        self.disconnects += 1
        self.disconnected.set()


async def _play(script: Script, request: web.Request, body: Json) -> web.StreamResponse:
    endpoint = request.match_info["endpoint"]
    if script.delay:
        await asyncio.sleep(script.delay)
    if script.hangs_before_headers:
        await asyncio.Event().wait()
    if script.status != 200 or not body.get("stream") or script.raw is not None:
        return web.Response(
            body=script.whole(body, endpoint),
            status=script.status,
            content_type=script.content_type,
            headers=script.headers,
        )
    response = web.StreamResponse(headers={"content-type": "text/event-stream", **script.headers})
    await response.prepare(request)
    for index, piece in enumerate(script.pieces(body, endpoint)):
        if script.drops_after == index and request.transport is not None:
            request.transport.abort()
            return response
        if script.hangs_after == index:
            await asyncio.Event().wait()
        if script.gap and index:
            await asyncio.sleep(script.gap)
        await response.write(piece)
    await response.write_eof()
    return response


async def _serve(port: int, *, instant: bool) -> None:
    if instant:
        await serve_instant(port)
        return
    async with ScriptedUpstream(port=port):
        await asyncio.Event().wait()


def main() -> None:
    """The command line of the standalone upstream."""
    parser = argparse.ArgumentParser(description="A scripted OpenAI-compatible provider.")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--instant", action="store_true", help="one fixed answer, at full speed")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_serve(arguments.port, instant=arguments.instant))


if __name__ == "__main__":
    main()
