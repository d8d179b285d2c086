import orjson
import pytest

from gateway.adapters.openai_compatible import failures
from gateway.core.clock import SystemClock
from gateway.core.errors import (
    GatewayError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)

CLOCK = SystemClock()
HTML = b"<html>nginx at http://10.1.2.3 sk-secret</html>"
STATUSES: list[tuple[int, type[GatewayError], bool | None]] = [
    (302, UpstreamError, False),
    (400, UpstreamRejected, None),
    (401, UpstreamError, False),
    (402, UpstreamError, False),
    (403, UpstreamError, False),
    (404, UpstreamError, False),
    (408, UpstreamError, True),
    (409, UpstreamError, True),
    (413, UpstreamRejected, None),
    (422, UpstreamRejected, None),
    (429, UpstreamRateLimited, True),
    (500, UpstreamError, True),
    (502, UpstreamError, True),
    (503, UpstreamUnavailable, True),
    (504, UpstreamTimeout, True),
    (529, UpstreamUnavailable, True),
]


@pytest.mark.parametrize(("status", "kind", "retryable"), STATUSES)
def test_statuses(status: int, kind: type[GatewayError], retryable: bool | None) -> None:
    error = failures.from_answer(status, {}, HTML, CLOCK)
    assert type(error) is kind
    assert getattr(error, "retryable", None) is retryable
    for secret in ("nginx", "10.1.2.3", "sk-secret"):
        assert secret not in error.message
        assert secret not in str(getattr(error, "body", ""))


def test_a_rejection_passes_the_providers_own_error_on() -> None:
    sent = {"error": {"message": "too long", "code": "context_length_exceeded", "extra": 1}}
    error = failures.from_answer(400, {}, orjson.dumps(sent), CLOCK)
    assert isinstance(error, UpstreamRejected)
    assert error.body == sent
    assert error.message == "too long"


@pytest.mark.parametrize("body", [b'{"error":"bad"}', b'{"message":"bad"}'])
def test_a_rejection_in_another_shape_becomes_an_error_object(body: bytes) -> None:
    error = failures.from_answer(422, {}, body, CLOCK)
    assert isinstance(error, UpstreamRejected)
    assert error.body["error"]["message"] == "bad"


def test_refused_credentials_keep_the_providers_words_to_themselves() -> None:
    body = b'{"error":{"message":"Incorrect API key provided: sk-ab**yz"}}'
    error = failures.from_answer(401, {}, body, CLOCK)
    assert error.cause == "the provider refused the gateway's credentials (HTTP 401)"


def test_a_used_up_budget_is_not_a_rate_limit() -> None:
    body = b'{"error":{"message":"You exceeded","code":"insufficient_quota"}}'
    error = failures.from_answer(429, {}, body, CLOCK)
    assert type(error) is UpstreamError
    assert not error.retryable


WAITS: list[tuple[dict[str, str], float | None]] = [
    ({}, None),
    ({"retry-after": "3"}, 3.0),
    ({"retry-after": "0.5"}, 0.5),
    ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "-4"}, None),
    ({"retry-after": "inf"}, None),
    (
        {
            "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT",
            "date": "Wed, 21 Oct 2026 07:28:00 GMT",
        },
        30.0,
    ),
    ({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT"}, 0.0),
]


@pytest.mark.parametrize(("headers", "expected"), WAITS)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    assert failures.retry_after(headers, CLOCK) == expected


PAYLOADS: list[tuple[bytes, type[GatewayError] | None]] = [
    (b'{"choices":[{"delta":{"content":"an \\"error\\" here"}}]}', None),
    (b'{"choices":[],"error":null}', None),
    (b'{"error":{"message":"overloaded","type":"server_error"}}', UpstreamError),
    (b'{"error":{"message":"slow down","code":429}}', UpstreamRateLimited),
    (b'{"error":{"message":"slow down","type":"rate_limit_error"}}', UpstreamRateLimited),
    (b'{"error":{"message":"bad","type":"invalid_request_error"}}', UpstreamRejected),
    (b'{"error":{"message":"filtered","code":"content_filter"}}', UpstreamRejected),
    (b'{"error":"it broke","choices":[]}', UpstreamError),
]


@pytest.mark.parametrize(("payload", "kind"), PAYLOADS)
def test_errors_inside_an_answer(payload: bytes, kind: type[GatewayError] | None) -> None:
    error = failures.in_payload(payload)
    assert (None if error is None else type(error)) is kind


def test_an_event_called_error_is_one_whatever_it_says() -> None:
    assert isinstance(failures.in_payload(b"oops", named_error=True), UpstreamError)
