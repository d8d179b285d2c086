"""Renders every error as the OpenAI error object: the one place where that is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.core.errors import ContentFiltered, GatewayError, UpstreamRejected
from gateway.core.findings import Decision
from gateway.core.segments import Json


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An error as it goes over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def error_object(error: GatewayError, explain: Sequence[Decision] | None = None) -> Json:
    """``{"error": {...}}``. ``explain`` adds the decisions, for keys that may see them."""
    if isinstance(error, UpstreamRejected):
        return dict(error.body)
    inner: dict[str, Any] = {
        "message": error.message,
        "type": error.type,
        "param": error.param,
        "code": error.code,
    }
    if isinstance(error, ContentFiltered):
        inner["status"] = error.status
        inner["innererror"] = _inner(explain)
    return {"error": inner}


def _inner(explain: Sequence[Decision] | None) -> Json:
    """The shape Azure OpenAI uses, which SDKs and libraries already map."""
    inner: Json = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {}}
    if explain is not None:
        inner["decisions"] = [
            {
                "layer": decision.layer,
                "rule": decision.rule,
                "guard": decision.guard,
                "then": decision.then.value,
                "error": decision.error,
                "findings": [
                    {
                        "category": finding.category,
                        "score": round(finding.score, 4),
                        "pointer": pointer,
                        "start": finding.start,
                        "end": finding.end,
                    }
                    for finding, pointer in zip(decision.findings, decision.pointers, strict=False)
                ],
            }
            for decision in explain
            if decision.triggered
        ]
    return inner


def render(error: GatewayError, explain: Sequence[Decision] | None = None) -> ErrorReply:
    """The HTTP answer for ``error``: its status, its own headers and the OpenAI error object."""
    headers = {"content-type": "application/json", **error.headers}
    if error.retry is not None:
        headers["x-should-retry"] = "true" if error.retry else "false"
    status = error.upstream_status if isinstance(error, UpstreamRejected) else error.status
    return ErrorReply(status, headers, orjson.dumps(error_object(error, explain)))
