"""``POST /v1/feedback``: kept beside the audit, for decisions of the caller's own tenant."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from gateway.adapters.memory.audit import MemoryAuditStore
from gateway.adapters.sqlite.audit import SqliteAuditStore
from gateway.app.local import LocalEndpoint, asked
from gateway.app.parts import Parts
from gateway.app.runtime import Live
from gateway.core.errors import DecisionNotFound, PermissionDenied, StoreUnavailable
from gateway.core.evaluate import evaluate
from gateway.core.exchange import Exchange
from gateway.core.findings import Then
from gateway.core.identity import Principal
from gateway.core.reply import Reply, frames_of
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Json, Origin, Segment
from gateway.core.stage import Phase
from gateway.guards.pii import PiiGuard, PiiOptions
from gateway.guards.secrets import SecretsGuard, SecretsOptions
from gateway.ports.entity_recognizer import EntityRecognizer
from gateway.ports.feedback_store import Feedback, FeedbackStore
from gateway.ports.secret_scanner import SecretScanner
from gateway.wire.feedback import FeedbackDialect, stored

log = logging.getLogger(__name__)

_PII_THRESHOLD = 0.4
"""Also takes phone numbers in national form: a masked number too many costs a comment little."""


def feedback_endpoint(live: Live, parts: Parts) -> LocalEndpoint:
    """The endpoint over a live runtime."""
    stage = FeedbackStage(
        feedback_store=parts.feedback_store,
        audit_store=parts.audit_store,
        secret_scanner=parts.secret_scanner,
        recognizer=parts.recognizer,
    )
    return LocalEndpoint(live, parts, FeedbackDialect(parts.clock), lambda _: stage, status=201)


class FeedbackStage:
    """Keeps what the caller says about a decision, its comment masked."""

    name = "feedback"
    phase = Phase.ANSWER

    def __init__(
        self,
        *,
        feedback_store: FeedbackStore,
        audit_store: SqliteAuditStore | MemoryAuditStore,
        secret_scanner: SecretScanner,
        recognizer: EntityRecognizer,
    ) -> None:
        self._store = feedback_store
        self._audit = audit_store
        secrets = SecretsGuard(SecretsOptions(), secret_scanner=secret_scanner)
        pii = PiiGuard(PiiOptions(), recognizer=recognizer)
        self._masking = (
            Rule("comment-secrets", secrets, "secrets", Then.MASK),
            Rule("comment-pii", pii, "pii", Then.MASK, threshold=_PII_THRESHOLD),
        )

    async def run(self, ex: Exchange) -> None:
        """Raises DecisionNotFound, StoreUnavailable."""
        body, who = asked(ex), ex.principal
        if who is None:
            raise PermissionDenied("Feedback needs a caller.", cause="feedback without a principal")
        await self._check_decision(body["decision_id"], who)
        comment = await self._masked(body.get("comment"), ex)
        feedback = Feedback(
            decision_id=body["decision_id"],
            key_id=who.key_id,
            tenant=who.tenant,
            rating=body["rating"],
            at=ex.at,
            label=body.get("label"),
            comment=comment,
            withheld=comment is None and body.get("comment") is not None,
        )
        await self._store.put(feedback)
        ex.reply = Reply(frames_of([stored(feedback)]), source="gateway")

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Nothing is held."""

    async def _check_decision(self, decision_id: str, who: Principal) -> None:
        record = await self._record(decision_id)
        if record is None or record.get("id") != decision_id or record.get("tenant") != who.tenant:
            raise DecisionNotFound(
                "There is no decision with this id, or it is not one of yours. The id stands in "
                "the x-gatehouse-decision-id header of the answer.",
                param="decision_id",
                cause="unknown decision" if record is None else "decision of somebody else",
            )

    async def _record(self, decision_id: str) -> Json | None:
        """Raises StoreUnavailable, also while the record may still wait to be written."""
        try:
            record = await self._audit.get(decision_id)
        except (OSError, SQLAlchemyError) as error:
            raise StoreUnavailable(
                "The audit store did not answer. Try again shortly.", cause=type(error).__name__
            ) from error
        if record is None and not self._audit.healthy:
            raise StoreUnavailable(
                "The audit store is behind. Try again shortly.", cause="records wait in the spool"
            )
        return record

    async def _masked(self, comment: str | None, ex: Exchange) -> str | None:
        """The comment without secrets and personal data; None when that cannot be made sure."""
        if comment is None:
            return None
        segment = Segment(comment, Origin.USER, ("comment",))
        verdict = await evaluate(Layer.INPUT, self._masking, (segment,), ex)
        if verdict.blocked is not None:
            log.warning("a comment in exchange %s could not be masked and is not kept", ex.id)
            return None
        return verdict.segments[0].text
