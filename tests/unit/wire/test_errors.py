"""Errors as they go over the wire."""

import orjson

from gateway.core.errors import ContentFiltered
from gateway.core.findings import Decision, Finding, Mode, Then
from gateway.wire.errors import render


def test_a_rewrite_that_failed_is_explained_like_any_other_block() -> None:
    found = Decision(
        "input", "mail", "pii", Then.BLOCK, Mode.ENFORCE,
        findings=(Finding("EMAIL_ADDRESS", 0.5, 0, 1, 2),), pointers=("/messages/0/content",),
    )  # fmt: skip
    failed = Decision(
        "input", "rewrite", "rewrite", Then.BLOCK, Mode.ENFORCE, error="RewriteFailed",
        pointers=("/messages/0/content",),
    )  # fmt: skip
    body = orjson.loads(render(ContentFiltered("no"), [found, failed]).body)
    told = body["error"]["innererror"]["decisions"]
    assert [decision["rule"] for decision in told] == ["mail", "rewrite"]
    assert [len(decision["findings"]) for decision in told] == [1, 0]


def test_without_leave_to_explain_nothing_is_told() -> None:
    body = orjson.loads(render(ContentFiltered("no")).body)
    assert "decisions" not in body["error"]["innererror"]
