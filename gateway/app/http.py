"""The ASGI application: which address leads where."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.app.endpoint import ExchangeEndpoint
from gateway.app.health import Health
from gateway.app.models import ModelsEndpoint
from gateway.app.parts import Parts
from gateway.app.runtime import Live
from gateway.core.errors import GatewayError, MethodNotAllowed, NotFound
from gateway.wire.chat import ChatDialect
from gateway.wire.errors import render


def make_app(live: Live, parts: Parts) -> Starlette:
    """The application over a live runtime. Opening and closing is ``gateway.app.server``'s."""
    clock = parts.clock
    chat = ChatDialect(clock)
    models = ModelsEndpoint(live, parts)
    health = Health(live, parts.checks())
    return Starlette(
        routes=[
            Route("/v1/chat/completions", ExchangeEndpoint(live, chat, clock), methods=["POST"]),
            Route("/v1/models", models.all),
            Route("/v1/models/{model:path}", models.one),
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
        ],
        exception_handlers={
            404: _not_found,
            405: _method_not_allowed,
            GatewayError: _gateway_error,
            Exception: _crash,
        },
    )


def _response(error: GatewayError) -> Response:
    reply = render(error)
    return Response(reply.body, reply.status, reply.headers)


async def _not_found(request: Request, error: Exception) -> Response:
    return _response(NotFound(f"There is no {request.method} {request.url.path} here."))


async def _method_not_allowed(request: Request, error: Exception) -> Response:
    allowed = error.headers if isinstance(error, HTTPException) else None
    return _response(
        MethodNotAllowed(
            f"{request.url.path} does not take {request.method}.", headers=dict(allowed or {})
        )
    )


async def _gateway_error(request: Request, error: Exception) -> Response:
    if isinstance(error, GatewayError):
        return _response(error)
    raise error


async def _crash(request: Request, error: Exception) -> Response:
    return _response(GatewayError("The gateway failed to process this request."))
