"""The rule that ``gatehouse eval guards`` measures: a policy's own, or a guard's defaults."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.output import CONFIG

if TYPE_CHECKING:
    from gateway.core.rules import Rule
    from gateway.core.segments import Origin
    from gateway.evals.guard_run import Measured

SHIPPED_POLICY = Path("policies/baseline.yaml")
"""Whose thresholds count when no policy is given and there is this one."""


def parts_of(config: Path | None) -> Any:
    """The parts that guards ask for, as the gateway file configures them if there is one.

    Raises ConfigError when a file that was asked for cannot be read.
    """
    from gateway.cli.guard_parts import GuardParts
    from gateway.schema.gateway import GatewayKeys
    from gateway.schema.loader import load
    from gateway.schema.reader import Reader, Spot

    if config is None and not CONFIG.is_file():
        return GuardParts()
    document = load(config or CONFIG)
    reader = Reader()
    keys = reader.read(GatewayKeys, Spot(document, ()), document.data)
    if config is not None:
        reader.finish()
    return GuardParts() if keys is None else GuardParts(keys.recognizer, keys.encoder.model)


def measured_rule(
    guard: str,
    policy: Path | None,
    rule: str | None,
    origins: "Sequence[Origin]",
    threshold: float | None,
    parts: Any,
) -> "Measured":
    """What to measure. Raises ConfigError for a policy that is wrong, and click's UsageError when
    the guard or the rule is not there, or it takes a choice between several."""
    from dataclasses import replace

    from gateway.evals.guard_run import Measured

    given = policy
    if policy is None and SHIPPED_POLICY.is_file():
        policy = SHIPPED_POLICY
    found = None
    if policy is not None:
        found = _of_policy(guard, policy, rule, origins, parts, needed=given is not None)
    if found is not None:
        source = f"{policy}, rule {found.id}"
    else:
        found, source = _of_defaults(guard, parts), "defaults of the guard and of rules"
    if threshold is not None:
        found, source = replace(found, threshold=threshold, thresholds={}), "--threshold"
    return Measured(found, source)


def _of_policy(
    guard: str,
    path: Path,
    wanted: str | None,
    origins: "Sequence[Origin]",
    parts: Any,
    *,
    needed: bool,
) -> "Rule | None":
    """The one rule of a policy that has this guard look at texts of these origins."""
    from gateway.app.catalog import guard_registry
    from gateway.cli.guard_parts import make_with
    from gateway.core.registry import Entry
    from gateway.policy.compile import compile_policy, load_policies
    from gateway.schema.rule import ORIGINS

    make = make_with(parts)

    def only_this(entry: Entry[Any], options: Any) -> Any:
        from gateway.cli.guard_parts import UnbuiltGuard

        return make(entry, options) if entry.name == guard else UnbuiltGuard()

    compiled = compile_policy(path.stem, load_policies(path.parent), guard_registry(), only_this)
    rules = [
        (layer, one)
        for layer, rules in compiled.layers.items()
        for one in rules
        if one.guard_name == guard
    ]
    if wanted is not None:
        named = [one for _, one in rules if one.id == wanted]
        if not named:
            known = ", ".join(one.id for _, one in rules) or "none"
            raise click.UsageError(f"{path} has no rule {wanted!r} with {guard!r}; it has: {known}")
        return named[0]
    asked = set(origins)
    fitting = [
        one
        for layer, one in rules
        if asked & ORIGINS[layer] and (one.origins is None or asked & one.origins)
    ]
    if len(fitting) > 1:
        names = ", ".join(one.id for one in fitting)
        raise click.UsageError(f"{path} has several rules with {guard!r}: choose --rule of {names}")
    if not fitting and needed:
        shown = ", ".join(sorted(origin.value for origin in asked))
        raise click.UsageError(
            f"{path} has no rule with {guard!r} that looks at texts of {shown}; "
            "--origin says whom texts come from"
        )
    return fitting[0] if fitting else None


def _of_defaults(guard: str, parts: Any) -> "Rule":
    from pydantic import ValidationError

    from gateway.app.catalog import guard_registry
    from gateway.app.inject import MissingPart
    from gateway.cli.guard_parts import make_with
    from gateway.core.findings import Then
    from gateway.core.registry import RegistryError
    from gateway.core.rules import Rule

    try:
        entry = guard_registry().get(guard)
        built = make_with(parts)(entry, entry.options())
    except RegistryError as error:
        raise click.UsageError(str(error)) from None
    except ValidationError:
        raise click.UsageError(
            f"the guard {guard!r} needs options: write a rule with it and give --policy"
        ) from None
    except (MissingPart, ValueError) as error:
        raise click.UsageError(f"the guard {guard!r} cannot be built: {error}") from None
    return Rule(id=guard, guard=built, guard_name=guard, then=Then.BLOCK)
