"""What every official client must observe, whatever its language: one list for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.segments import Json
from gateway.testing.upstream import SeenRequest

HELLO = "Hello! How can I help you today?"
WEATHER = ["get_weather", {"city": "Paris"}]
CLOCK = ["get_time", {"zone": "Europe/Paris"}]
PLACE = {"parsed": {"city": "Paris", "population": 2102650}}
IMAGE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNg+A8A"


@dataclass(frozen=True, slots=True)
class Traces:
    """What a behaviour left behind: requests at the provider, records in the ledger."""

    upstream: list[SeenRequest]
    audit: list[Json]


Check = Callable[[Traces], None]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the client observes, and what must hold on the other side of the gateway."""

    observed: Json
    check: Check | None = None


def _raised(kind: str, status: int, code: str | None, param: str | None = None) -> Json:
    return {"raised": kind, "status": status, "code": code, "param": param}


def _said(text: str = HELLO, finish: str = "stop") -> Json:
    return {"text": text, "finish": finish}


def _once(upstream: int, verdict: str) -> Check:
    """Exactly one exchange with this verdict, and so many requests at the provider."""

    def check(traces: Traces) -> None:
        assert [record["verdict"] for record in traces.audit] == [verdict]
        assert len(traces.upstream) == upstream

    return check


def _tries(count: int) -> Check:
    """The client came so many times, each an exchange of its own."""

    def check(traces: Traces) -> None:
        assert len(traces.upstream) == count
        assert len(traces.audit) == count

    return check


def _sent(**fields: Any) -> Check:
    """The provider got these fields exactly as the client gave them."""

    def check(traces: Traces) -> None:
        (request,) = traces.upstream
        assert {name: request.json.get(name) for name in fields} == fields

    return check


def _content(*parts: Json) -> Check:
    return _sent(messages=[{"role": "user", "content": list(parts)}])


def _no_new_fields(traces: Traces) -> None:
    (request,) = traces.upstream
    assert set(request.json) == {"model", "messages"}


def _tool_history(traces: Traces) -> None:
    (request,) = traces.upstream
    assert [message["role"] for message in request.json["messages"]] == [
        "user",
        "assistant",
        "tool",
    ]
    assert request.json["messages"][1]["tool_calls"][0]["function"] == {
        "name": "get_weather",
        "arguments": '{"city": "Paris"}',
    }


def _stream(usage: list[list[int]]) -> Json:
    return {**_said(), "role": "assistant", "usage": usage, "bare": len(usage)}


def _calls(*calls: list[Any], streamed: bool = False) -> Json:
    ids = {"ids": len(calls)} if streamed else {}
    return {"calls": list(calls), "finish": "tool_calls", **ids}


_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
_JSON_SCHEMA = {"type": "json_schema", "json_schema": {"name": "place", "schema": _SCHEMA}}
_REJECTED = _raised("BadRequestError", 400, "invalid_value")
_KEY_REFUSED = _raised("AuthenticationError", 401, "invalid_api_key")
_NO_MODEL = _raised("NotFoundError", 404, "model_not_found", "model")
_BROKEN = _raised("InternalServerError", 502, "upstream_error")

