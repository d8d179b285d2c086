"""What litellm's exceptions mean to the gateway.

litellm gives each provider's failure a ``status_code`` and puts its own words before the
provider's. Messages are for the client; ``cause`` is for the audit.
"""

import re
from collections.abc import Mapping
from typing import Any

from gateway.core.errors import (
    GatewayError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)

FAILED = "The model provider failed to answer."
LATE = "The model provider did not answer in time."
_LIMITED = "The model provider limits the rate of requests at the moment."
_REFUSED = "The model provider refused the gateway."
_ABSENT = "The model provider does not have this model."
_BUSY = "The model provider is overloaded or down at the moment."
_REJECTED = "The model provider rejected the request."

_PREFIX = re.compile(r"\A(?:litellm\.\w+:\s*|[A-Za-z_]*(?:Exception|Error)\s*(?:-|:)\s*)+")
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_EXCERPT = 500
_CODES = {
    "ContentPolicyViolationError": "content_filter",
    "ContextWindowExceededError": "context_length_exceeded",
    "UnsupportedParamsError": "unsupported_parameter",
}
_MISCONFIGURED = ("LLM Provider NOT provided", "Unmapped LLM provider")


def from_exception(error: Exception) -> GatewayError:
    """The gateway's error for what ``litellm.acompletion`` or its stream raised."""
    inner = getattr(error, "original_exception", None)
    if isinstance(inner, Exception):
        error = inner  # litellm wraps what breaks a stream for its own fallbacks
    kind = type(error).__name__
    if isinstance(error, TimeoutError) or kind in {"Timeout", "APITimeoutError"}:
        return UpstreamTimeout(LATE, retryable=True, cause=_cause(error))
    status = getattr(error, "status_code", None)
    if kind == "APIConnectionError" or not isinstance(status, int):
        return UpstreamError(FAILED, retryable=True, cause=_cause(error))
    if status in {401, 402, 403}:
        cause = f"the provider refused the gateway's credentials (HTTP {status})"
        return UpstreamError(_REFUSED, retryable=False, cause=cause)
    if status == 429:
        return UpstreamRateLimited(_LIMITED, retry_after=_retry_after(error), cause=_cause(error))
    if status == 404 or any(words in str(error) for words in _MISCONFIGURED):
        return UpstreamError(_ABSENT, retryable=False, cause=_cause(error))
    if status in {503, 529}:
        return UpstreamUnavailable(_BUSY, retry_after=_retry_after(error), cause=_cause(error))
    if status >= 500 or status in {408, 409}:
        return UpstreamError(FAILED, retryable=True, cause=_cause(error))
    return _rejected(error, kind, status)


def _rejected(error: Exception, kind: str, status: int) -> UpstreamRejected:
    text = _PREFIX.sub("", str(getattr(error, "message", "") or error))
    message = _ADDRESS.sub("", text).strip()[:_EXCERPT] or _REJECTED
    document: dict[str, Any] = {
        "message": message,
        "type": "invalid_request_error",
        "param": None,
        "code": _CODES.get(kind),
    }
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        if isinstance(inner, Mapping) and inner.get("message"):
            document.update({k: v for k, v in inner.items() if v is not None})
    return UpstreamRejected(status, {"error": document}, str(document["message"]))


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_EXCERPT]


def _retry_after(error: Exception) -> float | None:
    """Seconds, from the provider's header where litellm kept it."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    kept = getattr(error, "litellm_response_headers", None) or {}
    for source in (kept, headers):
        for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
            try:
                return float(source[name]) / unit
            except (KeyError, TypeError, ValueError):
                continue
    return None
