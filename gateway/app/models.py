"""``GET /v1/models``: the models that a key may ask for."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.app.asgi import request_id
from gateway.app.parts import Parts
from gateway.app.runtime import Live
from gateway.core.errors import ModelNotFound
from gateway.core.identity import Principal
from gateway.core.segments import Json
from gateway.stages.auth import authenticate
from gateway.wire.models import model_list, model_object


class ModelsEndpoint:
    """Lists and shows models, to authenticated callers only. Raises GatewayError."""

    def __init__(self, live: Live, parts: Parts) -> None:
        self._live = live
        self._parts = parts

    def _caller(self, request: Request) -> Principal:
        parts = self._parts
        return authenticate(
            request.headers,
            keys=parts.keys,
            key_hasher=parts.key_hasher,
            tenants=self._live.runtime.tenants,
            now=parts.clock.wall(),
        )

    async def all(self, request: Request) -> Response:
        """The models this key may ask for."""
        caller = self._caller(request)
        runtime = self._live.runtime
        names = [name for name in runtime.models if caller.may_use(name)]
        return self._json(request, model_list(names, runtime.created))

    async def one(self, request: Request) -> Response:
        """One model; not found when this key may not ask for it."""
        caller = self._caller(request)
        runtime = self._live.runtime
        name = request.path_params["model"]
        if name not in runtime.models or not caller.may_use(name):
            raise ModelNotFound(
                f"The model {name!r} does not exist or you do not have access to it.",
                param="model",
            )
        return self._json(request, model_object(name, runtime.created))

    def _json(self, request: Request, document: Json) -> Response:
        headers = {"x-request-id": request_id(request.headers, self._parts.clock)}
        return Response(orjson.dumps(document), 200, headers, "application/json")
