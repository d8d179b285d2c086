"""A second answer in place of one that the rules did not let through."""

from collections.abc import AsyncIterator
from functools import partial

from gateway.core.observed import close_frames
from gateway.core.reply import Again, Frame, Reply
from gateway.stages.gate import Gate


class SecondAnswer:
    """Judges an answer and, where a rule asks for it, one more.

    Until the first text is let through, the documents that open a stream are kept back: those of
    the answer that is given up are never sent.
    """

    def __init__(self, gate: partial[Gate], reply: Reply, again: Again) -> None:
        """``gate`` makes the gate of one answer; ``again`` gives what comes in here again."""
        self._gate = gate
        self._reply = reply
        self._again = again

    async def through(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        """The frames that may go out, of the first answer or of the second. Raises GatewayError
        when the model cannot be asked again."""
        gate = self._gate(asks_again=True)
        judged = gate.through(frames)
        opening: list[Frame] = []
        try:
            async for frame in judged:
                opening.append(frame)
                if gate.released:
                    for kept in opening:
                        yield kept
                    opening.clear()
            if gate.wants_another:
                self._reply.again = None  # for no other layer either
                opening.clear()
                judged = self._gate().through(await self._again())
                async for frame in judged:
                    yield frame
            for kept in opening:
                yield kept
        finally:
            await close_frames(judged)