EXPECTED: Mapping[str, Expected] = {
    # Answers
    "chat": Expected({**_said(), "usage": [7, 5, 12], "role": "assistant"}, _no_new_fields),
    "unicode_text": Expected(_said("Grüße 👋 日本語 \u2028")),
    "request_id": Expected({"same": True}, _once(1, "passed")),
    "headers": Expected({"decision": "passed", "limit": "1000", "remaining": "999"}),
    "length": Expected(_said("This answer was cut", "length")),
    "two_choices": Expected({"texts": [HELLO, HELLO], "n": 2}),
    "many_at_once": Expected({"texts": [f"number {n}" for n in range(20)]}),
    # Streams
    "stream": Expected(_stream([])),
    "stream_helper": Expected(_said()),
    "stream_usage": Expected(_stream([[7, 5, 12]])),
    "two_choices_stream": Expected({"texts": [HELLO, HELLO], "finishes": ["stop", "stop"]}),
    # Tools
    "tools": Expected(_calls(WEATHER)),
    "tools_stream": Expected(_calls(WEATHER, streamed=True)),
    "parallel_tools": Expected(_calls(WEATHER, CLOCK), _sent(parallel_tool_calls=True)),
    "parallel_tools_stream": Expected(_calls(WEATHER, CLOCK, streamed=True)),
    "tool_results": Expected(_said(), _tool_history),
    # Shapes that pass through
    "json_object": Expected(PLACE, _sent(response_format={"type": "json_object"})),
    "json_schema": Expected(PLACE, _sent(response_format=_JSON_SCHEMA)),
    "image": Expected(
        _said("What is this?"),
        _content(
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": IMAGE, "detail": "low"}},
        ),
    ),
    "audio": Expected(
        _said("Who speaks?"),
        _content(
            {"type": "text", "text": "Who speaks?"},
            {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        ),
    ),
    "unknown_fields": Expected(
        _said(),
        _sent(
            x_vendor={"deep": [1, 2.5, None, "ü"]},
            reasoning_budget=12,
            seed=7,
            logit_bias={"50256": -100},
        ),
    ),
    "token_limit": Expected(_said(), _sent(max_tokens=10)),
    # Refusals
    "wrong_key": Expected(_KEY_REFUSED, _once(0, "refused")),
    "expired_key": Expected(_KEY_REFUSED, _once(0, "refused")),
    "forbidden": Expected(
        _raised("PermissionDeniedError", 403, "permission_denied"), _once(0, "refused")
    ),
    "unknown_model": Expected(_NO_MODEL, _once(0, "refused")),
    "unknown_address": Expected(_raised("NotFoundError", 404, "not_found")),
    "bad_request": Expected(
        _raised("BadRequestError", 400, "invalid_request", "messages"), _once(0, "refused")
    ),
    "rate_limit": Expected(
        {"raised": "RateLimitError", "code": "rate_limit_exceeded", "waits": True}
    ),
    "spent_quota_is_final": Expected(
        _raised("RateLimitError", 429, "insufficient_quota"), _once(0, "refused")
    ),
    # Content
    "blocked_input": Expected(
        {
            "raised": "BadRequestError",
            "code": "content_filter",
            "inner": "ResponsibleAIPolicyViolation",
        },
        _once(0, "blocked"),
    ),
    "blocked_input_stream": Expected(
        _raised("BadRequestError", 400, "content_filter", "messages"), _once(0, "blocked")
    ),
    "blocked_output": Expected({"leaked": False, "finish": "content_filter"}, _once(1, "blocked")),
    "blocked_output_stream": Expected(
        {"leaked": False, "finish": "content_filter"}, _once(1, "blocked")
    ),
    # Providers that fail
    "provider_filter": Expected(
        _raised("BadRequestError", 400, "content_filter", "prompt"), _once(1, "refused")
    ),
    "provider_rejects": Expected(_REJECTED, _once(1, "refused")),
    "provider_fails": Expected(_BROKEN, _once(1, "failed")),
    "provider_fails_stream": Expected(_BROKEN, _once(1, "failed")),
    "provider_limits": Expected(_raised("RateLimitError", 429, "upstream_rate_limited")),
    "provider_late": Expected(_raised("InternalServerError", 504, "upstream_timeout")),
    "broken_stream": Expected({"raised": "APIError", "code": "upstream_error"}, _once(1, "failed")),
    # Patience
    "waits_as_told": Expected({**_said(), "waited": True}, _tries(2)),
    "retries": Expected(_said(), _tries(2)),
    "client_timeout": Expected({"raised": "Timeout"}, _once(1, "cancelled")),
    "leaves_mid_stream": Expected({"began": True}, _once(1, "cancelled")),
    # Moderation
    "moderation": Expected(
        {
            "flagged": [False, True],
            "violence": [False, False],
            "self_harm_score": 0,
            "policy": [False, True],
            "judged_by": "gatehouse/default",
        },
        _once(0, "blocked"),
    ),
    "moderation_parts": Expected({"flagged": [True]}, _once(0, "blocked")),
    "moderation_image": Expected(
        _raised("BadRequestError", 400, "invalid_request", "input.1"), _once(0, "refused")
    ),
    "moderation_unknown_model": Expected(_NO_MODEL, _once(0, "refused")),
    # Models
    "models_list": Expected({"ids": ["echo", "plain"]}),
    "models_retrieve": Expected({"id": "plain", "object": "model"}),
    "models_retrieve_unknown": Expected(_NO_MODEL),
}
