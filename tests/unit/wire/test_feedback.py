"""The documents of ``/v1/feedback``."""

import pytest

from gateway.core.errors import BadRequest
from gateway.core.segments import Json
from gateway.ports.feedback_store import Feedback
from gateway.wire.feedback import LABELS, LONGEST_COMMENT, FeedbackDialect, stored
from gateway.wire.limits import RequestLimits

SOUND: Json = {"decision_id": "dec_1", "rating": "up"}


@pytest.mark.parametrize("label", LABELS)
def test_every_label_is_taken(label: str) -> None:
    body = {**SOUND, "label": label, "comment": "x" * LONGEST_COMMENT}
    FeedbackDialect().validate(body, RequestLimits(), 100)


@pytest.mark.parametrize(
    "body", [{}, {"rating": "up"}, {**SOUND, "label": "rude"}, {**SOUND, "stars": 5}]
)
def test_what_is_missing_or_unknown_is_refused(body: Json) -> None:
    with pytest.raises(BadRequest):
        FeedbackDialect().validate(body, RequestLimits(), 100)


def test_the_stored_object_names_neither_key_nor_tenant() -> None:
    assert stored(Feedback("dec_1", "k1", "acme", "up", 12.9)) == {
        "object": "feedback",
        "decision_id": "dec_1",
        "rating": "up",
        "label": None,
        "comment": None,
        "comment_withheld": False,
        "created": 12,
    }
