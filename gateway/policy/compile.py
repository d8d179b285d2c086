"""Policies as the request path uses them, made from the YAML files of a folder."""

import hashlib
from collections.abc import Callable, Mapping, Set
from enum import Enum
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, SecretStr

from gateway.core.findings import Guard, Mode
from gateway.core.registry import Entry, Registry
from gateway.core.rules import Layer, Policy, Rule, When
from gateway.core.segments import Origin
from gateway.core.window import CEILING
from gateway.schema.loader import Document, load, yaml_files
from gateway.schema.policy import PolicySpec, RuleSpec, read_policy
from gateway.schema.problems import ConfigError, Problem, suggestion
from gateway.schema.reader import Reader
from gateway.schema.rule import RuleKeys

MakeGuard = Callable[[Entry[Guard], BaseModel], Guard]
"""Builds a guard with the parts it needs. May raise ValueError for options that cannot work."""


class GuardPool:
    """Guards by name and options: equal rules share one instance, and so its one check."""

    def __init__(self, make: MakeGuard) -> None:
        self._make = make
        self._made: dict[str, list[tuple[BaseModel, Guard]]] = {}

    def get(self, entry: Entry[Guard], options: BaseModel) -> Guard:
        """Raises what the guard's constructor raises."""
        made = self._made.setdefault(entry.name, [])
        for known, guard in made:
            if known == options:
                return guard
        guard = self._make(entry, options)
        made.append((options, guard))
        return guard


def load_policies(folder: Path, *, environ: Mapping[str, str] | None = None) -> dict[str, Document]:
    """The documents of all policies of a folder. Raises ConfigError with every problem."""
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    if not folder.is_dir():
        raise ConfigError([Problem(str(folder), 0, 0, "there is no such folder of policies")])
    for name, path in yaml_files(folder).items():
        try:
            documents[name] = load(path, environ=environ)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return documents


def compile_policies(
    documents: Mapping[str, Document], guards: Registry[Guard], make_guard: MakeGuard
) -> dict[str, Policy]:
    """Every policy, by name. Raises ConfigError with the problems of all of them."""
    pool = GuardPool(make_guard)
    reader = Reader()
    made = {name: _compile(name, documents, guards, pool, reader) for name in documents}
    reader.finish()
    return {name: policy for name, policy in made.items() if policy is not None}


def compile_policy(
    name: str,
    documents: Mapping[str, Document],
    guards: Registry[Guard],
    make_guard: MakeGuard,
) -> Policy:
    """One policy out of the documents of all. Raises ConfigError."""
    reader = Reader()
    if name not in documents:
        problem = Problem(name, 0, 0, "there is no such policy", suggestion(name, documents))
        raise ConfigError([problem])
    policy = _compile(name, documents, guards, GuardPool(make_guard), reader)
    reader.finish()
    assert policy is not None  # noqa: S101 - a policy without problems was made
    return policy


def _compile(
    name: str,
    documents: Mapping[str, Document],
    guards: Registry[Guard],
    pool: GuardPool,
    reader: Reader,
) -> Policy | None:
    spec = read_policy(name, documents, guards, reader)
    if spec is None:
        return None
    layers: dict[Layer, list[Rule]] = {}
    for rule in spec.rules:
        if rule.keys.mode is Mode.OFF:
            continue
        try:
            guard = pool.get(rule.guard, rule.options)
        except ValueError as error:
            reader.report(
                rule.spot.problem(f"the guard {rule.guard.name!r} refuses its options: {error}")
            )
            continue
        layers.setdefault(rule.layer, []).append(_rule(rule.keys, guard))
    ordered = {layer: tuple(layers[layer]) for layer in Layer if layer in layers}
    return Policy(name, content_hash(spec), ordered, spec.hold_characters, spec.hold_time)


def _rule(keys: RuleKeys, guard: Guard) -> Rule:
    default, by_origin = _thresholds(keys.threshold)
    when = When(keys.when.roles, keys.when.tenants, keys.when.models, keys.when.route)
    return Rule(
        id=keys.id,
        guard=guard,
        guard_name=keys.guard,
        then=keys.then,
        thresholds=by_origin,
        threshold=default,
        origins=keys.origins,
        mode=keys.mode,
        on_error=keys.on_error,
        when=None if when == When() else when,
        sample=keys.sample,
        timeout=keys.timeout,
        mask=keys.mask,
    )


def _thresholds(given: float | Mapping[Any, float]) -> tuple[float, dict[Origin, float]]:
    if not isinstance(given, Mapping):
        return given, {}
    default = given.get("default", min(given.values()))
    return default, {Origin(name): score for name, score in given.items() if name != "default"}


def content_hash(spec: PolicySpec) -> str:
    """SHA-256 over the canonical JSON of the rules in effect, defaults and inheritance included,
    and of ceilings that are not the default.

    Comments, key order and rules that are off do not count; the order of rules does.
    """
    rules = [effective(rule) for rule in spec.rules if rule.keys.mode is not Mode.OFF]
    if spec.hold_characters != CEILING:
        rules.append({"hold_characters": spec.hold_characters})
    if spec.hold_time is not None:
        rules.append({"hold_time": spec.hold_time})
    return hashlib.sha256(orjson.dumps(rules, option=orjson.OPT_SORT_KEYS)).hexdigest()


def effective(rule: RuleSpec) -> dict[str, Any]:
    """A rule with everything it says or leaves to defaults, as JSON-like data."""
    return {
        "layer": rule.layer.value,
        **canonical(rule.keys.model_dump()),
        "options": canonical(rule.options.model_dump()),
    }


def canonical(value: Any) -> Any:
    """JSON-like data that reads the same for equal values: sets sorted, secrets masked."""
    if isinstance(value, SecretStr):
        return "********"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(canonical(key)): canonical(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((canonical(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
