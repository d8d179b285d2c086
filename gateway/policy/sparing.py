"""Tells guards what no rule would count, so that they need not do the work for it."""

from collections.abc import Iterable

from gateway.core.findings import Guard, SparingGuard
from gateway.core.rules import Policy, Rule
from gateway.core.segments import Origin
from gateway.schema.rule import ORIGINS


def let_spare(policies: Iterable[Policy]) -> None:
    """Tells every ``SparingGuard`` of these policies the lowest threshold of all its rules, by
    origin. The policies must be all that share the guards."""
    guards: dict[int, Guard] = {}
    least: dict[int, dict[Origin, float]] = {}
    for policy in policies:
        for layer, rules in policy.layers.items():
            for rule in rules:
                guards[id(rule.guard)] = rule.guard
                known = least.setdefault(id(rule.guard), {})
                for origin in _origins(rule, ORIGINS[layer]):
                    asked = rule.threshold_for(origin)
                    known[origin] = min(asked, known.get(origin, asked))
    for key, guard in guards.items():
        if isinstance(guard, SparingGuard):
            guard.spare_below(least[key])


def _origins(rule: Rule, here: frozenset[Origin]) -> frozenset[Origin]:
    return here if rule.origins is None else here & rule.origins
