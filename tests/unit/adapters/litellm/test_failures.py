import pytest

from gateway.adapters.litellm.failures import from_exception
from gateway.core.errors import (
    GatewayError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)


class ProviderError(Exception):
    """An exception as litellm shapes them."""

    def __init__(self, message: str, status_code: int | None = None, **more: object) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.__dict__.update(more)


class APIConnectionError(ProviderError):
    pass


class Timeout(ProviderError):
    pass


class ContextWindowExceededError(ProviderError):
    pass


CASES: list[tuple[Exception, type[GatewayError], bool | None]] = [
    (ProviderError("x", 400), UpstreamRejected, None),
    (ProviderError("x", 422), UpstreamRejected, None),
    (ProviderError("LLM Provider NOT provided. You passed m", 400), UpstreamError, False),
    (ProviderError("x", 401), UpstreamError, False),
    (ProviderError("x", 404), UpstreamError, False),
    (ProviderError("x", 429), UpstreamRateLimited, True),
    (ProviderError("x", 500), UpstreamError, True),
    (ProviderError("x", 503), UpstreamUnavailable, True),
    (ProviderError("x"), UpstreamError, True),
    (APIConnectionError("x", 500), UpstreamError, True),
    (Timeout("x", 408), UpstreamTimeout, True),
    (TimeoutError(), UpstreamTimeout, True),
    (ProviderError("wrapped", 503, original_exception=Timeout("x", 408)), UpstreamTimeout, True),
]


@pytest.mark.parametrize(("error", "kind", "retryable"), CASES)
def test_exceptions(error: Exception, kind: type[GatewayError], retryable: bool | None) -> None:
    mapped = from_exception(error)
    assert type(mapped) is kind
    assert getattr(mapped, "retryable", None) is retryable


def test_a_rejection_loses_litellms_words_and_addresses() -> None:
    message = "litellm.BadRequestError: OpenAIException - too long, see http://10.0.0.1/x now"
    mapped = from_exception(ContextWindowExceededError(message, 400))
    assert isinstance(mapped, UpstreamRejected)
    assert mapped.body["error"]["message"] == "too long, see  now"
    assert mapped.body["error"]["code"] == "context_length_exceeded"


def test_retry_after_is_read_from_the_kept_headers() -> None:
    mapped = from_exception(ProviderError("x", 429, litellm_response_headers={"retry-after": "7"}))
    assert isinstance(mapped, UpstreamRateLimited)
    assert mapped.retry_after == 7.0
