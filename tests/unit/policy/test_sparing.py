from collections.abc import Mapping
from pathlib import Path

from gateway.core.findings import Guard
from gateway.core.rules import Policy
from gateway.core.segments import Origin
from gateway.policy.compile import compile_policies
from gateway.policy.sparing import let_spare
from gateway.schema.loader import parse
from gateway.schema.rule import REQUEST_ORIGINS
from gateway.testing.guards import WordGuard, WordOptions, guard_registry


class SparingWordGuard(WordGuard):
    """Keeps what it is told."""

    least: Mapping[Origin, float] | None = None

    def spare_below(self, least: Mapping[Origin, float]) -> None:
        assert self.least is None, "told twice"
        self.least = least


def told(*texts: str, made: type[WordGuard] = SparingWordGuard) -> list[Guard]:
    """The guards of these policies, after they were told."""
    guards: list[Guard] = []

    def make(entry: object, options: object) -> Guard:
        guards.append(made(WordOptions.model_validate(options)))
        return guards[-1]

    documents = {f"p{i}": parse(t, Path(f"/p/p{i}.yaml"), environ={}) for i, t in enumerate(texts)}
    policies: Mapping[str, Policy] = compile_policies(documents, guard_registry(), make)
    let_spare(policies.values())
    return guards


def least_of(*texts: str) -> Mapping[Origin, float] | None:
    (guard,) = told(*texts)
    assert isinstance(guard, SparingWordGuard)
    return guard.least


def policy(**layers: str) -> str:
    rules = "".join(f"  {layer}:\n    - {{{rule}}}\n" for layer, rule in layers.items())
    return f"version: 1\nlayers:\n{rules}"


def test_a_guard_hears_the_lowest_threshold_of_each_origin_that_its_rules_look_at() -> None:
    assert least_of(
        policy(
            input="id: a, guard: word, then: block, origins: [user, tool], "
            "threshold: {default: 0.4, tool: 0.3}",
            context="id: b, guard: word, then: drop, threshold: 0.2",
        )
    ) == {Origin.USER: 0.4, Origin.TOOL: 0.3, Origin.RETRIEVED: 0.2}


def test_all_policies_that_share_the_guard_count() -> None:
    shared = "id: a, guard: word, then: block, origins: [user], threshold: "
    assert least_of(
        policy(input=shared + "0.9"), policy(input=shared + "0.6"), policy(input=shared + "0.7")
    ) == {Origin.USER: 0.6}


def test_rules_in_shadow_count_and_those_that_are_off_do_not() -> None:
    rule = "id: a, guard: word, then: flag, threshold: 0.2, mode: "
    high = policy(input="id: a, guard: word, then: flag, threshold: 0.8")
    assert least_of(high, policy(input=rule + "shadow")) == dict.fromkeys(REQUEST_ORIGINS, 0.2)
    assert least_of(high, policy(input=rule + "off")) == dict.fromkeys(REQUEST_ORIGINS, 0.8)


def test_other_guards_are_told_nothing() -> None:
    assert told(policy(input="id: a, guard: word, then: flag"), made=WordGuard)
