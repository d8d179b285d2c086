"""The stage that keeps feedback, when something it needs fails."""

from collections.abc import Sequence

import pytest

from gateway.adapters.memory.audit import MemoryAuditStore
from gateway.adapters.memory.feedback import MemoryFeedbackStore
from gateway.app.feedback import FeedbackStage
from gateway.app.local import ASKED
from gateway.core.errors import DecisionNotFound, StoreUnavailable
from gateway.core.exchange import Exchange
from gateway.core.segments import Json
from gateway.ports.entity_recognizer import Entity, EntityRecognizer
from gateway.testing.exchanges import make_exchange
from gateway.testing.recognizers import LiteralRecognizer, LiteralScanner

SCANNER = LiteralScanner({"hunter2": ("PASSWORD", 1.0)})
MAIL = LiteralRecognizer({"a@b.example": ("EMAIL_ADDRESS", 1.0)})
BODY: Json = {"decision_id": "dec_1", "rating": "down", "comment": "hunter2 of a@b.example"}


class BrokenRecognizer(LiteralRecognizer):
    """Knows a kind and fails to look for it."""

    async def recognize(
        self, text: str, kinds: frozenset[str], language: str = "en", scope: str = ""
    ) -> Sequence[Entity]:
        raise RuntimeError("out of order")


class LateAuditStore(MemoryAuditStore):
    """Has records in its spool that it cannot read yet."""

    @property
    def healthy(self) -> bool:
        return False


class LostAuditStore(MemoryAuditStore):
    """Its database is away."""

    async def get(self, record_id: str) -> Json | None:
        raise OSError("no such file")


def stage(
    feedback: MemoryFeedbackStore,
    *,
    recognizer: EntityRecognizer = MAIL,
    audit: MemoryAuditStore | None = None,
) -> FeedbackStage:
    store = audit or MemoryAuditStore()
    if audit is None:
        store.append({"id": "dec_1", "request_id": "req_1", "tenant": "default"})
    return FeedbackStage(
        feedback_store=feedback, audit_store=store, secret_scanner=SCANNER, recognizer=recognizer
    )


def exchange(body: Json) -> Exchange:
    ex = make_exchange()
    ex.state[ASKED] = body
    return ex


async def test_a_comment_is_masked_by_both_guards() -> None:
    kept = MemoryFeedbackStore()
    await stage(kept).run(exchange(BODY))
    (feedback,) = await kept.about("dec_1")
    assert (feedback.comment, feedback.withheld) == ("[PASSWORD] of [EMAIL_ADDRESS]", False)


async def test_a_comment_that_cannot_be_masked_is_not_kept() -> None:
    kept = MemoryFeedbackStore()
    broken = BrokenRecognizer({"x": ("EMAIL_ADDRESS", 1.0)})
    await stage(kept, recognizer=broken).run(exchange({**BODY, "comment": "harmless"}))
    (feedback,) = await kept.about("dec_1")
    assert (feedback.rating, feedback.comment, feedback.withheld) == ("down", None, True)


@pytest.mark.parametrize("audit", [LateAuditStore(), LostAuditStore()])
async def test_while_the_audit_cannot_tell_nothing_is_kept(audit: MemoryAuditStore) -> None:
    kept = MemoryFeedbackStore()
    with pytest.raises(StoreUnavailable):
        await stage(kept, audit=audit).run(exchange(BODY))
    assert list(await kept.newest(9)) == []


async def test_an_unknown_decision_is_refused() -> None:
    with pytest.raises(DecisionNotFound):
        await stage(MemoryFeedbackStore()).run(exchange({**BODY, "decision_id": "dec_2"}))
