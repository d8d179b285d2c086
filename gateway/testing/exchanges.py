"""Exchanges for tests and for trying policies out, without an HTTP server."""

from collections.abc import Iterable, Mapping, Sequence

from gateway.core.dialect import Dialect
from gateway.core.exchange import Binding, Exchange
from gateway.core.identity import Principal
from gateway.core.rules import Policy
from gateway.core.segments import Json
from gateway.wire.chat import ChatDialect


def make_exchange(
    text: str = "",
    *,
    messages: Sequence[Json] | None = None,
    body: Mapping[str, object] | None = None,
    model: str = "assistant",
    stream: bool = False,
    roles: Iterable[str] = (),
    tenant: str = "default",
    policy: Policy | None = None,
    route: str | None = None,
    dialect: Dialect | None = None,
    id: str = "req_test",
) -> Exchange:
    """An exchange as the HTTP edge and the auth stage leave it. ``text`` is one user message,
    ``messages`` a whole conversation, ``body`` holds further fields of the request."""
    said = list(messages) if messages is not None else [{"role": "user", "content": text}]
    request: Json = {"model": model, "messages": said, **(body or {})}
    if stream:
        request["stream"] = True
    return Exchange(
        id=id,
        decision_id=f"dec_{id}",
        endpoint="chat/completions",
        dialect=dialect or ChatDialect(),
        body=request,
        raw=None,
        headers={},
        model=model,
        stream=stream,
        received=0.0,
        at=0.0,
        binding=Binding(model, "test", policy or Policy("none", "0" * 64, {}), ()),
        principal=Principal("key_test", tenant, frozenset(roles)),
        route=route,
    )
