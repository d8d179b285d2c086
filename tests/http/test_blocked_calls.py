"""Streamed tool calls: one that is blocked is never opened, so that no client waits for its end or
runs it without arguments."""

from typing import Any

import orjson
import pytest

from gateway.core.segments import Json
from gateway.testing.asgi import Answer
from gateway.testing.upstream_scripts import CLOCK, WEATHER, Script
from tests.http.conftest import House
from tests.http.test_endpoints import request_of, send

BAD = ("send_mail", '{"subject":"project-orchid"}')
ROUTES = pytest.mark.parametrize(
    ("endpoint", "model"),
    [
        ("chat/completions", "tools"),
        ("responses", "tools"),
        ("responses", "bridged-tools"),
        ("messages", "tools"),
        ("messages", "bridged-tools"),
    ],
)


def asked(house: House, endpoint: str, model: str, *calls: tuple[str, str]) -> list[Json]:
    """The documents of a stream in which the model calls tools."""
    house.upstream.script("tools", Script(tool_calls=calls))
    answer: Answer = send(house, endpoint, request_of(endpoint, model=model, stream=True))
    assert answer.status == 200
    return [orjson.loads(event) for event in answer.events if event != b"[DONE]"]


def calls_of(endpoint: str, documents: list[Json]) -> list[tuple[str, Any]]:
    """(name, arguments) of every call that a client sees to its end."""
    if endpoint == "responses":
        items = [d["item"] for d in documents if d["type"] == "response.output_item.done"]
        return [(i["name"], orjson.loads(i["arguments"])) for i in items if "call_id" in i]
    texts: dict[int, list[str]] = {}
    for document in documents:
        if endpoint == "messages":
            block = document.get("content_block") or document.get("delta") or {}
            if "name" in block or "partial_json" in block:
                texts.setdefault(document["index"], []).append(
                    block.get("name") or block["partial_json"]
                )
            continue
        for choice in document["choices"]:
            for call in choice["delta"].get("tool_calls") or ():
                own = texts.setdefault(call["index"], [])
                own += [t for t in call["function"].values() if t]
    return [(name, orjson.loads("".join(rest))) for name, *rest in texts.values()]


def assert_well_formed(endpoint: str, documents: list[Json]) -> None:
    """Everything that was opened is closed, in the order of the numbers."""
    if endpoint == "chat/completions":
        return
    opens, closes, number = {
        "responses": ("response.output_item.added", "response.output_item.done", "output_index"),
        "messages": ("content_block_start", "content_block_stop", "index"),
    }[endpoint]
    opened = [d[number] for d in documents if d["type"] == opens]
    assert opened == list(range(len(opened)))
    assert sorted(d[number] for d in documents if d["type"] == closes) == opened


def end_of(endpoint: str, documents: list[Json]) -> Any:
    if endpoint == "responses":
        details = documents[-1]["response"]["incomplete_details"]
        return details["reason"] if details else documents[-1]["response"]["status"]
    if endpoint == "messages":
        return next(d["delta"]["stop_reason"] for d in documents if d["type"] == "message_delta")
    reasons = [c["finish_reason"] for d in documents for c in d["choices"]]
    return next((reason for reason in reasons if reason), None)


@ROUTES
def test_a_blocked_call_is_never_opened(house: House, endpoint: str, model: str) -> None:
    documents = asked(house, endpoint, model, BAD)
    assert "send_mail" not in str(documents)
    assert "orchid" not in str(documents)
    assert_well_formed(endpoint, documents)
    assert end_of(endpoint, documents) in ("content_filter", "refusal")


@ROUTES
def test_calls_that_pass_come_whole_and_in_order(house: House, endpoint: str, model: str) -> None:
    documents = asked(house, endpoint, model, WEATHER, CLOCK)
    expected = [(name, orjson.loads(arguments)) for name, arguments in (WEATHER, CLOCK)]
    assert calls_of(endpoint, documents) == expected
    assert_well_formed(endpoint, documents)
    assert end_of(endpoint, documents) in ("tool_calls", "completed", "tool_use")


@ROUTES
def test_a_call_behind_a_blocked_one_is_not_opened_either(
    house: House, endpoint: str, model: str
) -> None:
    documents = asked(house, endpoint, model, BAD, WEATHER)
    assert calls_of(endpoint, documents) == []
    assert "get_weather" not in str(documents)
    assert_well_formed(endpoint, documents)


@ROUTES
def test_a_call_before_a_blocked_one_is_whole_or_not_there(
    house: House, endpoint: str, model: str
) -> None:
    documents = asked(house, endpoint, model, WEATHER, BAD)
    assert calls_of(endpoint, documents) in ([], [(WEATHER[0], orjson.loads(WEATHER[1]))])
    assert "send_mail" not in str(documents)
    assert_well_formed(endpoint, documents)
    assert end_of(endpoint, documents) in ("content_filter", "refusal")
