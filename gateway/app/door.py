"""The stage that refuses what cannot be served, after audit and authentication have seen it."""

from gateway.core.errors import GatewayError
from gateway.core.exchange import Exchange
from gateway.core.stage import Phase, nothing_to_close

REFUSAL = "gateway.refusal"
"""Where the HTTP edge leaves the error in ``Exchange.state``."""


class DoorStage:
    """Refuses requests that cannot be read, are too large, or come when the gateway is full."""

    name = "door"
    phase = Phase.REQUEST
    close = nothing_to_close

    async def run(self, ex: Exchange) -> None:
        """Raises the error that the HTTP edge left; a model that is not configured was refused by
        the auth stage before."""
        refusal = ex.state.get(REFUSAL)
        if isinstance(refusal, GatewayError):
            raise refusal
        raise GatewayError("The gateway cannot serve this request.", cause="no refusal was given")
