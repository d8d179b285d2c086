"""The tenants file: who may call, and how much they may use."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.core.identity import Limits, Tenant
from gateway.core.options import Options
from gateway.schema.loader import Document
from gateway.schema.reader import Reader, Spot
from gateway.schema.units import Names

Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class LimitKeys(Options):
    """Quotas; what is left out is unlimited."""

    requests_per_minute: Count | None = None
    """Requests in any 60 seconds."""
    tokens_per_minute: Count | None = None
    """Prompt and answer tokens in any 60 seconds."""
    concurrent_requests: Count | None = None
    """Requests under way at once."""
    max_tokens: Count | None = None
    """Tokens that one answer may have."""

    def limits(self) -> Limits:
        return Limits(
            self.requests_per_minute,
            self.tokens_per_minute,
            self.concurrent_requests,
            self.max_tokens,
        )


class TenantKeys(Options):
    """One tenant."""

    description: str = ""
    """Who that is."""
    roles: Names | None = None
    """The roles its keys may have; any if left out."""
    models: Names | None = None
    """The models its keys may ask for; all if left out."""
    limits: LimitKeys = LimitKeys()
    """Quotas of all its keys together."""


class TenantsKeys(Options):
    """The tenants file."""

    version: Literal[1]
    """The version of this format."""
    tenants: dict[Name, TenantKeys | None]
    """The tenants by name."""


def read_tenants(document: Document, reader: Reader) -> dict[str, Tenant]:
    """The tenants of a document by name; empty when it has problems."""
    keys = reader.read(TenantsKeys, Spot(document, ()), document.data)
    if keys is None:
        return {}
    return {name: _tenant(name, given or TenantKeys()) for name, given in keys.tenants.items()}


def _tenant(name: str, keys: TenantKeys) -> Tenant:
    return Tenant(name=name, limits=keys.limits.limits(), roles=keys.roles, models=keys.models)
