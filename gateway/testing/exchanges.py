"""Exchanges for tests and for trying policies out, without an HTTP server."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.core.dialect import Dialect
from gateway.core.exchange import Binding, Exchange
from gateway.core.identity import Principal
from gateway.core.rules import Policy
from gateway.core.segments import Json
from gateway.wire.chat import ChatDialect


def dialect() -> ChatDialect:
    """Chat completions whose own answers have a fixed id and time."""
    return ChatDialect(lambda: "chatcmpl-test", lambda: 1_700_000_000.0)


def principal(
    roles: Iterable[str] = (), *, tenant: str = "default", key_id: str = "key_test", **fields: Any
) -> Principal:
    """An authenticated caller; ``fields`` are further fields of ``Principal``."""
    return Principal(key_id, tenant, frozenset(roles), **fields)


def exchange(
    text: str = "Hello.",
    *,
    messages: Sequence[Json] | None = None,
    model: str = "assistant",
    stream: bool = False,
    caller: Principal | None = None,
    policy: Policy | None = None,
    route: str | None = None,
    headers: Mapping[str, str] | None = None,
    id: str = "req_test",
    speaks: Dialect | None = None,
    **fields: Any,
) -> Exchange:
    """An exchange as the HTTP edge leaves it, and the auth stage too if there is a ``caller``.

    ``text`` is one user message, ``messages`` a whole conversation; ``fields`` are further fields
    of the request's body.
    """
    said = list(messages) if messages is not None else [{"role": "user", "content": text}]
    body: Json = {"model": model, "messages": said, **fields}
    if stream:
        body["stream"] = True
    return Exchange(
        id=id,
        decision_id=f"dec_{id}",
        endpoint="chat/completions",
        dialect=speaks or dialect(),
        body=body,
        raw=None,
        headers=dict(headers or {}),
        model=model,
        stream=stream,
        received=0.0,
        at=0.0,
        binding=Binding(model, "test", policy, ()) if policy is not None else None,
        principal=caller,
        route=route,
    )
