"""Policies edited live: atomic, validated, the last good one kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.app.build import make_runtime, read_site
from gateway.app.http import make_app
from gateway.app.parts import make_parts
from gateway.app.reload import Reloader
from gateway.app.runtime import Live
from gateway.testing.asgi import Answer, call
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream

STAGES: list[dict[str, Any]] = [
    {"use": "audit"},
    {"use": "auth"},
    {"use": "guard", "with": {"layer": "input"}},
    {"use": "generate"},
]


@dataclass
class Running:
    app: Any
    live: Live
    site: SiteFolder
    key: str

    async def ask(self, text: str) -> Answer:
        body = {"model": "echo", "messages": [{"role": "user", "content": text}]}
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        path = "/v1/chat/completions"
        return await call(self.app, "POST", path, headers=headers.items(), body=orjson.dumps(body))

    async def ready(self) -> dict[str, Any]:
        return (await call(self.app, "GET", "/readyz")).json

    async def until(self, text: str, status: int) -> None:
        """Wait until the gateway answers ``text`` with ``status``: within two seconds at most."""
        async with asyncio.timeout(2):
            while (await self.ask(text)).status != status:
                await asyncio.sleep(0.02)


def block(word: str) -> list[dict[str, Any]]:
    return [{"id": "words", "guard": "keywords", "words": [word], "then": "block"}]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    site = SiteFolder(tmp_path)
    site.pipeline(STAGES)
    site.policy(input=block("apple"))
    async with ScriptedUpstream() as upstream:
        site.write(upstream=upstream.base_url, models=["echo"])
        key = site.key("reload")
        gate = read_site(site.config)
        parts = make_parts(gate)
        live = Live(make_runtime(gate, parts))
        watching = asyncio.create_task(Reloader(gate, live, parts).run())
        await asyncio.sleep(0.3)  # the first look at the files
        try:
            yield Running(make_app(live, parts), live, site, key)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await parts.aclose()


async def test_a_saved_policy_is_live_within_a_second_or_two(running: Running) -> None:
    assert (await running.ask("an apple")).status == 400
    assert (await running.ask("a pear")).status == 200
    before = (await running.ready())["policies"]
    running.site.policy(input=block("pear"))
    await running.until("a pear", 400)
    assert (await running.ask("an apple")).status == 200
    assert (await running.ready())["policies"] != before


async def test_a_broken_policy_is_refused_loudly_and_the_last_good_one_stays(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    path = running.site.folder / "policies" / "default.yaml"
    good = path.read_text()
    path.write_text(good.replace('"then": "block"', '"then": "blok"'))
    async with asyncio.timeout(2):
        while not running.live.problems:
            await asyncio.sleep(0.02)
    assert (await running.ask("an apple")).status == 400
    ready = await running.ready()
    assert ready["status"] == "ok"
    assert ready["reload"] == {"status": "refused"}
    assert "default.yaml" in ready["problems"][0]
    assert "blok" in ready["problems"][0]
    assert "last good files stay in force" in caplog.text
    path.write_text(good)
    async with asyncio.timeout(2):
        while running.live.problems:
            await asyncio.sleep(0.02)


async def test_a_request_in_flight_finishes_on_the_policy_it_began_with(running: Running) -> None:
    old = running.live.runtime
    asked = asyncio.create_task(running.ask("a pear"))
    running.site.policy(input=block("pear"))
    assert (await asked).status == 200
    await running.until("a pear", 400)
    assert running.live.runtime is not old
    assert old.policies["default"].hash != running.live.runtime.policies["default"].hash
