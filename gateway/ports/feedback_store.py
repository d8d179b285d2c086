"""What people say about answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the holder of one key says about one decision. ``at`` is seconds since the epoch.

    ``comment`` is masked text, or None when there is none; ``withheld`` says that there was one
    which could not be masked and was therefore not kept.
    """

    decision_id: str
    key_id: str
    tenant: str
    rating: str
    """``up`` or ``down``."""
    at: float
    label: str | None = None
    comment: str | None = None
    withheld: bool = False


class FeedbackStore(Protocol):
    """Keeps one feedback per decision and key. Never blocks the event loop.

    All methods raise StoreUnavailable when the store does not do its work.
    """

    async def put(self, feedback: Feedback) -> None:
        """Keep it for good, in place of an earlier one of the same decision and key."""
        ...

    async def about(self, decision_id: str) -> Sequence[Feedback]:
        """All feedback on one decision, oldest first."""
        ...

    async def newest(
        self, count: int, *, tenant: str | None = None, rating: str | None = None
    ) -> Sequence[Feedback]:
        """The newest ``count``, oldest of them first."""
        ...

    async def aclose(self) -> None:
        """Give back what is open. Called once, at shutdown."""
        ...
