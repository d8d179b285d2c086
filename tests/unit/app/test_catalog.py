"""Every stage, guard and provider that ships."""

from typing import Any

import pytest

from gateway.app.catalog import (
    GUARDS,
    PROVIDERS,
    STAGES,
    guard_registry,
    provider_registry,
    stage_registry,
)
from gateway.core.options import Options
from gateway.core.registry import Registry, RegistryError


@pytest.mark.parametrize("made", [*STAGES.values(), *GUARDS.values(), *PROVIDERS.values()])
def test_everything_says_what_it_is_and_describes_its_options(made: type[Any]) -> None:
    assert made.__doc__
    assert issubclass(made.Options, Options)
    for name, field in made.Options.model_fields.items():
        assert field.description, f"{made.__name__}.{name} has no description"


def test_the_registries_hold_what_ships() -> None:
    assert {entry.name for entry in stage_registry()} >= set(STAGES)
    assert {entry.name for entry in guard_registry()} >= set(GUARDS)
    assert {entry.name for entry in provider_registry()} >= set(PROVIDERS)


def test_a_name_that_is_taken_stops_the_start() -> None:
    registry: Registry[Any] = Registry("guard")
    registry.add("length", GUARDS["length"], GUARDS["length"].Options)
    with pytest.raises(RegistryError, match="defined twice"):
        registry.add("length", GUARDS["regex"], GUARDS["regex"].Options)
    with pytest.raises(RegistryError, match="did you mean 'length'"):
        registry.get("lenght")
