"""``gatehouse check``: is the configuration right?"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.output import CONFIG, config_errors_exit_2, print_json

if TYPE_CHECKING:
    from gateway.cli.guard_parts import GuardParts
    from gateway.core.rules import Policy
    from gateway.schema.problems import Problem
    from gateway.schema.site import Site


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found to be right."""

    site: "Site"
    policies: "dict[str, Policy]"


@click.command("check")
@click.option(
    "--config",
    "-c",
    type=click.Path(dir_okay=False, path_type=Path),
    default=CONFIG,
    show_default=True,
    help="The gateway file.",
)
@click.option(
    "--deep", is_flag=True, help="Also build the guards that need heavy libraries (seconds)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check_command(config: Path, deep: bool, as_json: bool) -> None:
    """Check the gateway file and the policies, pipelines and tenants it names.

    Shows every problem of every file with its place. Exit code 2 when there are any.

    \b
    Examples:
      gatehouse check
      gatehouse check --config config/demo.yaml --json
    """
    from gateway.schema.problems import ConfigError

    try:
        checked = check_site(config, deep=deep)
    except ConfigError as error:
        if not as_json:
            _refuse(error)
        print_json({"ok": False, "problems": [_problem(p) for p in error.problems]})
        raise SystemExit(2) from None
    lines = list(_lines(checked))
    if as_json:
        print_json({"ok": True, "files": [{"file": f, "says": s} for f, s in lines]})
        return
    for file, says in lines:
        click.echo(f"OK  {file}  {says}")
    unbuilt = _unbuilt(checked)
    if unbuilt:
        names = ", ".join(unbuilt)
        click.echo(f"options read, but not built without --deep: {names}", err=True)
    if checked.site.left_out:
        names = ", ".join(sorted(checked.site.left_out))
        click.echo(f"left out, having no api_key: {names}", err=True)


@config_errors_exit_2
def _refuse(error: Exception) -> None:
    raise error


def _recognizer_problems(site: "Site", parts: "GuardParts") -> "list[Problem]":
    """What keeps the recogniser from being made."""
    from gateway.core.options import OptionError

    try:
        parts["recognizer"]
    except OptionError as error:
        return [site.document.problem(("recognizer", *error.at), str(error))]
    return []


def check_site(config: Path, *, deep: bool = False) -> Checked:
    """Read and check everything. Raises ConfigError with all problems of all files."""
    from gateway.app.catalog import guard_registry, provider_registry, stage_registry
    from gateway.cli.guard_parts import GuardParts, dry_stages, make_light, make_with
    from gateway.policy.compile import MakeGuard, compile_policies
    from gateway.schema.problems import ConfigError
    from gateway.schema.site import survey_site

    survey = survey_site(config, stage_registry(), provider_registry())
    problems = list(survey.problems)
    make: MakeGuard = make_light
    if deep and survey.site is not None:
        keys = survey.site.config
        parts = GuardParts(keys.recognizer, keys.encoder.model)
        problems += _recognizer_problems(survey.site, parts)
        make = make_light if problems else make_with(parts)
    policies: dict[str, Policy] = {}
    try:
        policies = compile_policies(survey.policies, guard_registry(), make)
    except ConfigError as error:
        problems += error.problems
    for spec in survey.site.pipelines.values() if survey.site else ():
        problems += dry_stages(spec)[1]
    if problems or survey.site is None:
        raise ConfigError(problems)
    return Checked(survey.site, policies)


def _lines(checked: Checked) -> Iterator[tuple[str, str]]:
    site = checked.site
    models, used = len(site.models), len(site.providers)
    yield site.document.file, f"{_count(models, 'model')}, {_count(used, 'provider')}"
    if site.config.tenants is not None:
        yield _near(site.config.tenants), _count(len(site.tenants), "tenant")
    for pipeline in site.pipelines.values():
        yield _near(pipeline.path), _count(len(pipeline.stages), "stage")
    for name, policy in checked.policies.items():
        rules = sum(len(rules) for rules in policy.layers.values())
        yield site.policies[name].file, f"{_count(rules, 'rule')}, hash {policy.hash[:12]}"


def _unbuilt(checked: Checked) -> list[str]:
    """The guards that were not built, because they need heavy libraries."""
    from gateway.cli.guard_parts import UnbuiltGuard

    layers = [rules for policy in checked.policies.values() for rules in policy.layers.values()]
    rules = [rule for rules in layers for rule in rules]
    return sorted({rule.guard_name for rule in rules if isinstance(rule.guard, UnbuiltGuard)})


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _near(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _problem(problem: "Problem") -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "hint": problem.hint,
    }
