"""What Gatehouse promises about its speed, checked against the figures of one run."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.measure import Figures


@dataclass(frozen=True, slots=True)
class Target:
    """``contestant`` makes at least ``times`` the requests/s of ``other`` at 32 connections, or
    at least ``times`` requests/s when there is no other."""

    contestant: str
    times: float
    other: str | None = None


TARGETS = (
    Target("passthrough", 3000),
    Target("passthrough", 30, "litellm"),
    Target("passthrough", 3, "portkey"),
    Target("guarded", 10, "litellm-open"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``met`` is None when a figure that the target needs was not measured."""

    met: bool | None
    line: str


def check(results: Mapping[str, Figures]) -> list[Outcome]:
    """Every target with what was reached."""
    return [_check(target, results) for target in TARGETS]


def _check(target: Target, results: Mapping[str, Figures]) -> Outcome:
    own = _rate(results, target.contestant)
    if target.other is None:
        what = f"{target.contestant}: at least {target.times:,.0f} requests/s"
        reached, unit = own, "requests/s"
    else:
        what = f"{target.contestant}: at least {target.times:g} times {target.other}"
        other = _rate(results, target.other)
        reached = own / other if own is not None and other else None
        unit = "times"
    if reached is None:
        return Outcome(None, f"not measured  {what}")
    met = reached >= target.times
    return Outcome(met, f"{'met' if met else 'MISSED':<12}  {what}: {reached:,.1f} {unit}")


def _rate(results: Mapping[str, Figures], name: str) -> float | None:
    figures = results.get(name, {})
    return figures["whole"]["32"]["rate"] if "whole" in figures else None
