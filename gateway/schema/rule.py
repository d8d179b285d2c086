"""The keys of a policy file and of its rules."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from gateway.core.findings import Mode, OnError, Then
from gateway.core.options import Options
from gateway.core.rules import Layer
from gateway.core.segments import Origin
from gateway.schema.units import Names, Seconds

_LATER = {"review": "flag"}

REQUEST_ORIGINS = frozenset(
    {Origin.SYSTEM, Origin.USER, Origin.ASSISTANT, Origin.TOOL, Origin.TOOL_CALL}
)
ANSWER_ORIGINS = frozenset({Origin.MODEL, Origin.TOOL_CALL})
ORIGINS: Mapping[Layer, frozenset[Origin]] = {
    Layer.INPUT: REQUEST_ORIGINS,
    Layer.CONTEXT: frozenset({Origin.RETRIEVED}),
    Layer.PROMPT: REQUEST_ORIGINS | {Origin.RETRIEVED},
    Layer.OUTPUT: ANSWER_ORIGINS,
    Layer.FINAL: ANSWER_ORIGINS,
}
"""The origins that texts of a layer can have."""


def _then(value: Any) -> Any:
    if value in _LATER:
        raise PydanticCustomError(
            "value_error",
            "'{then}' is not available in this version yet: use {instead}",
            {"then": value, "instead": _LATER[value]},
        )
    return value


def _is_map(value: Any) -> str:
    return "map" if isinstance(value, dict) else "number"


Score = Annotated[float, Field(ge=0.0, le=1.0)]
OriginOrDefault = Literal[
    "default", "system", "user", "assistant", "tool", "retrieved", "model", "tool_call"
]
Threshold = Annotated[
    Annotated[Score, Tag("number")]
    | Annotated[dict[OriginOrDefault, Score], Field(min_length=1), Tag("map")],
    Discriminator(_is_map),
]


class WhenKeys(Options):
    """The exchanges a rule applies to; all keys given must match."""

    roles: Names = frozenset()
    """Callers with one of these roles."""
    tenants: Names = frozenset()
    """Callers of these tenants."""
    models: Names = frozenset()
    """Requests for these models, by the names that apps ask for."""
    route: Names = frozenset()
    """Requests that the route stage sent this way."""


class RuleKeys(Options):
    """The keys that every rule may have; all others are options of its guard."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    """Names the rule in the audit, in tests, and for those who extend this policy."""
    guard: str
    """The detector. `gatehouse show guards` lists them."""
    then: Annotated[Then, BeforeValidator(_then)]
    """The consequence of a finding at or above the threshold."""
    threshold: Threshold = 0.5
    """The score from which a finding counts; a number, or one per origin. Origins that a map does
    not name take its `default`, or else its lowest number."""
    origins: frozenset[Origin] | None = None
    """The origins it looks at; all if left out."""
    mode: Mode = Mode.ENFORCE
    """`shadow` decides and records, and never acts; `off` takes the rule out."""
    on_error: OnError = OnError.BLOCK
    """What happens when the guard fails or runs out of time."""
    when: WhenKeys = WhenKeys()
    """Narrows the rule to some exchanges."""
    sample: Score = 1.0
    """The share of exchanges it looks at, chosen by a stable hash."""
    timeout: Annotated[Seconds, Field(gt=0, le=60)] = 2.0
    """The time its guard may take."""
    mask: str = "[{category}]"
    """What a masked span reads afterwards."""


class PolicyKeys(Options):
    """A policy file."""

    version: Literal[1]
    """The version of this format."""
    description: str = ""
    """What the policy is for."""
    extends: str | None = None
    """The policy this one builds on: rules with the same id change it, others are added."""
    hold_characters: Annotated[int, Field(ge=1_024, le=1_048_576)] | None = None
    """Characters of an answer that are held back at most while a guard waits for the end of what it
    sees; at this ceiling the choice ends with `content_filter`. When left out: as in the policy
    that is extended, or else 16384."""
    hold_time: Annotated[Seconds, Field(ge=0.1, le=600)] | None = None
    """The time that text of a stream is held back at most, the provider's own pace included; then
    the stream ends with `content_filter`. When left out: as in the policy that is extended, or else
    without limit."""
    layers: dict[Layer, list[Any] | None] = Field(default_factory=dict)
    """The rules, in order, by the place in an exchange where they look."""
