"""Who is let in, and as whom."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.adapters.memory.keys import MemoryKeyStore
from gateway.core.errors import GatewayError, InvalidApiKey, ModelNotFound, PermissionDenied
from gateway.core.exchange import Exchange
from gateway.core.identity import Limits, Tenant
from gateway.core.keys import KeyHasher, new_key
from gateway.ports.key_store import KeyRecord
from gateway.stages.auth import AuthOptions, AuthStage
from gateway.testing.clock import ManualClock
from gateway.testing.exchanges import make_exchange

HASHER = KeyHasher(b"pepper of the tests")
KEY = new_key()
BEARER = {"authorization": f"Bearer {KEY.text}"}
OPEN = {"acme": Tenant("acme")}
RECORD = KeyRecord(
    id=KEY.id,
    digest=HASHER.digest(KEY.text),
    tenant="acme",
    name="",
    roles=frozenset({"support", "finance"}),
    scopes=frozenset({"explain"}),
    models=None,
    limits=Limits(requests_per_minute=9),
    created=0.0,
)


def exchange(headers: Mapping[str, str] | None = None) -> Exchange:
    """An exchange as it comes to the auth stage."""
    ex = make_exchange("Hello")
    ex.headers, ex.principal = headers or {}, None
    return ex


def stage(tenants: Mapping[str, Tenant] = OPEN, **changes: Any) -> AuthStage:
    return AuthStage(
        AuthOptions(),
        keys=MemoryKeyStore([replace(RECORD, **changes)]),
        key_hasher=HASHER,
        tenants=tenants,
        clock=ManualClock(at=1000.0),
    )


@pytest.mark.parametrize(
    "headers",
    [
        BEARER,
        {"authorization": f"bearer  {KEY.text} "},
        {"api-key": KEY.text},
        {"x-api-key": KEY.text},
        {"authorization": "Basic dTpw", "api-key": KEY.text},
    ],
    ids=["bearer", "spaces", "azure", "anthropic", "basic-beside"],
)
async def test_a_key_is_taken_from_the_headers_that_clients_use(headers: dict[str, str]) -> None:
    ex = exchange(headers=headers)
    await stage().run(ex)
    assert ex.principal is not None
    assert ex.principal.key_id == KEY.id
    assert ex.principal.tenant == "acme"
    assert ex.principal.scopes == {"explain"}
    assert ex.principal.limits == Limits(requests_per_minute=9)


@pytest.mark.parametrize(
    ("headers", "changes", "says"),
    [
        ({}, {}, "didn't provide"),
        ({"authorization": "Bearer "}, {}, "didn't provide"),
        ({"authorization": f"Basic {KEY.text}"}, {}, "didn't provide"),
        ({"authorization": f"Bearer {KEY.text}x"}, {}, "Incorrect"),
        ({"authorization": f"Bearer {new_key().text}"}, {}, "Incorrect"),
        ({"authorization": f"Bearer {RECORD.digest}"}, {}, "Incorrect"),
        (BEARER, {"revoked": 1000.0}, "revoked"),
        (BEARER, {"expires": 999.0}, "expired"),
    ],
)
async def test_other_keys_are_refused(
    headers: dict[str, str], changes: dict[str, Any], says: str
) -> None:
    ex = exchange(headers=headers)
    with pytest.raises(InvalidApiKey, match=says) as caught:
        await stage(**changes).run(ex)
    assert ex.principal is None
    assert caught.value.headers["www-authenticate"] == "Bearer"
    assert "gatehouse keys" in caught.value.message
    assert KEY.text[15:] not in caught.value.message + str(caught.value.cause)


async def test_a_key_that_is_revoked_later_works_until_then() -> None:
    await stage(revoked=1000.5).run(exchange(headers=BEARER))


async def test_a_key_of_an_unknown_tenant_is_denied() -> None:
    with pytest.raises(PermissionDenied):
        await stage(tenants={}).run(exchange(headers=BEARER))


@pytest.mark.parametrize(
    ("allowed", "roles"),
    [
        (None, {"support", "finance"}),
        (frozenset({"support", "admin"}), {"support"}),
        (frozenset(), set()),
    ],
)
async def test_roles_are_those_that_key_and_tenant_share(
    allowed: frozenset[str] | None, roles: set[str]
) -> None:
    ex = exchange(headers=BEARER)
    await stage({"acme": Tenant("acme", roles=allowed)}).run(ex)
    assert ex.principal is not None
    assert ex.principal.roles == roles


async def test_roles_that_a_client_sends_are_never_believed() -> None:
    ex = exchange(headers=BEARER | {"x-roles": "admin", "x-gatehouse-roles": "admin"})
    ex.body |= {"roles": ["admin"], "user": "admin"}
    await stage().run(ex)
    assert ex.principal is not None
    assert ex.principal.roles == {"support", "finance"}


@pytest.mark.parametrize(
    ("key_models", "tenant_models", "allowed"),
    [
        (None, None, True),
        ({"assistant"}, None, True),
        (None, {"assistant"}, True),
        ({"assistant"}, {"assistant", "other"}, True),
        ({"other"}, None, False),
        (None, {"other"}, False),
        ({"assistant"}, {"other"}, False),
        (set(), None, False),
    ],
)
async def test_only_allowed_models_exist(
    key_models: set[str] | None, tenant_models: set[str] | None, allowed: bool
) -> None:
    theirs = None if tenant_models is None else frozenset(tenant_models)
    mine = None if key_models is None else frozenset(key_models)
    auth = stage({"acme": Tenant("acme", models=theirs)}, models=mine)
    if allowed:
        await auth.run(exchange(headers=BEARER))
    else:
        with pytest.raises(ModelNotFound):
            await auth.run(exchange(headers=BEARER))


async def test_a_forbidden_model_reads_like_one_that_does_not_exist() -> None:
    said = []
    for binding_there in (True, False):
        ex = exchange(headers=BEARER)
        if not binding_there:
            ex.binding = None
        with pytest.raises(GatewayError) as caught:
            await stage(models=frozenset() if binding_there else None).run(ex)
        said.append((caught.value.status, caught.value.message, caught.value.param))
    assert said[0] == said[1]


async def test_an_unknown_model_is_only_spoken_of_to_known_callers() -> None:
    ex = exchange()
    ex.binding = None
    with pytest.raises(InvalidApiKey):
        await stage().run(ex)
