"""The documents of ``/v1/guard``: which texts are judged, and how places are named."""

from typing import Any

import pytest

from gateway.core.findings import Decision, Finding, Mode, Then
from gateway.core.rules import Policy
from gateway.core.segments import Json
from gateway.wire.guard_check import CheckDialect, answer_of, in_shape, released, result

POLICY = Policy("baseline", "0123456789abcdef", {})
TALK: Json = {
    "messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes"},
    ]
}


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ({}, []),
        ({"input": "a"}, [("a", "user", "/input")]),
        ({"input": "a", "origin": "tool"}, [("a", "tool", "/input")]),
        ({"input": ["a", "b"]}, [("a", "user", "/input/0"), ("b", "user", "/input/1")]),
        (
            {"input": TALK},
            [("hi", "user", "/input/messages/0/content"),
             ("yes", "assistant", "/input/messages/1/content")],
        ),
        (
            {"input": {"messages": [], "tools": [{"function": {"description": "d"}}]}},
            [("d", "system", "/input/tools/0/function/description")],
        ),
    ],
)  # fmt: skip
def test_texts_with_origin_and_place(body: Json, texts: list[tuple[str, str, str]]) -> None:
    found = CheckDialect().segments(body)
    assert [(s.text, s.origin.value, s.pointer) for s in found] == texts


@pytest.mark.parametrize("given", ["a", ["a", "b"], ["a"], TALK])
def test_an_answer_that_nothing_happened_to_comes_back_as_it_was(given: Any) -> None:
    _, document = answer_of(given)
    assert released(given, document) == given


def test_what_was_said_before_an_answer_stays_apart_from_it() -> None:
    before, document = answer_of(TALK)
    assert before == TALK["messages"][:1]
    assert [choice["message"] for choice in document["choices"]] == TALK["messages"][1:]


def test_texts_come_back_in_the_shape_of_the_input() -> None:
    assert in_shape("a", ["b"]) == "b"
    assert in_shape(["a"], [None]) == [None]


@pytest.mark.parametrize(
    ("given", "pointer", "expected"),
    [
        ("a", "", ""),
        ("a", "/input", "/input"),
        ("a", "/choices/0/content", "/input"),
        (["a", "b"], "/choices/1/content", "/input/1"),
        (["a", "b"], "/chunks/1", "/input/1"),
        ("a", "/chunks/0", "/input"),
        (TALK, "/choices/0/content", "/input/messages/1/content"),
        (TALK, "/input/messages/0/content", "/input/messages/0/content"),
    ],
)
def test_places_are_named_in_the_request(given: Any, pointer: str, expected: str) -> None:
    decision = Decision(
        "output",
        "leak",
        "pii",
        Then.MASK,
        Mode.ENFORCE,
        findings=(Finding("EMAIL_ADDRESS", 0.98765, 0, 0, 1),),
        pointers=(pointer,),
    )
    document = result("dec_1", "rewritten", POLICY, given, "x", [decision])
    assert document["policy"] == "baseline@0123456789ab"
    assert document["decisions"][0]["findings"] == [
        {"category": "EMAIL_ADDRESS", "score": 0.9877, "pointer": expected, "start": 0, "end": 1}
    ]


def test_a_decision_about_a_failure_names_no_finding() -> None:
    failed = Decision(
        "input", "rewrite", "rewrite", Then.BLOCK, Mode.ENFORCE, error="RewriteFailed",
        pointers=("/input",),
    )  # fmt: skip
    (told,) = result("dec_1", "blocked", POLICY, "a", None, [failed])["decisions"]
    assert (told["error"], told["findings"], told["acted"]) == ("RewriteFailed", [], True)
