"""The cache through the whole gateway: who gets an answer that was given before, and what of it."""

import asyncio
from collections.abc import Iterator

import orjson
import pytest

from gateway.core.identity import Limits
from gateway.core.segments import Json
from gateway.testing.asgi import Answer
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream
from gateway.testing.upstream_scripts import Script
from tests.http.conftest import ENDPOINTS, House, opened
from tests.http.test_endpoints import read, request_of

STAGES: list[Json] = [
    {"use": "audit"},
    {"use": "auth"},
    {"use": "quota"},
    {"use": "guard", "with": {"layer": "input"}},
    {"use": "cache"},
    {"use": "generate", "with": {"retries": 0}},
    {"use": "guard", "with": {"layer": "output"}},
    {"use": "restore"},
]
SAYING = [ending for ending in ENDPOINTS if ending != "embeddings"]
STORE = {"responses": {"store": False}}


class Cached(House):
    """A gateway with a cache, and keys of two tenants."""

    keys: dict[str, str]

    def ask(self, text: str, said: str | None = None, **more: object) -> Answer:
        """``said`` is what the provider answers if it is asked; it echoes otherwise."""
        endpoint = str(more.pop("endpoint", SAYING[0]))
        self.upstream.script("m", Script(text=said))
        key = self.keys[str(more.pop("key", "one"))]
        body = request_of(endpoint, text, "m", **STORE.get(endpoint, {}), **more)
        return self.send_json(f"/v1/{endpoint}", body, key)

    def send_json(self, path: str, body: Json, key: str) -> Answer:
        headers = {"content-type": "application/json"}
        return self.send("POST", path, headers=headers, body=orjson.dumps(body), key=key)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cached]:
    site = SiteFolder(tmp_path_factory.mktemp("cache"))
    site.pipeline(STAGES)
    site.policy(
        input=[
            {"id": "mail", "guard": "pii", "entities": ["EMAIL_ADDRESS"], "then": "tokenize"},
            {"id": "in", "guard": "keywords", "words": ["forbidden"], "then": "block"},
        ],
        output=[
            {"id": "out", "guard": "keywords", "words": ["project-orchid"], "then": "block"},
            {"id": "hide", "guard": "keywords", "words": ["lavender"], "then": "mask"},
        ],
    )
    with asyncio.Runner() as runner:
        upstream = ScriptedUpstream()
        runner.run(upstream.start())
        site.write(
            upstream=upstream.base_url,
            models=("m",),
            provider={"endpoints": list(ENDPOINTS)},
            tenants={"acme": {}, "other": {}},
        )
        keys = {
            "one": site.key("one", tenant="acme"),
            "colleague": site.key("colleague", tenant="acme"),
            "board": site.key("board", tenant="acme", roles=["board"]),
            "stranger": site.key("stranger", tenant="other"),
            "metered": site.key(
                "metered",
                tenant="acme",
                limits=Limits(tokens_per_minute=5000, requests_per_minute=9),
            ),
        }
        with opened(site, runner) as app:
            house = Cached(app, upstream, site, keys["one"], runner)
            house.keys = keys
            yield house
        runner.run(upstream.stop())


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("endpoint", SAYING)
def test_an_answer_comes_again_byte_for_byte(place: Cached, endpoint: str, stream: bool) -> None:
    text = f"Tell {endpoint} {stream}"
    first = place.ask(text, "All is well.", endpoint=endpoint, stream=stream)
    again = place.ask(text, "Never said.", endpoint=endpoint, stream=stream)
    assert (first.header("x-gatehouse-cache"), again.header("x-gatehouse-cache")) == ("miss", "hit")
    assert again.body == first.body
    assert again.header("x-gatehouse-model") == "upstream/m"
    assert read(endpoint, again, stream=stream)[0] == "All is well."


@pytest.mark.parametrize("stream", [False, True])
def test_only_keys_of_the_same_tenant_and_roles_share_it(place: Cached, stream: bool) -> None:
    text = f"Who shares {stream}?"
    place.ask(text, "For acme.", stream=stream)
    for key, cache in (("colleague", "hit"), ("board", "miss"), ("stranger", "miss")):
        answer = place.ask(text, f"For {key}.", stream=stream, key=key)
        assert answer.header("x-gatehouse-cache") == cache
        expected = "For acme." if cache == "hit" else f"For {key}."
        assert read(SAYING[0], answer, stream=stream)[0] == expected


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("said", ["It is project-orchid.", "Smell the lavender."])
def test_what_a_guard_stopped_or_changed_is_not_kept(
    place: Cached, said: str, stream: bool
) -> None:
    text = f"Say {said} {stream}"
    for _ in range(2):
        answer = place.ask(text, said, stream=stream)
        assert answer.header("x-gatehouse-cache") == "miss"
        assert not any(word in answer.body for word in (b"orchid", b"lavender"))
    assert place.ask(text, "Fine.", stream=stream).header("x-gatehouse-cache") == "miss"


@pytest.mark.parametrize("stream", [False, True])
def test_values_of_a_caller_are_never_in_it(place: Cached, stream: bool) -> None:
    for key in ("one", "colleague"):
        mail = f"{key}@example.com"
        answer = place.ask(f"Write to {mail}", stream=stream, key=key)
        assert answer.header("x-gatehouse-cache") == "bypass"
        assert read(SAYING[0], answer, stream=stream)[0] == f"Write to {mail}"


def test_a_blocked_request_gets_no_answer_from_it(place: Cached) -> None:
    answer = place.ask("This is forbidden")
    assert answer.status == 400
    assert answer.header("x-gatehouse-cache") is None


def test_the_audit_says_that_an_answer_came_from_it(place: Cached) -> None:
    place.ask("Audited?", "Yes.")
    answer = place.ask("Audited?", "No.")
    record = place.site.audited(answer.header("x-request-id") or "")
    assert record is not None
    assert (record["cache"], record["source"], record["target"]) == ("hit", "cache", None)
    assert record["usage"] == {"prompt": 0, "completion": 0, "exact": True}
    assert {s["stage"]: s["status"] for s in record["stages"]}["generate"] == "skipped"


def test_an_answer_that_broke_off_is_not_kept(place: Cached) -> None:
    text = "Long story"
    deltas = [f"Sentence {n}. " for n in range(50)]
    place.upstream.script("m", Script(deltas=deltas, drops_after=10))
    body = request_of(SAYING[0], text, "m", stream=True)
    place.send_json("/v1/chat/completions", body, place.keys["one"])
    assert place.ask(text, "Whole.", stream=True).header("x-gatehouse-cache") == "miss"


def test_an_answer_from_it_uses_a_request_and_no_tokens(place: Cached) -> None:
    place.ask("Metered?", "Yes.")
    answers = [place.ask("Metered?", key="metered") for _ in range(3)]
    assert {answer.header("x-gatehouse-cache") for answer in answers} == {"hit"}
    tokens = {answer.header("x-ratelimit-remaining-tokens") for answer in answers}
    assert len(tokens) == 1  # what each reserved was given back
    requests = [answer.header("x-ratelimit-remaining-requests") for answer in answers]
    assert requests == ["8", "7", "6"]
