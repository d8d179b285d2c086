"""Runs the ordered stages of one kind of request."""

import asyncio
import logging
from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter

from gateway.core.errors import ContentFiltered, GatewayError
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.stage import Phase, Stage

log = logging.getLogger(__name__)


class PhaseOrderError(ValueError):
    """Stages that stand in an order that cannot work. ``index`` is the offending stage's."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


class Pipeline:
    """A list of stages. It holds no state of an exchange."""

    def __init__(self, name: str, stages: Sequence[Stage]) -> None:
        """Raises PhaseOrderError when a stage stands before one of an earlier phase."""
        self.name = name
        self.stages = tuple(stages)
        for index, (before, after) in enumerate(pairwise(stages), start=1):
            if after.phase < before.phase:
                raise PhaseOrderError(
                    f"stage {after.name!r} ({after.phase.name}) cannot come after "
                    f"{before.name!r} ({before.phase.name})",
                    index,
                )

    async def run(self, ex: Exchange) -> None:
        """Run the stages in order until the reply is ready to be read.

        Raises what a stage raised. The caller must then, and always, await ``close``.
        """
        for stage in self.stages:
            outcome = Outcome(stage.name)
            ex.outcomes.append(outcome)
            answered = stage.phase is not Phase.RESPONSE and ex.reply is not None
            if answered or stage.name in ex.skip:
                outcome.status = Status.SKIPPED
                continue
            began = perf_counter()
            try:
                await stage.run(ex)
            except BaseException as error:
                outcome.status = _status_of(error, outcome.status)
                raise
            finally:
                outcome.ms += (perf_counter() - began) * 1000

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Close the stages that began, last one first. It finishes even when the caller is
        cancelled meanwhile; a stage that fails to close does not keep the others from closing."""
        closing = asyncio.ensure_future(self._close(ex, error))
        while not closing.done():
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError:
                if closing.cancelled():
                    raise

    async def _close(self, ex: Exchange, error: BaseException | None) -> None:
        began = [
            stage
            for stage, outcome in zip(self.stages, ex.outcomes, strict=False)
            if outcome.status is not Status.SKIPPED
        ]
        for stage in reversed(began):
            try:
                await stage.close(ex, error)
            except Exception:
                log.exception("stage %s failed to close exchange %s", stage.name, ex.id)


def _status_of(error: BaseException, noted: Status) -> Status:
    if noted is not Status.PASSED:
        return noted
    if isinstance(error, asyncio.CancelledError):
        return Status.CANCELLED
    if isinstance(error, ContentFiltered):
        return Status.BLOCKED
    if isinstance(error, GatewayError) and error.status < 500:
        return Status.REFUSED
    return Status.FAILED
