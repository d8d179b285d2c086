"""``/healthz``: the process is alive. ``/readyz``: it can serve, and what each part says."""

from collections.abc import Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.app.runtime import Live

Check = Callable[[], str | None]
"""None when the part is well, else what is wrong with it."""


def _json(document: object, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")


class Health:
    """Answers the probes of whoever runs the gateway. Tells nothing that a tenant must not know."""

    def __init__(self, live: Live, checks: Mapping[str, Check]) -> None:
        self._live = live
        self._checks = checks

    async def alive(self, request: Request) -> Response:
        return _json({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """503 while draining or while a part that requests need is not well.

        A refused reload is told but does not take the gateway out of service: the last good files
        stay in force.
        """
        live = self._live
        parts = {name: check() or "ok" for name, check in self._checks.items()}
        well = not live.draining and all(state == "ok" for state in parts.values())
        return _json(
            {
                "status": "draining" if live.draining else "ok" if well else "unavailable",
                "dependencies": parts,
                "policies": {
                    name: policy.hash[:12] for name, policy in live.runtime.policies.items()
                },
                "reload": {"status": "refused" if live.problems else "ok"},
                "problems": list(live.problems),
            },
            200 if well else 503,
        )
