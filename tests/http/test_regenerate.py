"""``then: regenerate`` through the whole gateway: one answer, headers included, out of two."""

import asyncio
from collections.abc import Iterator

import pytest

from gateway.core.segments import Json
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream
from gateway.testing.upstream_scripts import Script
from tests.http.conftest import ENDPOINTS, House, opened
from tests.http.test_endpoints import read, request_of, send

STAGES: list[Json] = [
    {"use": "audit"},
    {"use": "auth"},
    {"use": "generate", "with": {"retries": 0}},
    {"use": "guard", "with": {"layer": "output"}},
]
BAD, GOOD = "It is project-orchid.", "I cannot say."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway that asks once more when an answer names a project."""
    site = SiteFolder(tmp_path_factory.mktemp("regenerate"))
    site.pipeline(STAGES)
    words = {"guard": "keywords", "words": ["project-orchid"]}
    site.policy(output=[{"id": "project", "then": "regenerate", **words}])
    with asyncio.Runner() as runner:
        upstream = ScriptedUpstream()
        runner.run(upstream.start())
        site.write(
            upstream=upstream.base_url,
            models=("m",),
            bridged=("m",),
            provider={"endpoints": list(ENDPOINTS)},
        )
        key = site.key("one")
        with opened(site, runner) as app:
            yield House(app, upstream, site, key, runner)
        runner.run(upstream.stop())


OTHERS = pytest.mark.parametrize(
    ("endpoint", "opening", "ends"),
    [
        ("responses", "response.created", ("completed", "content_filter")),
        ("messages", "message_start", ("end_turn", "refusal")),
    ],
)
MODELS = pytest.mark.parametrize("model", ["m", "bridged-m"])


def ask(place: House, *scripts: Script, stream: bool) -> tuple[int, str, int]:
    """Status and body of the answer, and how often the provider was asked."""
    place.upstream.script("m", *scripts)
    before = len(place.upstream.requests)
    messages = [{"role": "user", "content": "What is it?"}]
    answer = place.chat({"model": "m", "messages": messages, "stream": stream})
    return answer.status, answer.body.decode(), len(place.upstream.requests) - before


@pytest.mark.parametrize("stream", [True, False])
def test_the_caller_reads_only_the_second_answer(place: House, stream: bool) -> None:
    deltas = [["It is project", "-orchid."], ["I cannot", " say."]]
    scripts = [Script(text="".join(own), deltas=own) for own in deltas]
    status, body, asked = ask(place, *scripts, stream=stream)
    assert (status, asked) == (200, 2)
    assert "orchid" not in body
    assert "cannot" in body
    assert body.count('"assistant"') == 1
    assert "content_filter" not in body


@pytest.mark.parametrize("stream", [True, False])
def test_a_provider_that_fails_the_second_time_is_an_error_with_its_status(
    place: House, stream: bool
) -> None:
    status, body, asked = ask(place, Script(text=BAD), Script(status=500), stream=stream)
    assert (status, asked) == (502, 2)
    assert "orchid" not in body


@pytest.mark.parametrize("stream", [True, False])
def test_two_bad_answers_are_a_block(place: House, stream: bool) -> None:
    status, body, asked = ask(place, Script(text=BAD), Script(text=BAD), stream=stream)
    assert asked == 2
    assert "orchid" not in body
    assert "content_filter" in body
    assert status == 200


@MODELS
@OTHERS
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("good", [True, False])
def test_other_endpoints_ask_again_too(
    place: House,
    model: str,
    endpoint: str,
    opening: str,
    ends: tuple[str, str],
    stream: bool,
    good: bool,
) -> None:
    place.upstream.script("m", Script(text=BAD), Script(text=GOOD if good else BAD))
    before = len(place.upstream.requests)
    answer = send(place, endpoint, request_of(endpoint, model=model, stream=stream))
    assert (answer.status, len(place.upstream.requests) - before) == (200, 2)
    assert b"orchid" not in answer.body
    assert read(endpoint, answer, stream=stream) == ((GOOD, ends[0]) if good else ("", ends[1]))
    if stream:
        assert answer.body.count(f"event: {opening}\n".encode()) == 1


@MODELS
@OTHERS
def test_other_endpoints_end_a_stream_of_which_something_is_out(
    place: House, model: str, endpoint: str, opening: str, ends: tuple[str, str]
) -> None:
    place.upstream.script("m", Script(text=f"The meeting is at noon. {BAD}"), Script(text=GOOD))
    before = len(place.upstream.requests)
    answer = send(place, endpoint, request_of(endpoint, model=model, stream=True))
    assert len(place.upstream.requests) - before == 1
    assert read(endpoint, answer, stream=True) == ("The meeting is at noon. ", ends[1])
    assert answer.body.count(f"event: {opening}\n".encode()) == 1


@OTHERS
@pytest.mark.parametrize("stream", [True, False])
def test_other_endpoints_tell_of_a_second_failure_with_its_status(
    place: House, endpoint: str, opening: str, ends: tuple[str, str], stream: bool
) -> None:
    place.upstream.script("m", Script(text=BAD), Script(status=500))
    answer = send(place, endpoint, request_of(endpoint, model="m", stream=stream))
    assert answer.status == 502
    assert b"orchid" not in answer.body
