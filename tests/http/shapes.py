"""What every answer must look like, whatever was asked."""

from pathlib import Path

import orjson

from gateway.testing.asgi import Answer

ERRORS = Path(__file__).parents[2] / "docs" / "errors"
TYPES = {
    "invalid_request_error",
    "authentication_error",
    "permission_error",
    "rate_limit_error",
    "insufficient_quota",
    "api_error",
}


def assert_error(answer: Answer, status: int | None = None, code: str | None = None) -> None:
    """An OpenAI error object, documented, below 500."""
    assert 400 <= answer.status < 500, answer
    assert answer.header("content-type") == "application/json"
    assert set(answer.json) == {"error"}
    error = answer.json["error"]
    assert {"message", "type", "param", "code"} <= set(error)
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error["type"] in TYPES
    assert (ERRORS / f"{error['code']}.md").exists()
    if status is not None:
        assert (answer.status, error["code"]) == (status, code)


def assert_served_or_refused(answer: Answer) -> None:
    """A whole answer, a whole stream, or an error object; never a failure of the gateway."""
    if answer.status != 200:
        assert_error(answer)
        return
    if answer.header("content-type") == "application/json":
        assert answer.json["choices"]
        return
    *documents, last = answer.events
    assert last == b"[DONE]"
    assert documents
    for document in documents:
        assert isinstance(orjson.loads(document), dict)
