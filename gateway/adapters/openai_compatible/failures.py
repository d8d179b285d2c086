"""What a provider's failures mean to the gateway.

Messages are for the client and name no address, key or raw text of the provider; ``cause`` is for
the audit. A provider's complaint about the client's own request is passed on as it is.
"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from gateway.core.clock import Clock
from gateway.core.errors import (
    GatewayError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)

FAILED = "The model provider failed to answer."
BROKE_OFF = "The model provider's answer broke off."
MALFORMED = "The model provider sent an answer that cannot be read."
LATE = "The model provider did not answer in time."
LIMITED = "The model provider limits the rate of requests at the moment."
REFUSED = "The model provider refused the gateway."
ABSENT = "The model provider does not have this model."
BUSY = "The model provider is overloaded or down at the moment."

_EXCERPT = 500
_OURS = frozenset({401, 402, 403, 407})
_ABSENT = frozenset({404, 405, 410})
_AGAIN = frozenset({408, 409, 425})
_THEIR_TYPES = frozenset({"invalid_request_error", "BadRequestError", "content_filter"})
_THEIR_CODES = frozenset({"content_filter", "context_length_exceeded", "content_policy_violation"})


def from_answer(status: int, headers: Mapping[str, str], body: bytes, clock: Clock) -> GatewayError:
    """The error that an HTTP answer with a status other than 200 stands for."""
    document = _decoded(body)
    if status in _OURS:
        cause = f"the provider refused the gateway's credentials (HTTP {status})"
        return UpstreamError(REFUSED, retryable=False, cause=cause)
    cause = f"HTTP {status}: {body[:_EXCERPT].decode('utf-8', 'replace')}"
    if status == 429:
        if _field(document, "code") == "insufficient_quota":
            cause = "the gateway's own budget at the provider is used up (insufficient_quota)"
            return UpstreamError(REFUSED, retryable=False, cause=cause)
        return UpstreamRateLimited(LIMITED, retry_after=retry_after(headers, clock), cause=cause)
    if status in _ABSENT:
        return UpstreamError(ABSENT, retryable=False, cause=cause)
    if status in _AGAIN:
        return UpstreamError(FAILED, retryable=True, cause=cause)
    if status in {503, 529}:
        return UpstreamUnavailable(BUSY, retry_after=retry_after(headers, clock), cause=cause)
    if status == 504:
        return UpstreamTimeout(LATE, retryable=True, cause=cause)
    if status >= 500:
        return UpstreamError(FAILED, retryable=True, cause=cause)
    if status >= 400:
        return _rejected(status, document)
    return UpstreamError(FAILED, retryable=False, cause=f"unexpected HTTP {status}")


def in_payload(payload: bytes, *, named_error: bool = False) -> GatewayError | None:
    """The error inside a reply document or a stream event that came with status 200, if any.

    Providers that fail after they began to answer say so in a document with an ``error``;
    ``named_error`` says that the event itself is called ``error``.
    """
    if not named_error and b'"error"' not in payload:
        return None
    document = _decoded(payload)
    error = document.get("error") if document else None
    if not error and not named_error:
        return None
    if not isinstance(error, dict):
        error = {"message": error if isinstance(error, str) else ""}
    cause = f"error in the answer: {payload[:_EXCERPT].decode('utf-8', 'replace')}"
    kind, code = error.get("type"), error.get("code")
    if kind in _THEIR_TYPES or code in _THEIR_CODES or code == 400:
        return _rejected(400, {"error": error})
    if code == 429 or "rate_limit" in f"{kind} {code}":
        return UpstreamRateLimited(LIMITED, retry_after=None, cause=cause)
    if code in _OURS:
        return UpstreamError(REFUSED, retryable=False, cause=cause)
    return UpstreamError(FAILED, retryable=True, cause=cause)


def retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Seconds to wait from ``retry-after-ms`` or ``retry-after`` (seconds or an HTTP date)."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    until = _date(value)
    if until is None:
        return None
    now = _date(headers.get("date") or "")
    return max(0.0, until - (clock.wall() if now is None else now))


def _rejected(status: int, document: Mapping[str, Any] | None) -> UpstreamRejected:
    error = document.get("error") if document else None
    if isinstance(error, str) and error:
        error = {"message": error, "type": "invalid_request_error", "param": None, "code": None}
    if not isinstance(error, dict):
        message = _field(document, "message") or "The model provider rejected the request."
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return UpstreamRejected(status, {"error": error}, str(error.get("message") or ""))


def _decoded(body: bytes) -> dict[str, Any] | None:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _field(document: Mapping[str, Any] | None, name: str) -> str | None:
    """A text of the error object, or of the document when it has none."""
    if document is None:
        return None
    error = document.get("error")
    value = (error if isinstance(error, dict) else document).get(name)
    return value if isinstance(value, str) else None


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value else -1.0
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _date(value: str) -> float | None:
    try:
        parsed: datetime = parsedate_to_datetime(value)
    except ValueError:
        return None
    return parsed.timestamp()
