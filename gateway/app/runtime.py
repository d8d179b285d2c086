"""What the gateway runs on right now: an immutable snapshot, swapped whole on reload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.exchange import Binding
from gateway.core.identity import Tenant
from gateway.core.pipeline import Pipeline
from gateway.core.rules import Policy
from gateway.wire.limits import RequestLimits


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything a request needs that files decide. A request keeps the one it began with."""

    models: Mapping[str, Binding]
    pipelines: Mapping[str, Pipeline]
    policies: Mapping[str, Policy]
    tenants: Mapping[str, Tenant]
    door: Pipeline
    """For requests that cannot be served: audited, authenticated, refused."""
    limits: RequestLimits
    max_concurrent: int
    created: int
    """Seconds since the epoch, when it was loaded."""


@dataclass(slots=True)
class Live:
    """The current runtime, and what went wrong with the files that should have replaced it."""

    runtime: Runtime
    problems: Sequence[str] = field(default_factory=tuple)
    """Why the last reload was refused; empty when it was not."""
    in_flight: int = 0
    draining: bool = False
