"""A policy as the request path uses it: compiled, immutable, with its guards attached.

``gateway.policy`` makes these from YAML; nothing here knows about files.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.core.exchange import Exchange
from gateway.core.findings import Guard, Mode, OnError, Then
from gateway.core.recall import FindingMemory
from gateway.core.segments import Origin
from gateway.core.window import CEILING


class Layer(StrEnum):
    """Where in the life of an exchange a rule looks."""

    INPUT = "input"
    CONTEXT = "context"
    PROMPT = "prompt"
    OUTPUT = "output"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class When:
    """The exchanges a rule applies to. An empty set does not narrow; all given sets must match."""

    roles: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()

    def matches(self, ex: Exchange) -> bool:
        who = ex.principal
        return (
            (not self.roles or (who is not None and not self.roles.isdisjoint(who.roles)))
            and (not self.tenants or (who is not None and who.tenant in self.tenants))
            and (not self.models or ex.model in self.models)
            and (not self.routes or ex.route in self.routes)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a policy. ``timeout`` is in seconds, ``sample`` a share of exchanges in 0..1."""

    id: str
    guard: Guard
    guard_name: str
    then: Then
    thresholds: Mapping[Origin, float] = field(default_factory=dict)
    threshold: float = 0.5
    """For origins without one of their own."""
    origins: frozenset[Origin] | None = None
    """The origins it looks at; None means all."""
    mode: Mode = Mode.ENFORCE
    on_error: OnError = OnError.BLOCK
    when: When | None = None
    sample: float = 1.0
    timeout: float = 2.0
    mask: str = "[{category}]"
    """What a masked span reads afterwards."""

    rewrites: bool = field(init=False)
    """Whether it changes texts, and so runs before the rules that judge them."""
    always: bool = field(init=False)
    """Whether it applies to every exchange: most rules do, and need no closer look."""

    def __post_init__(self) -> None:
        always = self.mode is not Mode.OFF and self.when is None and self.sample >= 1.0
        object.__setattr__(self, "rewrites", self.then in (Then.MASK, Then.TOKENIZE))
        object.__setattr__(self, "always", always)

    def applies(self, ex: Exchange) -> bool:
        if self.always:
            return True
        if self.mode is Mode.OFF or (self.when is not None and not self.when.matches(ex)):
            return False
        return self.sample >= 1.0 or share_of(ex.decision_id, self.id) < self.sample

    def threshold_for(self, origin: Origin) -> float:
        return self.thresholds.get(origin, self.threshold)


@dataclass(frozen=True, slots=True)
class Policy:
    """Compiled rules by layer. ``hash`` is the SHA-256 of its effective content."""

    name: str
    hash: str
    layers: Mapping[Layer, tuple[Rule, ...]]
    hold_characters: int = CEILING
    """Characters of an answer that are held back at most while a guard waits."""
    hold_time: float | None = None
    """Seconds that text of a stream is held back at most; None sets no limit."""
    memory: FindingMemory = field(default_factory=FindingMemory, compare=False, repr=False)
    """What its guards saw in texts that may come again."""

    def rules(self, layer: Layer) -> tuple[Rule, ...]:
        return self.layers.get(layer, ())


def share_of(exchange_id: str, rule_id: str) -> float:
    """A stable number in 0..1 for this exchange and rule, so that a canary hits the same ones."""
    digest = hashlib.blake2b(f"{rule_id}\0{exchange_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
