"""One step of a pipeline."""

from enum import IntEnum
from typing import Protocol, runtime_checkable

from gateway.core.exchange import Exchange


class Phase(IntEnum):
    """When a stage runs."""

    REQUEST = 1
    """Before there is an answer; skipped once one exists."""
    ANSWER = 2
    """Produces the answer; skipped when another stage already did."""
    RESPONSE = 3
    """Runs on every answer, cached or fresh, by wrapping ``ex.reply.frames``."""


class Stage(Protocol):
    """A step of a pipeline: it says when. Instances are shared by all exchanges."""

    name: str
    phase: Phase

    async def run(self, ex: Exchange) -> None:
        """Set ``ex.reply`` to answer; raise a GatewayError to refuse."""
        ...

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Always called once for every stage whose ``run`` began, in reverse order, shielded from
        the client's going away. ``error`` is what ended the exchange, if anything did."""
        ...


async def nothing_to_close(stage: Stage, ex: Exchange, error: BaseException | None) -> None:
    """The ``close`` of a stage that holds nothing: ``close = nothing_to_close`` in its class. The
    runner does not even call it."""


@runtime_checkable
class Placed(Protocol):
    """A stage that knows where among others it must stand. Names are those of ``use``, or
    of one guard layer, such as ``guard[input]``."""

    stands_after: frozenset[str]
    stands_before: frozenset[str]


@runtime_checkable
class Listening(Protocol):
    """A REQUEST stage that hears the model's answer before any RESPONSE stage wraps it."""

    def answered(self, ex: Exchange) -> None:
        """``ex.reply`` was set by the ANSWER stage. Not called where this stage was skipped."""
        ...
