"""A client that leaves: the provider is told to stop, and the exchange leaves its record."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.app.build import make_runtime, read_site
from gateway.app.http import make_app
from gateway.app.parts import Parts, make_parts
from gateway.app.runtime import Live
from gateway.core.identity import Limits
from gateway.core.segments import Json
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream

STAGES: list[dict[str, Any]] = [
    {"use": "audit"},
    {"use": "auth"},
    {"use": "quota"},
    {"use": "generate"},
    {"use": "guard", "with": {"layer": "output"}},
]
RULES = [{"id": "words", "guard": "keywords", "words": ["apple"], "then": "block"}]


@dataclass
class Setting:
    app: Any
    parts: Parts
    live: Live
    upstream: ScriptedUpstream
    key: str


class LeavingClient:
    """Sends one request, and leaves once ``after`` messages of the answer have come."""

    def __init__(self, body: Json, key: str, after: int) -> None:
        self._body = orjson.dumps(body)
        self._after = after
        self._gone = asyncio.Event()
        self._sent_body = False
        self.sent: list[dict[str, Any]] = []
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/chat/completions",
            "headers": [(b"authorization", f"Bearer {key}".encode())],
        }
        if after == 0:
            asyncio.get_running_loop().call_later(0.2, self._gone.set)

    async def receive(self) -> dict[str, Any]:
        if not self._sent_body:
            self._sent_body = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        if len(self.sent) == self._after:
            self._gone.set()


@pytest.fixture
async def setting(tmp_path: Path) -> AsyncIterator[Setting]:
    site = SiteFolder(tmp_path)
    site.pipeline(STAGES)
    site.policy(output=RULES)
    async with ScriptedUpstream() as upstream:
        site.write(upstream=upstream.base_url, models=["hang", "hang-mid", "slow"])
        key = site.key("leaver", limits=Limits(concurrent_requests=1))
        gate = read_site(site.config)
        parts = make_parts(gate)
        live = Live(make_runtime(gate, parts))
        try:
            yield Setting(make_app(live, parts), parts, live, upstream, key)
        finally:
            await parts.aclose()


@pytest.mark.parametrize(("model", "stream", "after"), [("hang", False, 0), ("slow", True, 2)])
async def test_the_provider_is_stopped_and_the_record_says_cancelled(
    setting: Setting, model: str, stream: bool, after: int
) -> None:
    body = {
        "model": model,
        "stream": stream,
        "messages": [{"role": "user", "content": "Tell me a long story. " * 20}],
    }
    client = LeavingClient(body, setting.key, after)
    async with asyncio.timeout(5):
        await setting.app(client.scope, client.receive, client.send)
        await setting.upstream.disconnected.wait()
        while not (records := await setting.parts.audit_store.tail(1)):
            await asyncio.sleep(0.05)
    (record,) = records
    assert record["verdict"] == "cancelled"
    assert record["status"] == 499
    assert record["tenant"] == "default"
    assert setting.live.in_flight == 0


async def test_a_client_that_left_gives_its_place_back(setting: Setting) -> None:
    body = {"model": "hang", "messages": [{"role": "user", "content": "hi"}]}
    for _ in range(3):  # the key may have one request under way
        client = LeavingClient(body, setting.key, 0)
        async with asyncio.timeout(5):
            await setting.app(client.scope, client.receive, client.send)
        assert client.sent == []


async def test_stopping_the_server_still_closes_the_exchange(setting: Setting) -> None:
    body = {"model": "hang", "messages": [{"role": "user", "content": "hi"}]}
    client = LeavingClient(body, setting.key, 99)
    serving = asyncio.create_task(setting.app(client.scope, client.receive, client.send))
    await asyncio.sleep(0.2)
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    async with asyncio.timeout(5):
        while not (records := await setting.parts.audit_store.tail(1)):
            await asyncio.sleep(0.05)
    assert records[0]["verdict"] == "cancelled"
