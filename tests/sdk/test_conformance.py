"""The official OpenAI clients, each in its own environment, against a running Gatehouse.

Every client runs all behaviours once, in a process of its own; each behaviour is then a test.
"""

import asyncio
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.core.identity import Limits
from gateway.core.segments import Json
from gateway.testing.process import ServerProcess
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream
from gateway.testing.upstream_scripts import DEFAULTS, Script
from tests.sdk.environments import CLIENTS, SdkClient, Unavailable
from tests.sdk.expectations import EXPECTED, IMAGE, Traces

MODELS = (*DEFAULTS, "leaky", "hurried", *(f"limited-once-{c.name}" for c in CLIENTS))
FLAKY = tuple(f"flaky-{client.name}" for client in CLIENTS)
GENERATE = {"retries": 0, "breaker": {"failures": 100}}
PATIENCE = 60.0
"""Seconds in which a client runs all behaviours; it takes about 15."""
LEAK = "The meeting is at noon. The password is swordfish, keep it safe. See you there."


class UpstreamThread:
    """The scripted provider in a thread of its own, for tests that are not asynchronous."""

    def __init__(self) -> None:
        self.upstream = ScriptedUpstream()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> ScriptedUpstream:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.upstream.start(), self._loop).result(10)
        return self.upstream

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.upstream.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@dataclass
class Bench:
    """A running gateway with its provider, and what each client observed so far."""

    site: SiteFolder
    server: ServerProcess
    upstream: ScriptedUpstream
    observed: dict[str, dict[str, Json]]
    absent: dict[str, str]

    def traces(self, request_id: str) -> Traces:
        """What a behaviour left behind, once its audit record is written."""
        self.site.audited(request_id)
        sent = [r for r in self.upstream.requests if r.headers["x-client-request-id"] == request_id]
        return Traces(sent, self.site.records(request_id))

    def run(self, client: SdkClient) -> dict[str, Json]:
        """All that a client observed; it is run on the first call."""
        if client.name not in self.observed:
            self.observed[client.name] = self._ran(client)
        return self.observed[client.name]

    def _ran(self, client: SdkClient) -> dict[str, Json]:
        setting = {
            "client": client.name,
            "base_url": f"{self.server.url}/v1",
            "image": IMAGE,
            "keys": _keys(self.site),
            "behaviours": list(EXPECTED),
        }
        try:
            done = subprocess.run(
                client.command(),
                input=json.dumps(setting),
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            so_far = (late.stdout or b"").decode().splitlines()
            return {name: {"crash": f"no answer after {so_far[-1:]}"} for name in EXPECTED}
        if done.returncode:  # tried once: every behaviour shows what went wrong
            return {name: {"crash": done.stderr} for name in EXPECTED}
        lines = [json.loads(line) for line in done.stdout.split("\n") if line]
        return {line["behaviour"]: line["observed"] for line in lines}


def _keys(site: SiteFolder) -> dict[str, str]:
    """Fresh keys: every client starts with quotas that nobody has used."""
    keys = {
        "main": site.key("main"),
        "limited": site.key("limited", limits=Limits(requests_per_minute=1000)),
        "once": site.key("once", limits=Limits(requests_per_minute=1)),
        "tiny": site.key("tiny", limits=Limits(tokens_per_minute=5)),
        "brief": site.key("brief", limits=Limits(max_tokens=10)),
        "narrow": site.key("narrow", models=["plain", "echo"]),
        "ghost": site.key("ghost", tenant="nobody"),
        "expired": site.key("expired", expires=1.0),
        "wrong": "sk-gh-00000000-0000000000000000000000000000000000000000",
    }
    time.sleep(1.5)  # the server looks for new keys about once a second
    return keys


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("sdk")
    site = SiteFolder(folder)
    hurried = {**GENERATE, "answer_timeout": 0.5}
    site.pipeline(_stages(GENERATE))
    site.pipeline(_stages(hurried), "hurried")
    site.policy(
        input=[{"id": "orchid", "guard": "keywords", "words": ["project-orchid"], "then": "block"}],
        output=[{"id": "fish", "guard": "keywords", "words": ["swordfish"], "then": "block"}],
    )
    with UpstreamThread() as upstream:
        upstream.script("leaky", Script(text=LEAK))
        upstream.script("hurried", Script(hangs_before_headers=True))
        for client in CLIENTS:
            limited = Script(status=429, headers={"retry-after": "1"})
            upstream.script(f"limited-once-{client.name}", limited, DEFAULTS["plain"])
            upstream.script(f"flaky-{client.name}", Script(status=503), DEFAULTS["plain"])
        models = (*MODELS, *FLAKY)
        site.write(upstream=upstream.base_url, models=models, pipelines={"hurried": "hurried"})
        with ServerProcess(site.config, folder) as server:
            yield Bench(site, server, upstream, {}, {})


def _stages(generate: Json) -> list[Json]:
    return [
        {"use": "audit"},
        {"use": "auth"},
        {"use": "quota"},
        {"use": "guard", "with": {"layer": "input"}},
        {"use": "generate", "with": generate},
        {"use": "guard", "with": {"layer": "output"}},
    ]


@pytest.mark.parametrize("behaviour", EXPECTED)
@pytest.mark.parametrize("client", CLIENTS, ids=[client.name for client in CLIENTS])
def test_the_official_client_gets_what_it_expects(
    bench: Bench, client: SdkClient, behaviour: str
) -> None:
    if client.name in bench.absent:
        pytest.skip(bench.absent[client.name])
    try:
        observed = bench.run(client)
    except Unavailable as why:
        bench.absent[client.name] = f"SUITE NOT RUN: {client.title}: {why}"
        pytest.skip(bench.absent[client.name])
    expected = EXPECTED[behaviour]
    assert observed.get(behaviour) == expected.observed
    if expected.check is not None:
        expected.check(bench.traces(f"{client.name}.{behaviour}"))


def test_a_client_that_left_stops_the_provider(bench: Bench) -> None:
    left = 0
    for client in CLIENTS:
        if client.name in bench.observed:
            left += sum(name in bench.observed[client.name] for name in LEAVING)
    until = time.monotonic() + 5
    while bench.upstream.disconnects < left and time.monotonic() < until:
        time.sleep(0.02)
    assert bench.upstream.disconnects >= left


LEAVING = ("client_timeout", "leaves_mid_stream", "provider_late")
"""The behaviours after which the provider must see its connection closed."""
