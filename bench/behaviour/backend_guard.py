"""A guard that asks another service, as a third party would write one for Gatehouse."""

from collections.abc import Sequence

import aiohttp

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.segments import Segment


class BackendOptions(Options):
    url: str
    """Where the texts are sent; the answer says ``{"verdict": true}`` when they are fine."""


class BackendGuard:
    """What a service of the house has to say against a text."""

    name = "backend"
    inline = False
    Options = BackendOptions

    def __init__(self, options: BackendOptions) -> None:
        self._url = options.url

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding for all texts. Raises aiohttp.ClientError when the service is down."""
        texts = [segment.text for segment in segments]
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.post(self._url, json={"texts": texts}) as answer,
        ):
            fine = (await answer.json())["verdict"] is True
        return [] if fine else [Finding("backend", 1.0, 0, 0, len(texts[0]), "refused")]
