"""Somebody who answers."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.knowledge import Chunk
from gateway.core.reply import Frame
from gateway.core.segments import Json


@dataclass(slots=True)
class ModelCall:
    """What a model is asked.

    ``raw`` holds the client's own bytes while they still say exactly what ``body`` says, except for
    ``model``, which is the provider's name and may differ from ``body["model"]``.
    ``first_byte`` and ``total`` are the seconds allowed until the first frame and for a whole
    answer; a stream may go on past ``total`` as long as frames keep coming within ``idle`` seconds.
    """

    endpoint: str
    """Path below the provider's base URL, such as ``chat/completions``."""
    model: str
    body: Json
    raw: bytes | None
    stream: bool
    question: str = ""
    chunks: Sequence[Chunk] | None = None
    request_id: str = ""
    first_byte: float = 60.0
    total: float = 600.0
    idle: float = 60.0


class ChatModel(Protocol):
    """A provider of answers. One instance serves all exchanges."""

    endpoints: frozenset[str]
    """The endpoints it speaks, as ``ModelCall.endpoint`` names them. Requests to other endpoints
    are translated to ``chat/completions`` where that can be done."""

    async def answer(self, call: ModelCall) -> AsyncIterator[Frame]:
        """Ask, and return once the provider has accepted: the frames are then read as they come.

        Raises UpstreamError and its kinds (``retryable`` says whether to try again),
        UpstreamRejected when the request itself is wrong. The iterator may raise UpstreamError too.
        Closing the iterator (``aclose``) or cancelling ends the provider's work.
        """
        ...

    async def aclose(self) -> None:
        """Give back connections. Called once, at shutdown."""
        ...
