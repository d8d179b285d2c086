"""Who is calling: the key, its tenant and what they may ask for."""

import hmac
from collections.abc import Callable, Mapping

from gateway.core.clock import Clock
from gateway.core.errors import InvalidApiKey, ModelNotFound, PermissionDenied
from gateway.core.exchange import Exchange
from gateway.core.identity import Principal, Tenant
from gateway.core.keys import KeyHasher, masked
from gateway.core.options import Options
from gateway.core.stage import Phase, nothing_to_close
from gateway.ports.key_store import KeyRecord, KeyStore

_CHALLENGE = {"www-authenticate": "Bearer"}
_HOW = (
    "Send it as 'Authorization: Bearer sk-gh-...' (an OpenAI client does so with its api_key). "
    "An operator makes keys with `gatehouse keys create`."
)
_LONGEST_SHOWN = 128


def authenticate(
    headers: Mapping[str, str],
    *,
    keys: KeyStore,
    key_hasher: KeyHasher,
    tenants: Mapping[str, Tenant],
    now: float,
    principal: Callable[[KeyRecord, Tenant], Principal] | None = None,
) -> Principal:
    """The caller that the request's key stands for.

    ``headers`` have lower-case names; the key is read from ``authorization: Bearer``, ``api-key``
    or ``x-api-key``. ``now`` is in seconds since the epoch. Roles and models come from the key,
    narrowed by its tenant, and from nowhere else; ``principal`` may be a ``principal_of`` that
    remembers.

    Raises InvalidApiKey without a good key, PermissionDenied when its tenant is not configured.
    """
    text = _presented(headers)
    if not text:
        raise InvalidApiKey(
            f"You didn't provide an API key. {_HOW}", headers=_CHALLENGE, cause="no key"
        )
    digest = key_hasher.digest(text)
    record = keys.find(digest)
    if record is None or not hmac.compare_digest(record.digest, digest):
        raise InvalidApiKey(
            f"Incorrect API key provided: {masked(text)}. {_HOW}",
            headers=_CHALLENGE,
            cause="unknown key",
        )
    state = record.state(now)
    if state != "active":
        raise InvalidApiKey(
            f"The API key {masked(text)} is {state}. Ask for a new one; an operator makes it with "
            f"`gatehouse keys create` or `gatehouse keys rotate`.",
            headers=_CHALLENGE,
            cause=f"key {record.id} is {state}",
        )
    tenant = tenants.get(record.tenant)
    if tenant is None:
        raise PermissionDenied(
            "This API key belongs to a tenant that is not configured here. An operator adds it to "
            "the tenants file, or issues a key of another tenant.",
            cause=f"key {record.id} names an unknown tenant",
        )
    return (principal or principal_of)(record, tenant)


def principal_of(record: KeyRecord, tenant: Tenant) -> Principal:
    """What a key may do: what its record says, narrowed by its tenant."""
    return Principal(
        key_id=record.id,
        tenant=record.tenant,
        roles=record.roles if tenant.roles is None else record.roles & tenant.roles,
        scopes=record.scopes,
        models=_narrowed(record.models, tenant.models),
        limits=record.limits,
        tenant_limits=tenant.limits,
        expires=record.expires,
        demo=record.demo,
    )


class AuthOptions(Options):
    pass


class AuthStage:
    """Lets in callers with a valid key, and only to the models they may use."""

    name = "auth"
    phase = Phase.REQUEST
    close = nothing_to_close
    Options = AuthOptions

    def __init__(
        self,
        options: AuthOptions,
        *,
        keys: KeyStore,
        key_hasher: KeyHasher,
        tenants: Mapping[str, Tenant],
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._hasher = key_hasher
        self._tenants = tenants
        self._clock = clock
        self._known: dict[str, tuple[KeyRecord, Tenant, Principal]] = {}

    def _principal(self, record: KeyRecord, tenant: Tenant) -> Principal:
        """The principal of before while the very same record and tenant are in force."""
        known = self._known.get(record.id)
        if known is None or known[0] is not record or known[1] is not tenant:
            known = self._known[record.id] = (record, tenant, principal_of(record, tenant))
        return known[2]

    async def run(self, ex: Exchange) -> None:
        who = ex.principal = authenticate(
            ex.headers,
            keys=self._keys,
            key_hasher=self._hasher,
            tenants=self._tenants,
            now=self._clock.wall(),
            principal=self._principal,
        )
        # Without a model's name the request could not be read: the door says what is wrong with it.
        if ex.model and (ex.binding is None or not who.may_use(ex.model)):
            # One answer for both, so that nobody can probe for the names of models.
            raise ModelNotFound(
                f"The model `{ex.model[:_LONGEST_SHOWN]}` does not exist or you do not have access "
                "to it. GET /v1/models lists those you may use.",
                param="model",
                cause="no such model" if ex.binding is None else "model not allowed for this key",
            )


def _presented(headers: Mapping[str, str]) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    return (headers.get("api-key") or headers.get("x-api-key") or "").strip()


def _narrowed(mine: frozenset[str] | None, theirs: frozenset[str] | None) -> frozenset[str] | None:
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return mine & theirs
