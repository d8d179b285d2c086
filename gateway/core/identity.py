"""Who is calling, and how much they may use."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """Quotas of a key or a tenant; None means unlimited. All are exact counts.

    ``max_tokens`` is the hard limit on the tokens one answer may have.
    """

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent_requests: int | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. Roles come from the key alone, never from the request."""

    key_id: str
    tenant: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    models: frozenset[str] | None = None
    """The models this key may ask for; None means all."""
    limits: Limits = field(default_factory=Limits)
    tenant_limits: Limits = field(default_factory=Limits)
    expires: float | None = None
    """Seconds since the epoch, or None."""
    demo: bool = False

    def may_use(self, model: str) -> bool:
        return self.models is None or model in self.models


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer of the gateway. ``roles`` are those its keys may have; None means any."""

    name: str
    limits: Limits = field(default_factory=Limits)
    roles: frozenset[str] | None = None
    models: frozenset[str] | None = None
    """The models its keys may ask for; None means all."""
