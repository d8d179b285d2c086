"""The stage that refuses what cannot be served, after audit and authentication have seen it."""

from gateway.core.errors import GatewayError, ModelNotFound
from gateway.core.exchange import Exchange
from gateway.core.stage import Phase

REFUSAL = "gateway.refusal"
"""Where the HTTP edge leaves the error in ``Exchange.state``."""


class DoorStage:
    """Refuses requests that cannot be read or that name no model."""

    name = "door"
    phase = Phase.REQUEST

    async def run(self, ex: Exchange) -> None:
        refusal = ex.state.get(REFUSAL)
        if isinstance(refusal, GatewayError):
            raise refusal
        raise ModelNotFound(
            f"The model {ex.model!r} does not exist or you do not have access to it."
        )

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Nothing is held."""
