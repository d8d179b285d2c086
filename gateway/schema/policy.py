"""Policy files: rules by layer, with inheritance by rule id."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from gateway.core.findings import Guard, Mode, OnError, Then
from gateway.core.options import Options
from gateway.core.registry import Entry, Registry
from gateway.core.rules import Layer
from gateway.core.segments import Origin
from gateway.schema.loader import Document, KeyPath
from gateway.schema.problems import suggestion
from gateway.schema.reader import Reader, Spot
from gateway.schema.units import Names, Seconds

_LATER = {"tokenize": "mask", "regenerate": "abstain", "review": "flag"}

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
            "{then!r} is not available in this version yet: use {instead}",
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
    layers: dict[Layer, list[dict[str, Any]] | None] = Field(default_factory=dict)
    """The rules, in order, by the place in an exchange where they look."""


@dataclass(slots=True)
class RawRule:
    """A rule as written, perhaps in several files: each key with the place it comes from."""

    layer: Layer
    id: str
    spot: Spot
    data: dict[str, Any]
    sources: dict[str, Spot]

    def locate(self, path: KeyPath) -> Spot:
        if path and path[0] in self.sources:
            return self.sources[str(path[0])].below(*path[1:])
        return self.spot


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule that was checked: its keys, its guard, the guard's options and its place."""

    layer: Layer
    keys: RuleKeys
    guard: Entry[Guard]
    options: BaseModel
    spot: Spot


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """A policy that was checked, with everything it inherits. ``parents``: nearest first."""

    name: str
    description: str
    rules: tuple[RuleSpec, ...]
    parents: tuple[str, ...]
    path: Path


def read_policy(
    name: str,
    documents: Mapping[str, Document],
    guards: Registry[Guard],
    reader: Reader,
) -> PolicySpec | None:
    """The policy ``name``, given all policy documents by name; None when it has problems, which
    the reader then holds."""
    before = len(reader.problems)
    lineage = _lineage(name, documents, reader)
    rules: dict[str, RawRule] = {}
    for keys, document in reversed(lineage):
        _merge(rules, keys, document, reader)
    specs = [_check(rule, guards, reader) for rule in rules.values()]
    if len(reader.problems) > before or not lineage:
        return None
    return PolicySpec(
        name=name,
        description=lineage[0][0].description,
        rules=tuple(spec for spec in specs if spec is not None),
        parents=tuple(document.path.stem for _, document in lineage[1:]),
        path=documents[name].path,
    )


def _lineage(
    name: str, documents: Mapping[str, Document], reader: Reader
) -> list[tuple[PolicyKeys, Document]]:
    """The policy and those it extends, itself first. Empty when one of them cannot be read."""
    made: list[tuple[PolicyKeys, Document]] = []
    seen = [name]
    while True:
        document = documents[seen[-1]]
        keys = reader.read(PolicyKeys, Spot(document, ()), document.data)
        if keys is None:
            return []
        made.append((keys, document))
        if keys.extends is None:
            return made
        at = Spot(document, ("extends",))
        if keys.extends in seen:
            circle = " -> ".join([*seen, keys.extends])
            reader.report(at.problem(f"policies extend each other in a circle: {circle}"))
            return []
        if keys.extends not in documents:
            hint = suggestion(keys.extends, set(documents) - set(seen))
            reader.report(at.problem(f"there is no policy {keys.extends!r}", hint))
            return []
        seen.append(keys.extends)


def _merge(rules: dict[str, RawRule], keys: PolicyKeys, document: Document, reader: Reader) -> None:
    """Add a policy's rules to those it inherits. A rule with an inherited id changes the keys it
    gives; if it names its guard, it replaces the inherited rule as a whole."""
    own: dict[str, int] = {}
    for layer, items in keys.layers.items():
        for index, data in enumerate(items or ()):
            spot = Spot(document, ("layers", layer.value, index))
            rule_id = data.get("id")
            if not isinstance(rule_id, str):
                said = "the key 'id' is missing" if rule_id is None else "'id' must be text"
                reader.report(spot.problem(said, "every rule needs an id of its own"))
                continue
            line = document.place(spot.path)[0]
            if rule_id in own:
                reader.report(
                    spot.below("id").problem(
                        f"the rule id {rule_id!r} is used twice", f"first on line {own[rule_id]}"
                    )
                )
                continue
            own[rule_id] = line
            made = RawRule(layer, rule_id, spot, data, {k: spot.below(k) for k in data})
            inherited = rules.get(rule_id)
            if inherited is not None:
                made = _override(inherited, made, reader)
            rules[rule_id] = made


def _override(old: RawRule, new: RawRule, reader: Reader) -> RawRule:
    if old.layer is not new.layer:
        reader.report(
            new.spot.problem(
                f"the inherited rule {new.id!r} stands in the layer {old.layer.value!r}",
                "move it there, or choose another id",
            )
        )
    if "guard" in new.data:
        return new
    return RawRule(
        new.layer, new.id, new.spot, {**old.data, **new.data}, {**old.sources, **new.sources}
    )


def _check(rule: RawRule, guards: Registry[Guard], reader: Reader) -> RuleSpec | None:
    common = {key: value for key, value in rule.data.items() if key in RuleKeys.model_fields}
    rest = {key: value for key, value in rule.data.items() if key not in common}
    keys = reader.read_from(RuleKeys, rule.locate, common)
    name = rule.data.get("guard")
    if not isinstance(name, str):
        for key in rest:  # without the guard's options, only likely slips can be told
            hint = suggestion(key, RuleKeys.model_fields)
            if hint.startswith("did"):
                reader.report(rule.locate((key,)).problem(f"unknown key {key!r}", hint, key=True))
        return None
    if name not in guards:
        hint = suggestion(name, (entry.name for entry in guards))
        reader.report(rule.locate(("guard",)).problem(f"there is no guard {name!r}", hint))
        return None
    entry = guards.get(name)
    options = reader.read_from(entry.options, rule.locate, rest, RuleKeys.model_fields)
    if keys is None or options is None:
        return None
    _check_layer(rule, keys, reader)
    return RuleSpec(rule.layer, keys, entry, options, rule.spot)


def _check_layer(rule: RawRule, keys: RuleKeys, reader: Reader) -> None:
    """Consequences and origins that make no sense in this layer."""
    layer = rule.layer
    if keys.then is Then.DROP and layer is not Layer.CONTEXT:
        reader.report(
            rule.locate(("then",)).problem(
                f"'drop' leaves out a chunk: it does not work in the layer {layer.value!r}",
                "use block, abstain or mask here",
            )
        )
    if keys.then is Then.ABSTAIN and layer is Layer.CONTEXT:
        reader.report(
            rule.locate(("then",)).problem(
                "'abstain' ends the whole request: it does not work in the layer 'context'",
                "use drop: when no chunk is left, the gateway abstains by itself",
            )
        )
    possible = {origin.value for origin in ORIGINS[layer]}
    named: list[tuple[str, KeyPath]] = []
    if isinstance(keys.threshold, dict):
        named += [(o, ("threshold", o)) for o in keys.threshold if o != "default"]
    written = rule.data.get("origins")
    if isinstance(written, list):
        named += [(str(o), ("origins", i)) for i, o in enumerate(written)]
    for origin, path in named:
        if origin not in possible:
            reader.report(
                rule.locate(path).problem(
                    f"no text of the layer {layer.value!r} has the origin {origin!r}",
                    f"here: {', '.join(sorted(possible))}",
                )
            )
