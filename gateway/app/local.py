"""The HTTP edge of what the gateway answers by itself, without a model."""

from collections.abc import Callable

from starlette.types import Message, Receive, Scope, Send

from gateway.app.endpoint import ExchangeEndpoint
from gateway.app.inject import construct
from gateway.app.parts import Parts
from gateway.app.runtime import Live, Runtime
from gateway.core.errors import ModelNotFound
from gateway.core.exchange import Binding, Exchange
from gateway.core.pipeline import Pipeline
from gateway.core.segments import Json
from gateway.core.stage import Stage
from gateway.stages.audit import AuditOptions, AuditStage
from gateway.stages.auth import AuthOptions, AuthStage
from gateway.stages.quota import QuotaOptions, QuotaStage
from gateway.wire.local import LocalDialect

ASKED = "gateway.asked"
"""Where the edge keeps the request body in ``Exchange.state``."""

MakeStage = Callable[[Runtime], Stage]
"""Makes the stage that answers, for one snapshot of the files."""


class LocalEndpoint(ExchangeEndpoint):
    """An ASGI application whose answers one stage of our own gives.

    Around it stand audit, authentication and quotas as in any pipeline, so that these requests are
    counted and recorded like all others. They count as requests, not as tokens, which models cost:
    the body is kept apart until the stage that answers takes it with ``asked``.
    """

    def __init__(
        self,
        live: Live,
        parts: Parts,
        dialect: LocalDialect,
        make_stage: MakeStage,
        *,
        status: int = 200,
    ) -> None:
        super().__init__(live, dialect, parts.clock)
        self._parts = parts
        self._asking = dialect
        self._make_stage = make_stage
        self._status = status
        self._made: tuple[Runtime, Pipeline] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_created(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                message = {**message, "status": self._status}
            await send(message)

        await super().__call__(scope, receive, send if self._status == 200 else send_created)

    def _admit(self, ex: Exchange, runtime: Runtime, body: Json, raw: bytes) -> Pipeline:
        ex.state[ASKED] = body
        ex.model = self._asking.model_of(body)
        ex.binding = runtime.models.get(ex.model)
        if self._made is None or self._made[0] is not runtime:
            self._made = (runtime, self._pipeline(runtime))
        return self._made[1]

    def _pipeline(self, runtime: Runtime) -> Pipeline:
        parts = {**self._parts.by_name(), "tenants": runtime.tenants}
        stages: list[Stage] = [
            construct(AuditStage, AuditOptions(), parts),
            construct(AuthStage, AuthOptions(), parts),
            construct(QuotaStage, QuotaOptions(completion_reserve=0), parts),
            self._make_stage(runtime),
        ]
        return Pipeline(self._asking.name, stages)


def asked(ex: Exchange) -> Json:
    """The request body, which the edge kept apart."""
    body: Json = ex.state[ASKED]
    return body


def first_usable(ex: Exchange, runtime: Runtime) -> Binding:
    """The model that was asked for, else the first configured one that the caller may use.

    Raises ModelNotFound when there is none.
    """
    if ex.binding is not None:
        return ex.binding
    for binding in usable(ex, runtime):
        return binding
    raise ModelNotFound(
        "This API key may not use any of the models that are configured, so there is no policy to "
        "check against.",
        param="model",
        cause="no model allowed for this key",
    )


def usable(ex: Exchange, runtime: Runtime) -> list[Binding]:
    """What the caller may use, in the order of the configuration."""
    who = ex.principal
    if who is None:
        return []
    return [binding for name, binding in runtime.models.items() if who.may_use(name)]
