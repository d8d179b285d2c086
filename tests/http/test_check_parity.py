"""A check says of a text exactly what becomes of it in a real exchange."""

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.app.build import make_runtime, read_site
from gateway.app.http import make_app
from gateway.app.parts import make_parts
from gateway.app.runtime import Live
from gateway.core.segments import Json
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream
from tests.http.conftest import CHAT, House

WORDS = st.sampled_from(
    ["hello ", "jane.doe@example.com", " 4111 1111 1111 1111", "orchid", "lily", "rifle", "a", "@",
     ". ", "\n", " ", ", ", "! ", "long" * 30, "é", "AKIAIOSFODNN7EXAMPLQ", "-----BEGIN RSA PRIV",
     "ATE KEY-----\n", "MIIEowIBAAKCAQEAn8v2m0cXq1ZK5W8o3pL4hF6tRz7yJd2s", "\n-----END RSA",
     " PRIVATE KEY-----"]
)  # fmt: skip
TEXTS = st.lists(WORDS, min_size=1, max_size=40).map("".join)
ROOMY = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _rules(layer: str) -> list[Json]:
    return [
        {"id": f"{layer}-mail", "guard": "pii", "then": "mask"},
        {"id": f"{layer}-keys", "guard": "secrets", "then": "mask"},
        {"id": f"{layer}-orchid", "guard": "keywords", "words": ["orchid"], "then": "block"},
        {"id": f"{layer}-lily", "guard": "keywords", "words": ["lily"], "then": "abstain"},
        {"id": f"{layer}-arms", "guard": "topics", "topics": {"a": ["rifle"]}, "then": "flag"},
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The model ``said`` judges only what comes back, ``asked`` only what goes out."""
    site = SiteFolder(tmp_path_factory.mktemp("parity"))
    site.pipeline(
        [
            {"use": "audit"},
            {"use": "auth"},
            {"use": "guard", "with": {"layer": "input"}},
            {"use": "generate"},
            {"use": "guard", "with": {"layer": "output"}},
        ]
    )
    site.policy(output=_rules("output"))
    site.policy("asking", input=_rules("input"))
    with asyncio.Runner() as runner:
        upstream = ScriptedUpstream()
        runner.run(upstream.start())
        site.write(upstream=upstream.base_url, models=("said", "asked"))
        gateway = orjson.loads(site.config.read_bytes())
        gateway["models"]["asked"]["policy"] = "asking"
        site.config.write_bytes(orjson.dumps(gateway))
        key = site.key("one", scopes=["explain"])
        read = read_site(site.config)
        parts = make_parts(read)
        try:
            app = make_app(Live(make_runtime(read, parts)), parts)
            yield House(app, upstream, site, key, runner)
        finally:
            runner.run(parts.aclose())
            runner.run(upstream.stop())


def check(house: House, given: Any, **more: Any) -> Json:
    answer = house.send("POST", "/v1/guard", body=orjson.dumps({"input": given, **more}))
    assert answer.status == 200, answer
    return answer.json


def chat(house: House, model: str, text: str, **more: Any) -> Any:
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    return house.send("POST", CHAT, body=orjson.dumps(body))


@ROOMY
@given(text=TEXTS)
def test_an_answer_is_released_as_the_check_says(place: House, text: str) -> None:
    told = check(place, text, layer="output", model="said")
    answer = chat(place, "said", text)
    assert answer.status == 200
    assert answer.json["choices"][0]["message"]["content"] == told["input"]
    assert answer.header("x-gatehouse-decision") == told["verdict"]


@ROOMY
@given(text=TEXTS)
def test_a_request_goes_out_as_the_check_says(place: House, text: str) -> None:
    told = check(place, text, model="asked")
    before = len(place.upstream.requests)
    answer = chat(place, "asked", text)
    assert answer.header("x-gatehouse-decision") == told["verdict"]
    if told["input"] is None:
        assert told["verdict"] in ("blocked", "abstained")
        assert len(place.upstream.requests) == before
    else:
        assert place.upstream.requests[-1].json["messages"][0]["content"] == told["input"]


@ROOMY
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_answers_of_an_array_are_judged_each_by_itself(place: House, texts: list[str]) -> None:
    together = check(place, texts, layer="output", model="said")["input"]
    assert together == [check(place, t, layer="output", model="said")["input"] for t in texts]
