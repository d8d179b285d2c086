"""Policy files: rules by layer, with inheritance by rule id."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gateway.core.findings import Guard, Then
from gateway.core.registry import Entry, Registry
from gateway.core.rules import Layer
from gateway.core.window import CEILING
from gateway.schema.loader import Document, KeyPath
from gateway.schema.problems import suggestion
from gateway.schema.reader import Reader, Spot
from gateway.schema.rule import ORIGINS, PolicyKeys, RuleKeys


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
    hold_characters: int = CEILING
    hold_time: float | None = None


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
        hold_characters=next((k.hold_characters for k, _ in lineage if k.hold_characters), CEILING),
        hold_time=next((k.hold_time for k, _ in lineage if k.hold_time), None),
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
        if keys is None:  # go on with what can be read, so that its other problems show too
            keys = _salvage(document.data)
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


def _salvage(data: Any) -> PolicyKeys:
    """The rules of a policy whose other keys are wrong."""
    written = data.get("layers") if isinstance(data, dict) else None
    items = written.items() if isinstance(written, dict) else ()
    known = {layer.value for layer in Layer}
    layers = {Layer(n): rules for n, rules in items if n in known and isinstance(rules, list)}
    extends = data.get("extends") if isinstance(data, dict) else None
    return PolicyKeys(
        version=1, extends=extends if isinstance(extends, str) else None, layers=layers
    )


def _merge(rules: dict[str, RawRule], keys: PolicyKeys, document: Document, reader: Reader) -> None:
    """Add a policy's rules to those it inherits. A rule with an inherited id changes the keys it
    gives; if it names its guard, it replaces the inherited rule as a whole."""
    own: dict[str, int] = {}
    for layer, items in keys.layers.items():
        for index, data in enumerate(items or ()):
            spot = Spot(document, ("layers", layer.value, index))
            if not isinstance(data, dict):
                reader.report(spot.problem("a rule must be a mapping of keys to values"))
                continue
            rule_id = data.get("id")
            if not isinstance(rule_id, str):
                said = "the key 'id' is missing" if rule_id is None else "'id' must be text"
                at = spot.below("id")
                reader.report(at.problem(said, "every rule needs an id of its own"))
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
    if not isinstance(name, str) or name not in guards:
        for key in rest:  # without the guard's options, only likely slips can be told
            hint = suggestion(key, RuleKeys.model_fields)
            if hint.startswith("did"):
                reader.report(rule.locate((key,)).problem(f"unknown key {key!r}", hint, key=True))
        if isinstance(name, str):
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
    if keys.then is Then.TOKENIZE and layer in (Layer.OUTPUT, Layer.FINAL):
        reader.report(
            rule.locate(("then",)).problem(
                f"'tokenize' hides a value from the model: it does not work in the layer "
                f"{layer.value!r}",
                "use mask here: what an answer says is not the caller's to restore",
            )
        )
    if keys.then is Then.REGENERATE and layer not in (Layer.OUTPUT, Layer.FINAL):
        reader.report(
            rule.locate(("then",)).problem(
                f"'regenerate' asks the model once more: it does not work in the layer "
                f"{layer.value!r}",
                "use block or abstain here",
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
