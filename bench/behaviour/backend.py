"""The service behind a guard: healthy, or down. It speaks the protocols that the gateways speak.

``/analyze`` and ``/anonymize`` are those of Presidio's containers (its OpenAPI document), answered
by Presidio's own e-mail recogniser and its ``replace`` operator; ``/webhook`` is that of Portkey's
``default.webhook`` check; ``/judge`` is that of the guard in ``bench/behaviour/gatehouse.py``.
"""

import asyncio
from typing import Any

from aiohttp import web

from gateway.adapters.presidio.detectors import offline_email
from gateway.core.segments import Json
from gateway.testing.process import free_port


class Backend:
    """A guard's service on a fixed port of the loopback, which can be stopped and started."""

    def __init__(self) -> None:
        self.port = free_port()
        self._runner: web.AppRunner | None = None
        self._emails: Any = None

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Raises OSError when the port has been taken meanwhile."""
        app = web.Application()
        app.router.add_post("/judge", self._pass)
        app.router.add_post("/webhook", self._pass)
        app.router.add_post("/analyze", self._analyze)
        app.router.add_post("/anonymize", self._anonymize)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def stop(self) -> None:
        """Refuse connections from now on, and close those that are open."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _pass(self, request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"verdict": True})

    async def _analyze(self, request: web.Request) -> web.Response:
        asked: Json = await request.json()
        found = await asyncio.to_thread(self._find, str(asked["text"]))
        return web.json_response(found)

    def _find(self, text: str) -> list[Json]:
        if self._emails is None:
            # Only LiteLLM asks for it, and it takes seconds to import.
            from presidio_analyzer import predefined_recognizers  # noqa: PLC0415

            self._emails = offline_email(predefined_recognizers.EmailRecognizer)()
        results = self._emails.analyze(text, ["EMAIL_ADDRESS"], None)
        keys = ("entity_type", "start", "end", "score")
        return [{key: getattr(result, key) for key in keys} for result in results]

    async def _anonymize(self, request: web.Request) -> web.Response:
        asked: Json = await request.json()
        text, items = str(asked["text"]), []
        for found in sorted(asked["analyzer_results"], key=lambda f: -int(f["start"])):
            mark = f"<{found['entity_type']}>"
            text = text[: found["start"]] + mark + text[found["end"] :]
            items.append(
                {
                    "operator": "replace",
                    "entity_type": found["entity_type"],
                    "start": found["start"],
                    "end": found["start"] + len(mark),
                    "text": mark,
                }
            )
        return web.json_response({"text": text, "items": items})
