"""Feedback in a dictionary."""

from collections.abc import Sequence

from gateway.ports.feedback_store import Feedback


class MemoryFeedbackStore:
    """A FeedbackStore that forgets everything when the process ends."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Feedback] = {}

    async def put(self, feedback: Feedback) -> None:
        self._kept[(feedback.decision_id, feedback.key_id)] = feedback

    async def about(self, decision_id: str) -> Sequence[Feedback]:
        return [f for f in self._in_order() if f.decision_id == decision_id]

    async def newest(
        self, count: int, *, tenant: str | None = None, rating: str | None = None
    ) -> Sequence[Feedback]:
        found = [
            feedback
            for feedback in self._in_order()
            if tenant in (None, feedback.tenant) and rating in (None, feedback.rating)
        ]
        return found[-count:] if count else []

    async def aclose(self) -> None:
        """Nothing is open."""

    def _in_order(self) -> list[Feedback]:
        return sorted(self._kept.values(), key=lambda f: (f.at, f.decision_id, f.key_id))
