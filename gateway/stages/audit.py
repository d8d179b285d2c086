"""What happened: one record per exchange, on every path, without the texts it was about."""

import asyncio
import logging
from datetime import UTC, datetime

import orjson

from gateway.core.clock import Clock
from gateway.core.errors import ClientGone, ContentFiltered, GatewayError, UpstreamRejected
from gateway.core.exchange import Exchange
from gateway.core.findings import Decision
from gateway.core.options import Options
from gateway.core.segments import Json
from gateway.core.stage import Phase
from gateway.ports.audit_store import AuditStore

log = logging.getLogger(__name__)

_CLIENT_CLOSED = 499
"""The status that nginx introduced for a client that went away; there is no standard one."""
_LONGEST_NAME = 256


class AuditOptions(Options):
    pass


class AuditStage:
    """Writes the record of every exchange. Stands first, so that it closes last and sees all."""

    name = "audit"
    phase = Phase.REQUEST
    Options = AuditOptions

    def __init__(self, options: AuditOptions, *, audit_store: AuditStore, clock: Clock) -> None:
        self._store = audit_store
        self._clock = clock

    async def run(self, ex: Exchange) -> None:
        """Nothing yet: the record is made when everything is known."""

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        record = record_of(ex, error, self._clock.monotonic())
        try:
            self._store.append(record)
        except Exception:
            # The log is then the only place left for it; it holds no text of the exchange.
            log.critical(
                "AUDIT RECORD NOT STORED (make room on the disk, then add it by hand): %s",
                orjson.dumps(record, default=str).decode(),
                exc_info=True,
            )


def record_of(ex: Exchange, error: BaseException | None, now: float) -> Json:
    """The audit record of a finished exchange. ``now`` is monotonic, in seconds."""
    who, policy, usage = ex.principal, ex.policy, ex.usage
    return {
        "id": ex.decision_id,
        "request_id": ex.id,
        "time": _time(ex.at),
        "tenant": who.tenant if who else None,
        "key_id": who.key_id if who else None,
        "endpoint": ex.endpoint,
        "model": ex.model[:_LONGEST_NAME],
        "pipeline": ex.binding.pipeline if ex.binding else None,
        "policy": policy.name if policy else None,
        "policy_hash": policy.hash if policy else None,
        "route": ex.route,
        "target": str(ex.target) if ex.target else None,
        "attempts": ex.attempts,
        "source": ex.reply.source if ex.reply else None,
        "stream": ex.stream,
        "verdict": _verdict(ex, error),
        "status": _status(error),
        "error": None if error is None else _error(error),
        "stages": [
            {"stage": o.stage, "status": o.status.value, "ms": round(o.ms, 3)}
            if not o.detail
            else {
                "stage": o.stage,
                "status": o.status.value,
                "ms": round(o.ms, 3),
                "detail": o.detail,
            }
            for o in ex.outcomes
        ],
        "decisions": [_decision(decision) for decision in ex.decisions],
        "usage": {"prompt": usage.prompt, "completion": usage.completion, "exact": usage.exact},
        "finish": ex.finish,
        "documents": [
            {"id": c.document, "version": c.version, "chunk": c.id} for c in ex.chunks or ()
        ],
        "cache": ex.cache,
        "duration_ms": round((now - ex.received) * 1000, 3),
    }


def _time(at: float) -> str:
    """RFC 3339, UTC, milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _verdict(ex: Exchange, error: BaseException | None) -> str:
    verdict = ex.verdict
    if error is None or verdict == "blocked":
        return verdict
    if isinstance(error, ContentFiltered):
        return "blocked"
    if isinstance(error, (asyncio.CancelledError, ClientGone, GeneratorExit)):
        return "cancelled"
    if isinstance(error, GatewayError) and error.status < 500:
        return "refused"
    return "failed"


def _status(error: BaseException | None) -> int:
    if error is None:
        return 200
    if isinstance(error, UpstreamRejected):
        return error.upstream_status
    if isinstance(error, GatewayError):
        return error.status
    if isinstance(error, (asyncio.CancelledError, ClientGone, GeneratorExit)):
        return _CLIENT_CLOSED
    return 500


def _error(error: BaseException) -> Json:
    """The error without its message, which may quote what the client sent."""
    if isinstance(error, GatewayError):
        cause = error.cause
        if cause is None and error.__cause__ is not None:
            cause = type(error.__cause__).__name__
        return {"code": error.code, "class": type(error).__name__, "cause": cause}
    return {"code": None, "class": type(error).__name__, "cause": None}


def _decision(decision: Decision) -> Json:
    return {
        "layer": decision.layer,
        "rule": decision.rule,
        "guard": decision.guard,
        "then": decision.then.value,
        "mode": decision.mode.value,
        "acted": decision.acts,
        "error": decision.error,
        "error_allowed": decision.error_allowed,
        "findings": [
            {
                "category": finding.category,
                "score": round(finding.score, 4),
                "pointer": decision.pointers[i] if i < len(decision.pointers) else "",
                "start": finding.start,
                "end": finding.end,
                "reason": finding.reason,
            }
            for i, finding in enumerate(decision.findings)
        ],
    }
