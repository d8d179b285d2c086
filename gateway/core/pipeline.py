"""Runs the ordered stages of one kind of request."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from time import perf_counter

from gateway.core.errors import ContentFiltered, GatewayError
from gateway.core.exchange import Exchange, Outcome, Status
from gateway.core.reply import frames_of
from gateway.core.stage import Listening, Phase, Placed, Stage, nothing_to_close

log = logging.getLogger(__name__)


_PHASES = "REQUEST stages come first, then the one ANSWER stage, then RESPONSE stages"


class PhaseOrderError(ValueError):
    """Stages that stand in an order that cannot work. ``index`` is the offending stage's."""

    def __init__(self, message: str, index: int, hint: str = _PHASES) -> None:
        super().__init__(message)
        self.index = index
        self.hint = hint


class Pipeline:
    """A list of stages. It holds no state of an exchange."""

    def __init__(self, name: str, stages: Sequence[Stage]) -> None:
        """Raises PhaseOrderError when a stage stands before one of an earlier phase, or on the
        wrong side of one that it must stand before or after."""
        self.name = name
        self.stages = tuple(stages)
        self._closers = tuple(
            index
            for index in reversed(range(len(self.stages)))
            if getattr(type(self.stages[index]), "close", None) is not nothing_to_close
        )
        self._listeners = tuple(
            (index, stage) for index, stage in enumerate(stages) if isinstance(stage, Listening)
        )
        for index, (before, after) in enumerate(pairwise(stages), start=1):
            if after.phase < before.phase:
                raise PhaseOrderError(
                    f"stage {after.name!r} ({after.phase.name}) cannot come after "
                    f"{before.name!r} ({before.phase.name})",
                    index,
                )
        for index, stage in enumerate(stages):
            if isinstance(stage, Placed):
                _check_place(stage, index, self.stages)

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
            if self._listeners and stage.phase is Phase.ANSWER:
                self._tell_listeners(ex)

    def _tell_listeners(self, ex: Exchange) -> None:
        for index, stage in self._listeners:
            if ex.outcomes[index].status is not Status.SKIPPED:
                stage.answered(ex)

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Close the stages that began, last one first. It finishes even when the caller is
        cancelled meanwhile; a stage that fails to close does not keep the others from closing."""
        loop = asyncio.get_running_loop()
        closing = loop.create_task(self._close(ex, error))
        while not closing.done():
            # Cheaper than ``shield``: a bare future waits without passing a cancellation on.
            done = loop.create_future()
            closing.add_done_callback(partial(_tell, done))
            with contextlib.suppress(asyncio.CancelledError):
                await done

    async def _close(self, ex: Exchange, error: BaseException | None) -> None:
        began = len(ex.outcomes)
        for index in self._closers:
            if index >= began or ex.outcomes[index].status is Status.SKIPPED:
                continue
            stage = self.stages[index]
            try:
                await stage.close(ex, error)
            except Exception:
                log.exception("stage %s failed to close exchange %s", stage.name, ex.id)
        if ex.reply is not None:
            # The frames know the exchange, and it them: let go, so that nothing has to wait for the
            # garbage collector.
            ex.reply.frames = frames_of([])
            ex.reply.again = None


def _tell(done: asyncio.Future[None], _: object) -> None:
    if not done.done():
        done.set_result(None)


def _check_place(placed: Placed, index: int, stages: Sequence[Stage]) -> None:
    """Raises PhaseOrderError."""
    name = stages[index].name
    for place, other in enumerate(stages):
        kinds = {other.name, other.name.partition("[")[0]}
        if place > index and kinds & placed.stands_after:
            raise PhaseOrderError(
                f"stage {other.name!r} cannot come after {name!r}",
                place,
                f"move {name!r} behind every {min(kinds & placed.stands_after)!r}",
            )
        if place < index and kinds & placed.stands_before:
            raise PhaseOrderError(
                f"stage {name!r} cannot come after {other.name!r}",
                index,
                f"move {name!r} before {other.name!r}",
            )


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
