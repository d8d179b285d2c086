"""A whole gateway in this process: every guard on, a scripted provider behind it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from gateway.app.build import make_runtime, read_site
from gateway.app.http import make_app
from gateway.app.parts import make_parts
from gateway.app.runtime import Live
from gateway.core.segments import Json
from gateway.testing.asgi import Answer, call
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream

CHAT = "/v1/chat/completions"
ENDPOINTS = ("chat/completions", "completions", "embeddings", "responses", "messages")
LIMITS = {"body_bytes": 65_536, "messages": 50, "text_characters": 20_000, "json_depth": 16}


def rules(layer: str) -> list[Json]:
    """Every guard there is; what it finds is recorded, and some of it blocked or masked."""
    pattern = {"name": "ticket", "pattern": r"\bXYZ-\d{4}\b"}
    made: list[Json] = [
        {"guard": "keywords", "words": ["project-orchid"], "then": "block"},
        {"guard": "regex", "patterns": [pattern], "then": "mask"},
        {"guard": "topics", "topics": {"weapons": ["rifle"]}, "then": "flag"},
        {"guard": "injection", "then": "flag"},
        {"guard": "pii", "then": "flag"},
        {"guard": "secrets", "then": "flag"},
        {"guard": "length", "max_characters": 10_000, "then": "flag"},
        {"guard": "prompt_leak", "then": "flag"},
    ]
    return [{"id": f"{layer}-{rule['guard']}", **rule} for rule in made]


@dataclass(repr=False)
class House:
    """The application, its provider, and the loop both live in."""

    app: Any
    upstream: ScriptedUpstream
    site: SiteFolder
    key: str
    runner: asyncio.Runner

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | list[tuple[str, str | bytes]] | None = None,
        body: bytes | list[bytes] = b"",
        key: str | None = None,
    ) -> Answer:
        """One request, with a good key unless ``key`` gives another; an empty one sends none."""
        given = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
        bearer = self.key if key is None else key
        if bearer:
            given.append(("authorization", f"Bearer {bearer}"))
        asked = call(self.app, method, path, headers=given, body=body)
        return self.runner.run(asyncio.wait_for(asked, 30))

    def chat(self, body: Any, **more: Any) -> Answer:
        """A chat request; ``body`` is JSON, or bytes as they are."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        more.setdefault("headers", {"content-type": "application/json"})
        return self.send("POST", CHAT, body=raw, **more)


@contextmanager
def opened(site: SiteFolder, runner: asyncio.Runner) -> Iterator[Any]:
    """The application of a site's files; its parts are given back at the end."""
    read = read_site(site.config)
    parts = make_parts(read)
    try:
        yield make_app(Live(make_runtime(read, parts)), parts)
    finally:
        runner.run(parts.aclose())


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    site = SiteFolder(tmp_path_factory.mktemp("http"))
    site.pipeline(
        [
            {"use": "audit"},
            {"use": "auth"},
            {"use": "quota"},
            {"use": "guard", "with": {"layer": "input"}},
            {"use": "generate", "with": {"retries": 0}},
            {"use": "guard", "with": {"layer": "output"}},
        ]
    )
    site.policy(input=rules("input"), output=rules("output"))
    with asyncio.Runner() as runner:
        upstream = ScriptedUpstream()
        runner.run(upstream.start())
        models = ("echo", "plain", "tools")
        site.write(
            upstream=upstream.base_url,
            models=models,
            bridged=models,
            server={"limits": LIMITS},
            provider={"endpoints": list(ENDPOINTS)},
        )
        key = site.key("fuzz")
        gate = read_site(site.config)
        parts = make_parts(gate)
        try:
            live = Live(make_runtime(gate, parts))
            yield House(make_app(live, parts), upstream, site, key, runner)
        finally:
            runner.run(parts.aclose())
            runner.run(upstream.stop())
