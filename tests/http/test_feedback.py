"""``POST /v1/feedback``: kept for decisions of one's own tenant, its comments masked."""

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from gateway.adapters.sqlite.feedback import FeedbackTable
from gateway.app.build import make_runtime, read_site
from gateway.app.http import make_app
from gateway.app.parts import make_parts
from gateway.app.runtime import Live
from gateway.core.segments import Json
from gateway.testing.asgi import Answer
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream
from tests.http.conftest import House
from tests.http.shapes import assert_error

FEEDBACK = "/v1/feedback"
STAGES: list[Json] = [{"use": "audit"}, {"use": "auth"}, {"use": "quota"}, {"use": "generate"}]


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, str]) -> Iterator[House]:
    site = SiteFolder(tmp_path_factory.mktemp("feedback"))
    site.pipeline(STAGES)
    site.policy()
    site.write(
        upstream="http://127.0.0.1:9", models=("plain",), tenants={"default": {}, "other": {}}
    )
    keys["mine"] = site.key("mine")
    keys["colleague"] = site.key("colleague")
    keys["stranger"] = site.key("stranger", tenant="other")
    with asyncio.Runner() as runner:
        read = read_site(site.config)
        parts = make_parts(read)
        try:
            app = make_app(Live(make_runtime(read, parts)), parts)
            yield House(app, ScriptedUpstream(), site, keys["mine"], runner)
        finally:
            runner.run(parts.aclose())


def give(house: House, body: Json, *, key: str | None = None) -> Answer:
    return house.send("POST", FEEDBACK, body=orjson.dumps(body), key=key)


def decision(house: House, key: str | None = None) -> str:
    """The id of a decision that was just made."""
    answer = house.send("POST", "/v1/guard", body=b'{"input": "hello"}', key=key)
    assert answer.status == 200
    return answer.header("x-gatehouse-decision-id") or ""


def kept(house: House, decision_id: str) -> list[Any]:
    table = FeedbackTable(house.site.var / "audit.db")
    try:
        return list(table.about(decision_id))
    finally:
        table.close()


def test_feedback_is_kept_and_given_back(place: House) -> None:
    about = decision(place)
    body = {"decision_id": about, "rating": "down", "label": "wrong_answer", "comment": "Not so."}
    answer = give(place, body)
    assert answer.status == 201
    created = answer.json.pop("created")
    stored = {key: value for key, value in answer.json.items() if key != "created"}
    assert stored == {"object": "feedback", **body, "comment_withheld": False}
    assert isinstance(created, int)
    (found,) = kept(place, about)
    assert (found.rating, found.comment, found.tenant) == ("down", "Not so.", "default")


def test_the_later_feedback_replaces_the_earlier(place: House, keys: dict[str, str]) -> None:
    about = decision(place)
    give(place, {"decision_id": about, "rating": "down", "comment": "bad", "label": "other"})
    give(place, {"decision_id": about, "rating": "up"})
    (found,) = kept(place, about)
    assert (found.rating, found.comment, found.label) == ("up", None, None)
    give(place, {"decision_id": about, "rating": "down"}, key=keys["colleague"])
    assert [f.rating for f in kept(place, about)] == ["up", "down"]


def test_unknown_decisions_and_those_of_others_read_the_same(
    place: House, keys: dict[str, str]
) -> None:
    about = decision(place)
    request_id = "req-mine"
    place.send("POST", "/v1/guard", body=b'{"input": "x"}', headers={"x-request-id": request_id})
    theirs = give(place, {"decision_id": about, "rating": "up"}, key=keys["stranger"])
    unknown = give(place, {"decision_id": "dec_0", "rating": "up"}, key=keys["stranger"])
    by_request = give(place, {"decision_id": request_id, "rating": "up"})
    for answer in (theirs, unknown, by_request):
        assert_error(answer, 404, "decision_not_found")
        assert answer.body == unknown.body
    assert kept(place, about) == []


@pytest.mark.parametrize(
    ("comment", "stored"),
    [
        ("Ask a.b@example.com.", "Ask [EMAIL_ADDRESS]."),
        ("The key AKIAIOSFODNN7EXAMPLQ leaked", "The key [AWS_ACCESS_KEY] leaked"),
        ("My card 4111 1111 1111 1111!", "My card [CREDIT_CARD]!"),
    ],
)
def test_comments_are_masked_before_they_are_kept(place: House, comment: str, stored: str) -> None:
    about = decision(place)
    answer = give(place, {"decision_id": about, "rating": "down", "comment": comment})
    assert answer.json["comment"] == stored
    assert [f.comment for f in kept(place, about)] == [stored]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "decision_id"),
        ({"decision_id": "dec_1"}, "rating"),
        ({"decision_id": 3, "rating": "up"}, "decision_id"),
        ({"decision_id": "", "rating": "up"}, "decision_id"),
        ({"decision_id": "d" * 129, "rating": "up"}, "decision_id"),
        ({"decision_id": "dec_1", "rating": "sideways"}, "rating"),
        ({"decision_id": "dec_1", "rating": "up", "label": "bad"}, "label"),
        ({"decision_id": "dec_1", "rating": "up", "comment": "x" * 2001}, "comment"),
        ({"decision_id": "dec_1", "rating": "up", "coment": "x"}, "coment"),
    ],
)
def test_a_wrong_request_names_the_field(place: House, body: Json, param: str) -> None:
    answer = give(place, body)
    assert_error(answer, 400, "invalid_request")
    assert answer.json["error"]["param"] == param


def test_without_a_key_nothing_is_kept(place: House) -> None:
    about = decision(place)
    assert_error(
        give(place, {"decision_id": about, "rating": "up"}, key=""), 401, "invalid_api_key"
    )
    assert kept(place, about) == []


def test_feedback_is_audited_without_its_comment(place: House) -> None:
    body = {"decision_id": decision(place), "rating": "down", "comment": "a remark of mine"}
    answer = give(place, body)
    record = place.site.audited(answer.header("x-gatehouse-decision-id") or "")
    assert record is not None
    assert (record["endpoint"], record["verdict"]) == ("feedback", "passed")
    assert b"remark" not in orjson.dumps(record)
