"""The ASGI application: which address leads where."""

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.app.asgi import request_id
from gateway.app.endpoints import model_endpoints
from gateway.app.feedback import feedback_endpoint
from gateway.app.guard_check import check_endpoint
from gateway.app.health import Health
from gateway.app.models import ModelsEndpoint
from gateway.app.moderations import moderations_endpoint
from gateway.app.parts import Parts
from gateway.app.runtime import Live
from gateway.core.clock import Clock
from gateway.core.errors import GatewayError, MethodNotAllowed, NotFound
from gateway.wire.errors import render


class Front:
    """The whole ASGI application.

    Exchanges go straight to their endpoint, which renders its own errors; everything else goes
    through Starlette. That way round the hot path pays for no middleware it does not need
    (it made up a tenth of a pass-through request).
    """

    def __init__(self, exchanges: Mapping[str, ASGIApp], rest: ASGIApp) -> None:
        self._exchanges = exchanges
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            endpoint = self._exchanges.get(scope["path"])
            if endpoint is not None:
                await endpoint(scope, receive, send)
                return
        await self._rest(scope, receive, send)


def make_app(live: Live, parts: Parts) -> ASGIApp:
    """The application over a live runtime. Opening and closing is ``gateway.app.server``'s."""
    clock = parts.clock
    models = ModelsEndpoint(live, parts)
    refusals = _Refusals(clock)
    health = Health(live, parts.checks())
    exchanges: dict[str, ASGIApp] = {
        **model_endpoints(live, clock),
        "/v1/feedback": feedback_endpoint(live, parts),
        "/v1/guard": check_endpoint(live, parts),
        "/v1/moderations": moderations_endpoint(live, parts),
    }
    rest = Starlette(
        routes=[
            *(Route(path, made, methods=["POST"]) for path, made in exchanges.items()),
            Route("/v1/models", models.all),
            Route("/v1/models/{model:path}", models.one),
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
        ],
        exception_handlers={
            404: refusals.not_found,
            405: refusals.not_allowed,
            GatewayError: refusals.refused,
            Exception: refusals.crashed,
        },
    )
    rest.router.redirect_slashes = (
        False  # an address is right or wrong; clients do not expect a 307
    )
    return Front(exchanges, rest)


class _Refusals:
    """Renders what is refused outside an exchange as the OpenAI error object."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def _response(self, request: Request, error: GatewayError) -> Response:
        reply = render(error)
        headers = {"x-request-id": request_id(request.headers, self._clock), **reply.headers}
        return Response(reply.body, reply.status, headers)

    async def not_found(self, request: Request, error: Exception) -> Response:
        message = f"There is no {request.method} {request.url.path} here."
        return self._response(request, NotFound(message))

    async def not_allowed(self, request: Request, error: Exception) -> Response:
        headers = error.headers if isinstance(error, HTTPException) else None
        message = f"{request.url.path} does not take {request.method}."
        return self._response(request, MethodNotAllowed(message, headers=headers))

    async def refused(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, GatewayError):
            raise error
        return self._response(request, error)

    async def crashed(self, request: Request, error: Exception) -> Response:
        message = "The gateway failed to process this request."
        return self._response(request, GatewayError(message))
