"""``gatehouse show``: what is configured, and what there is to configure."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.output import CONFIG, config_errors_exit_2, print_json, print_table

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from gateway.core.registry import Registry
    from gateway.schema.pipeline import PipelineSpec
    from gateway.schema.policy import PolicySpec
    from gateway.schema.site import Site

_SECRET_KEY = re.compile(r"api[_-]?key|secret|password|token$|pepper|authorization", re.IGNORECASE)
_USERINFO = re.compile(r"://[^/@\s]+@")
_MASKED = "********"

Command = Callable[..., None]


def _options(command: Command) -> Command:
    made = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(
        command
    )
    return click.option(
        "--config",
        "-c",
        type=click.Path(dir_okay=False, path_type=Path),
        default=CONFIG,
        show_default=True,
        help="The gateway file.",
    )(made)


@click.group("show")
def show_group() -> None:
    """Show what is configured, and what there is to configure.

    \b
    Examples:
      gatehouse show pipeline knowledge
      gatehouse show policy baseline
      gatehouse show guards --json
    """


@show_group.command()
@click.argument("name", required=False)
@_options
@config_errors_exit_2
def pipeline(name: str | None, config: Path, as_json: bool) -> None:
    """Show the stages of the pipeline NAME in order, or all pipelines.

    \b
    Example:
      gatehouse show pipeline knowledge
    """
    site = _site(config)
    if name is None:
        uses = {n: [m for m, spec in site.models.items() if spec.pipeline == n] for n in _all(site)}
        rows = [
            (spec.name, len(spec.stages), ", ".join(uses[spec.name]), spec.description)
            for spec in site.pipelines.values()
        ]
        _print(("pipeline", "stages", "models", "description"), rows, as_json)
        return
    spec = site.pipelines[_known("pipeline", name, site.pipelines)]
    _print(("#", "stage", "phase", "options", "place"), _stage_rows(spec), as_json)


def _all(site: "Site") -> Sequence[str]:
    return list(site.pipelines)


def _stage_rows(spec: "PipelineSpec") -> list[Sequence[object]]:
    from gateway.cli.guard_parts import dry_stages

    stages, _ = dry_stages(spec)
    rows: list[Sequence[object]] = []
    for index, (stage, step) in enumerate(zip(stages, spec.stages, strict=True), start=1):
        line, _ = step.spot.document.place(step.spot.path)
        place = f"{step.spot.document.file}:{line}"
        rows.append((index, stage.name, stage.phase.name, _said(step.options), place))
    return rows


@show_group.command()
@click.argument("name", required=False)
@_options
@config_errors_exit_2
def policy(name: str | None, config: Path, as_json: bool) -> None:
    """Show the rules in effect of the policy NAME, inherited ones included, or all policies.

    \b
    Example:
      gatehouse show policy strict --json
    """
    from gateway.app.catalog import guard_registry
    from gateway.policy.compile import content_hash, effective
    from gateway.schema.policy import read_policy
    from gateway.schema.reader import Reader

    site = _site(config)
    reader = Reader()
    guards = guard_registry()
    read = {n: read_policy(n, site.policies, guards, reader) for n in site.policies}
    reader.finish()
    specs = {n: spec for n, spec in read.items() if spec is not None}
    if name is None:
        rows = [
            (n, len(s.rules), " < ".join(s.parents), content_hash(s)[:12], s.description)
            for n, s in specs.items()
        ]
        _print(("policy", "rules", "extends", "hash", "description"), rows, as_json)
        return
    spec = specs[_known("policy", name, specs)]
    if as_json:
        rules = [effective(rule) for rule in spec.rules]
        print_json({"policy": name, "hash": content_hash(spec), "rules": rules})
        return
    click.echo(f"policy {name}, hash {content_hash(spec)}", err=True)
    print_table(
        ("layer", "rule", "guard", "then", "threshold", "mode", "options", "place"),
        _rule_rows(spec),
    )


def _rule_rows(spec: "PolicySpec") -> list[Sequence[object]]:
    from gateway.core.rules import Layer

    order = list(Layer)
    rows: list[Sequence[object]] = []
    for rule in sorted(spec.rules, key=lambda rule: order.index(rule.layer)):
        keys, document = rule.keys, rule.spot.document
        threshold = keys.threshold
        if isinstance(threshold, Mapping):
            threshold_text = ", ".join(f"{origin} {score}" for origin, score in threshold.items())
        else:
            threshold_text = str(threshold)
        place = f"{document.file}:{document.place(rule.spot.path)[0]}"
        rows.append(
            (rule.layer.value, keys.id, keys.guard, keys.then.value, threshold_text,
             keys.mode.value, _said(rule.options), place)
        )  # fmt: skip
    return rows


@show_group.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def stages(as_json: bool) -> None:
    """Show every stage there is, with its options.

    \b
    Example:
      gatehouse show stages
    """
    from gateway.app.catalog import stage_registry

    _registry(stage_registry(), as_json)


@show_group.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def guards(as_json: bool) -> None:
    """Show every guard there is, with its options.

    \b
    Example:
      gatehouse show guards
    """
    from gateway.app.catalog import guard_registry

    _registry(guard_registry(), as_json)


@show_group.command()
@_options
@config_errors_exit_2
def settings(config: Path, as_json: bool) -> None:
    """Show the settings in effect, defaults included. Secrets are masked.

    \b
    Example:
      gatehouse show settings --config config/demo.yaml
    """
    from gateway.policy.compile import canonical

    site = _site(config)
    effective = masked(canonical(site.config.model_dump()), site.document.secret)
    if as_json:
        print_json(effective)
    else:
        print_table(("setting", "value"), [(k, v) for k, v in _flat(effective)])


def masked(value: Any, secret: set[tuple[str | int, ...]], at: tuple[str | int, ...] = ()) -> Any:
    """Settings without secrets: values of secret files, of keys that sound like secrets, and
    passwords in addresses."""
    if at in secret:
        return _MASKED
    if isinstance(value, dict):
        return {key: masked(item, secret, (*at, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, secret, (*at, index)) for index, item in enumerate(value)]
    if value and at and _SECRET_KEY.search(str(at[-1])) and isinstance(value, str):
        return _MASKED
    return _USERINFO.sub(f"://{_MASKED}@", value) if isinstance(value, str) else value


def _flat(value: Any, at: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict) and value:
        return [row for k, v in value.items() for row in _flat(v, f"{at}.{k}" if at else k)]
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [row for i, v in enumerate(value) for row in _flat(v, f"{at}[{i}]")]
    if isinstance(value, list):
        return [(at, ", ".join(str(item) for item in value))]
    return [(at, "" if value is None else str(value))]


def _registry(registry: "Registry[Any]", as_json: bool) -> None:
    if as_json:
        made = [
            {"name": e.name, "summary": e.summary, "options": e.options.model_json_schema()}
            for e in registry
        ]
        print_json(made)
        return
    rows: list[Sequence[object]] = []
    for entry in registry:
        rows.append((entry.name, "", entry.summary))
        for name, field in entry.options.model_fields.items():
            default = "required" if field.is_required() else _shown(field)
            said = " ".join((field.description or "").split())
            rows.append(("", f"{field.alias or name} = {default}", said))
    print_table((registry.kind, "option = default", "what it is"), rows)


def _shown(field: "FieldInfo") -> str:
    """A default as one would write it in YAML."""
    from pydantic import BaseModel

    from gateway.policy.compile import canonical

    value = field.get_default(call_default_factory=True)
    return json.dumps(canonical(value.model_dump() if isinstance(value, BaseModel) else value))


def _said(options: "BaseModel") -> str:
    """What a file says beyond the defaults."""
    from gateway.policy.compile import canonical

    given = canonical(options.model_dump(exclude_defaults=True))
    return ", ".join(f"{key}: {value}" for key, value in given.items())


def _site(config: Path) -> "Site":
    from gateway.app.catalog import provider_registry, stage_registry
    from gateway.schema.site import load_site

    return load_site(config, stage_registry(), provider_registry())


def _known(kind: str, name: str, known: Mapping[str, Any]) -> str:
    from gateway.schema.problems import suggestion

    if name not in known:
        hint = suggestion(name, known)
        raise click.BadParameter(f"there is no {kind} {name!r} ({hint})", param_hint="NAME")
    return name


def _print(columns: Sequence[str], rows: Sequence[Sequence[object]], as_json: bool) -> None:
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_table(columns, rows)
