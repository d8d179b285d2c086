"""``POST /v1/feedback``: what somebody thinks of an answer or of a decision."""

from gateway.core.errors import BadRequest
from gateway.core.segments import Json
from gateway.ports.feedback_store import Feedback
from gateway.wire.limits import RequestLimits
from gateway.wire.local import LocalDialect, one_of, only, text_or_none

RATINGS = ("up", "down")
LABELS = (
    "false_positive",
    "false_negative",
    "wrong_answer",
    "incomplete_answer",
    "wrong_citation",
    "unhelpful",
    "harmful",
    "other",
)
LONGEST_COMMENT = 2_000
"""Characters."""

_FIELDS = ("decision_id", "rating", "comment", "label")
_LONGEST_ID = 128


class FeedbackDialect(LocalDialect):
    """A rating of one decision, with a label and a comment if there is more to say."""

    name = "feedback"

    def validate(self, body: Json, limits: RequestLimits, size: int) -> None:
        """Raises BadRequest."""
        only(body, _FIELDS)
        if text_or_none(body, "decision_id", _LONGEST_ID) is None:
            raise BadRequest(
                "'decision_id' is missing: it is the value of the x-gatehouse-decision-id header "
                "of the answer.",
                param="decision_id",
            )
        if body.get("rating") is None:
            raise BadRequest("'rating' is missing: 'up' or 'down'.", param="rating")
        one_of(body, "rating", RATINGS)
        one_of(body, "label", LABELS)
        text_or_none(body, "comment", LONGEST_COMMENT)


def stored(feedback: Feedback) -> Json:
    """Feedback as it was stored. ``comment`` is the masked one."""
    return {
        "object": "feedback",
        "decision_id": feedback.decision_id,
        "rating": feedback.rating,
        "label": feedback.label,
        "comment": feedback.comment,
        "comment_withheld": feedback.withheld,
        "created": int(feedback.at),
    }
