"""The errors of a running exchange. Those of configuration are in ``gateway.schema.problems``.

Raised anywhere, rendered once (``gateway.wire.errors``). ``message`` is what the client reads: it
never names a guard, a score or a matched text. ``cause`` is for the audit alone.
Each ``code`` has a page in ``docs/errors/``.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class GatewayError(Exception):
    """An exchange that ends without an answer. ``status`` is the HTTP status."""

    status: ClassVar[int] = 500
    code: ClassVar[str | None] = "internal_error"
    type: ClassVar[str] = "api_error"
    retry: ClassVar[bool | None] = None
    """What ``x-should-retry`` tells the client's SDK; None leaves it to the SDK."""

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        cause: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.headers = dict(headers or {})
        self.cause = cause


class BadRequest(GatewayError):
    """The request itself is wrong; ``param`` names the field."""

    status = 400
    code = "invalid_request"
    type = "invalid_request_error"
    retry = False


class RequestTooLarge(GatewayError):
    """A body, message count, text or nesting beyond the configured limits."""

    status = 413
    code = "request_too_large"
    type = "invalid_request_error"
    retry = False


class NotFound(GatewayError):
    """No such address."""

    status = 404
    code = "not_found"
    type = "invalid_request_error"
    retry = False


class MethodNotAllowed(GatewayError):
    """The address exists, but not for this HTTP method."""

    status = 405
    code = "method_not_allowed"
    type = "invalid_request_error"
    retry = False


class UnsupportedMediaType(GatewayError):
    """The body is not JSON."""

    status = 415
    code = "unsupported_media_type"
    type = "invalid_request_error"
    retry = False


class InvalidApiKey(GatewayError):
    """No key, an unknown key, or one that is revoked or expired."""

    status = 401
    code = "invalid_api_key"
    type = "authentication_error"
    retry = False


class PermissionDenied(GatewayError):
    """A valid key that may not do this."""

    status = 403
    code = "permission_denied"
    type = "permission_error"
    retry = False


class ModelNotFound(GatewayError):
    """A model name that no configured model has, or that this key may not see."""

    status = 404
    code = "model_not_found"
    type = "invalid_request_error"
    retry = False


class PolicyNotFound(GatewayError):
    """A policy that no model of this key is bound to."""

    status = 404
    code = "policy_not_found"
    type = "invalid_request_error"
    retry = False


class DecisionNotFound(GatewayError):
    """A decision id that no exchange of this tenant has."""

    status = 404
    code = "decision_not_found"
    type = "invalid_request_error"
    retry = False


class EndpointUnsupported(GatewayError):
    """None of a model's targets can serve this endpoint."""

    status = 404
    code = "endpoint_unsupported"
    type = "invalid_request_error"
    retry = False


class RateLimited(GatewayError):
    """A limit that time mends: ``retry-after`` says when."""

    status = 429
    code = "rate_limit_exceeded"
    type = "rate_limit_error"
    retry = True


class QuotaExhausted(GatewayError):
    """A budget that is used up."""

    status = 429
    code = "insufficient_quota"
    type = "insufficient_quota"
    retry = False


class ContentFiltered(GatewayError):
    """A policy blocked the exchange. Blocked and guard-unavailable read the same to the outside."""

    status = 400
    code = "content_filter"
    type = "invalid_request_error"
    retry = False


class KnowledgeUnavailable(GatewayError):
    """The knowledge store did not answer, and the pipeline may not answer without it."""

    status = 503
    code = "knowledge_unavailable"
    type = "api_error"
    retry = True


class StoreUnavailable(GatewayError):
    """A store that has to keep or to give something did not answer."""

    status = 503
    code = "store_unavailable"
    type = "api_error"
    retry = True


class Overloaded(GatewayError):
    """The gateway sheds load before it queues without end."""

    status = 503
    code = "overloaded"
    type = "api_error"
    retry = True


class UpstreamError(GatewayError):
    """A provider failed. ``retryable`` says whether the same target may be asked again."""

    status = 502
    code = "upstream_error"
    type = "api_error"

    def __init__(self, message: str, *, retryable: bool, cause: str | None = None) -> None:
        super().__init__(message, cause=cause)
        self.retryable = retryable


class UpstreamTimeout(UpstreamError):
    """A provider did not answer in time."""

    status = 504
    code = "upstream_timeout"
    type = "api_error"


class UpstreamRateLimited(UpstreamError):
    """A provider's own rate limit; ``retry-after`` is passed on."""

    status = 429
    code = "upstream_rate_limited"
    type = "rate_limit_error"
    retry = True

    def __init__(
        self, message: str, *, retry_after: float | None, cause: str | None = None
    ) -> None:
        super().__init__(message, retryable=True, cause=cause)
        self.retry_after = retry_after
        if retry_after is not None:
            self.headers["retry-after"] = str(max(1, round(retry_after)))


class UpstreamUnavailable(UpstreamError):
    """A provider that is overloaded or down; ``retry-after`` says when it may be back."""

    status = 503
    code = "upstream_unavailable"
    type = "api_error"
    retry = True

    def __init__(
        self, message: str, *, retry_after: float | None = None, cause: str | None = None
    ) -> None:
        super().__init__(message, retryable=True, cause=cause)
        self.retry_after = retry_after
        if retry_after is not None:
            self.headers["retry-after"] = str(max(1, round(retry_after)))


class UpstreamRejected(GatewayError):
    """The provider found the client's request wrong: its own error object is passed on as it is."""

    status = 400
    code = "upstream_rejected"
    type = "invalid_request_error"
    retry = False

    def __init__(self, status: int, body: Mapping[str, Any], message: str) -> None:
        super().__init__(message)
        self.upstream_status = status
        self.body = body


class ClientGone(Exception):
    """The client closed the connection before the answer was complete."""
