"""Clients of the other endpoints, and libraries on top of them, against a running Gatehouse.

Every client runs all its behaviours once, in a process of its own; each behaviour is then a test.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.core.segments import Json
from gateway.testing.process import ServerProcess
from gateway.testing.site import SiteFolder
from gateway.testing.upstream_scripts import Script
from tests.sdk.environments import NEIGHBOURS, SdkClient, Unavailable
from tests.sdk.test_conformance import LEAK, UpstreamThread

HELLO = "Hello! How can I help you today?"
SAFE = "The meeting is at noon. "
PARIS = ["get_weather", {"city": "Paris"}]
DONE: Json = {"text": HELLO, "status": "completed", "why": None}
CUT: Json = {"text": SAFE, "status": "incomplete", "why": "content_filter"}
SAID: Json = {"text": HELLO, "calls": [], "stop": "end_turn"}
REFUSED: Json = {"text": SAFE, "calls": [], "stop": "refusal"}
CALLED: Json = {"text": "", "calls": [PARIS], "stop": "tool_use"}
CALLS: Json = {"calls": [[*PARIS, True]]}
VECTORS: Json = {"vectors": [[0.5, -0.25], [0.5, -0.25]]}
TEXT: Json = {"text": HELLO}
BLOCKED: Json = {"status": 400}


def _raised(kind: str, status: int, type: str) -> Json:
    return {"raised": kind, "status": status, "type": type, "id": True}


OPENAI: dict[str, Json] = {
    "response": DONE,
    "response_bridged": DONE,
    "response_stream": {**DONE, "same": True},
    "response_bridged_stream": {**DONE, "same": True},
    "response_leak": CUT,
    "response_bridged_leak": CUT,
    "response_leak_stream": {**CUT, "last": "response.incomplete"},
    "response_bridged_leak_stream": {**CUT, "last": "response.incomplete"},
    "response_tools": CALLS,
    "response_bridged_tools": CALLS,
    "response_tools_stream": CALLS,
    "response_bridged_tools_stream": CALLS,
    "response_blocked": {"status": 400, "code": "content_filter", "param": "input"},
    "response_state": {"status": 400, "code": "invalid_request", "param": "previous_response_id"},
    "response_retrieve": {"status": 404, "code": "not_found", "param": None},
    "completion": {"text": HELLO, "finish": "stop"},
    "completion_stream": TEXT,
    "embedding": VECTORS,
    "embedding_blocked": {"status": 400, "code": "content_filter", "param": "input"},
    "embedding_absent": {"status": 404, "code": "endpoint_unsupported", "param": "model"},
}
ANTHROPIC: dict[str, Json] = {
    "message": SAID,
    "message_stream": {**SAID, "same": True},
    "usage": {"usage": [7, 5]},
    "usage_stream": {"usage": [7, 5]},
    "tools": CALLED,
    "tools_stream": {**CALLED, "same": True},
    "conversation": {**SAID, "text": "And in words?"},
    "leak": REFUSED,
    "leak_stream": {**REFUSED, "same": True},
    "blocked": _raised("BadRequestError", 400, "invalid_request_error"),
    "blocked_stream": _raised("BadRequestError", 400, "invalid_request_error"),
    "wrong_key": _raised("AuthenticationError", 401, "authentication_error"),
    "unknown_model": _raised("NotFoundError", 404, "not_found_error"),
}
LANGCHAIN: dict[str, Json] = {
    "chat": TEXT,
    "chat_stream": TEXT,
    "tools": {"calls": [PARIS]},
    "responses": TEXT,
    "responses_stream": TEXT,
    "responses_tools": {"calls": [PARIS]},
    "blocked": BLOCKED,
    "embeddings": VECTORS,
}
LLAMAINDEX: dict[str, Json] = {
    "chat": TEXT,
    "chat_stream": TEXT,
    "responses": TEXT,
    "responses_stream": TEXT,
    "blocked": BLOCKED,
}
VERCEL: dict[str, Json] = {
    "chat": {**TEXT, "finish": "stop"},
    "chat_stream": {**TEXT, "finish": "stop"},
    "responses": {**TEXT, "finish": "stop"},
    "responses_stream": {**TEXT, "finish": "stop"},
    "responses_bridged": {**TEXT, "finish": "stop"},
    "responses_bridged_stream": {**TEXT, "finish": "stop"},
    "responses_leak_stream": {"text": SAFE, "finish": "content-filter"},
    "tools": {"calls": [PARIS]},
    "tools_stream": {"calls": [PARIS]},
    "embedding": {"vector": [0.5, -0.25]},
    "blocked": BLOCKED,
}
EXPECTED = dict(
    zip(NEIGHBOURS, (OPENAI, OPENAI, ANTHROPIC, LANGCHAIN, LLAMAINDEX, VERCEL), strict=True)
)
CASES = [
    pytest.param(client, behaviour, id=f"{client.name}-{behaviour}")
    for client, behaviours in EXPECTED.items()
    for behaviour in behaviours
]


@dataclass
class Street:
    """A running gateway, and what each client observed so far."""

    server: ServerProcess
    key: str
    observed: dict[str, dict[str, Json]]
    absent: dict[str, str]

    def run(self, client: SdkClient) -> dict[str, Json]:
        """All that a client observed; it is run on the first call."""
        if client.name not in self.observed:
            done = subprocess.run(
                client.command(),
                input=json.dumps({"base_url": self.server.url, "key": self.key}),
                capture_output=True,
                text=True,
                timeout=180,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            self.observed[client.name] = {line["behaviour"]: line["observed"] for line in lines}
        return self.observed[client.name]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("neighbours")
    site = SiteFolder(folder)
    site.pipeline(
        [
            {"use": "audit"},
            {"use": "auth"},
            {"use": "quota"},
            {"use": "guard", "with": {"layer": "input"}},
            {"use": "generate", "with": {"retries": 0, "breaker": {"failures": 100}}},
            {"use": "guard", "with": {"layer": "output"}},
        ]
    )
    site.policy(
        input=[{"id": "orchid", "guard": "keywords", "words": ["project-orchid"], "then": "block"}],
        output=[{"id": "fish", "guard": "keywords", "words": ["swordfish"], "then": "block"}],
    )
    models = ("echo", "plain", "tools", "leaky", "gpt-4o-mini")
    with UpstreamThread() as upstream:
        upstream.script("leaky", Script(text=LEAK))
        upstream.script("gpt-4o-mini", Script(text=HELLO))
        site.write(upstream=upstream.base_url, models=models, bridged=models)
        key = site.key("main")
        with ServerProcess(site.config, folder) as server:
            yield Street(server, key, {}, {})


@pytest.mark.parametrize(("client", "behaviour"), CASES)
def test_the_client_gets_what_it_expects(street: Street, client: SdkClient, behaviour: str) -> None:
    if client.name in street.absent:
        pytest.skip(street.absent[client.name])
    try:
        observed = street.run(client)
    except Unavailable as why:
        street.absent[client.name] = f"SUITE NOT RUN: {client.title}: {why}"
        pytest.skip(street.absent[client.name])
    assert observed.get(behaviour) == EXPECTED[client][behaviour]


ADDRESSES: dict[str, tuple[Json, str]] = {
    "chat/completions": (
        {"messages": [{"role": "user", "content": "Hi"}]},
        "data: [DONE]",
    ),
    "completions": ({"prompt": "Hi"}, "data: [DONE]"),
    "responses": ({"input": "Hi"}, "event: response.completed"),
    "messages": (
        {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9},
        "event: message_stop",
    ),
}


@pytest.mark.parametrize("endpoint", ADDRESSES)
def test_curl_reads_the_stream_as_it_comes(street: Street, endpoint: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("SUITE NOT RUN: curl: it is not installed")
    body, last = ADDRESSES[endpoint]
    sent = json.dumps({"model": "plain", "stream": True, **body})
    command = [curl, "-N", "-s", "-S", f"{street.server.url}/v1/{endpoint}", "-d", sent]
    command += ["-H", f"Authorization: Bearer {street.key}", "-H", "content-type: application/json"]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert last in done.stdout.rstrip().splitlines()[-2:]
    assert time.monotonic() - began < 20
