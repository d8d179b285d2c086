"""Finds what the knowledge store has on the caller's question, within the caller's roles."""

import logging
from enum import StrEnum

from pydantic import Field

from gateway.core.errors import KnowledgeUnavailable
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.options import Options
from gateway.core.stage import Phase, nothing_to_close
from gateway.ports.knowledge_store import KnowledgeStore

log = logging.getLogger(__name__)


class OnUnavailable(StrEnum):
    """What becomes of an exchange when the knowledge store does not answer."""

    REFUSE = "refuse"
    ABSTAIN = "abstain"


class RetrieveOptions(Options):
    top_k: int = Field(default=40, ge=1, le=50)
    """Chunks asked of the store."""
    rerank_to: int = Field(default=6, ge=1, le=50)
    """Chunks kept: the best of those found."""
    min_score: float = 0.0
    """Chunks that score lower are left out. The scale is the store's own."""
    on_unavailable: OnUnavailable = OnUnavailable.REFUSE
    """When the store fails: ``refuse`` answers 503, ``abstain`` goes on as if nothing was found."""


class RetrieveStage:
    """Passages of the knowledge store that are about the question and that the caller may see."""

    name = "retrieve"
    phase = Phase.REQUEST
    close = nothing_to_close
    Options = RetrieveOptions

    def __init__(self, options: RetrieveOptions, *, knowledge: KnowledgeStore) -> None:
        self._options = options
        self._knowledge = knowledge

    async def run(self, ex: Exchange) -> None:
        """Sets ``ex.chunks``. Raises KnowledgeUnavailable, also when nobody is authenticated."""
        if ex.principal is None:
            raise KnowledgeUnavailable(
                "The knowledge base cannot be used without a caller.",
                cause="retrieve ran before auth: put auth before it in the pipeline",
            )
        question = ex.asked()
        if not question.strip():
            ex.chunks = ()
            return
        roles = ex.principal.roles
        try:
            found = await self._knowledge.search(
                ex.principal.tenant, question, roles, self._options.top_k
            )
        except KnowledgeUnavailable as error:
            if self._options.on_unavailable is OnUnavailable.REFUSE:
                raise
            log.error("exchange %s goes on without knowledge: %s", ex.id, error.cause)
            _note(ex, self.name, Status.ERROR_OPEN, "knowledge unavailable")
            ex.chunks = ()
            return
        visible = [chunk for chunk in found if chunk.access.allows(roles)]
        if len(visible) < len(found):
            hidden = [chunk.id for chunk in found if not chunk.access.allows(roles)]
            log.error("the knowledge store returned chunks that are not the caller's: %s", hidden)
            _note(ex, self.name, Status.REWRITTEN, f"{len(hidden)} forbidden chunks dropped")
        good = [chunk for chunk in visible if chunk.score >= self._options.min_score]
        ex.chunks = tuple(good[: self._options.rerank_to])


def _note(ex: Exchange, stage: str, status: Status, detail: str) -> None:
    """Write into this stage's own outcome, which the runner has put last."""
    if ex.outcomes and ex.outcomes[-1].stage == stage:
        outcome: Outcome = ex.outcomes[-1]
        outcome.status = status
        outcome.detail = detail
