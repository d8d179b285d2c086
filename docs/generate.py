"""Writes the reference pages from the code, or checks that they are fresh (``--check``)."""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from gateway.app.catalog import guard_registry, provider_registry, stage_registry
from gateway.cli.main import cli
from gateway.core.registry import Entry
from gateway.schema.gateway import GatewayKeys
from gateway.schema.pipeline import PipelineKeys, StageKeys
from gateway.schema.rule import PolicyKeys, RuleKeys
from gateway.schema.tenants import TenantsKeys

PLACE = Path(__file__).parent / "reference"
NOTICE = "<!-- Generated from the code by docs/generate.py (`make docs`). Do not edit. -->\n"
WIDTH = 88


def fields(model: type[BaseModel]) -> str:
    """A table of a model's keys, those of nested models with dotted names."""
    schema = model.model_json_schema(by_alias=True)
    rows = [
        f"| `{name}` | {kind} | {default} | {text} |"
        for name, kind, default, text in _rows(schema, schema.get("$defs", {}), "")
    ]
    if not rows:
        return "No options.\n"
    return (
        "\n".join(["| key | value | default | what it does |", "|---|---|---|---|", *rows]) + "\n"
    )


def _rows(
    schema: Mapping[str, Any], known: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, str, str, str]]:
    required = schema.get("required", [])
    for name, given in schema.get("properties", {}).items():
        resolved = _resolved(given, known)
        full = f"{prefix}{name}"
        text = _line(given.get("description") or resolved.get("description", ""))
        nested, mark = _nested(resolved, known)
        default = "required" if name in required else _default(given)
        if nested is None:
            yield full, _kind(given, known), default, text
            continue
        yield full, "map" if mark == "." else _kind(given, known), "", text
        yield from _rows(nested, known, full + mark)


def _nested(
    schema: Mapping[str, Any], known: Mapping[str, Any]
) -> tuple[Mapping[str, Any] | None, str]:
    """The model inside a key, and how its keys are written: ``a.b``, ``a[].b`` or ``a.NAME.b``."""
    choices = [schema, *(_resolved(s, known) for s in schema.get("anyOf", []))]
    for choice in choices:
        if "properties" in choice:
            return choice, "."
        for inner, mark in (("items", "[]."), ("additionalProperties", ".NAME.")):
            child = choice.get(inner)
            if isinstance(child, dict):
                found = [_resolved(child, known)]
                found += [_resolved(s, known) for s in found[0].get("anyOf", [])]
                for model in found:
                    if "properties" in model:
                        return model, mark
    return None, ""


def _resolved(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None and len(schema.get("allOf", [])) == 1:
        reference = schema["allOf"][0].get("$ref")
    return known[reference.rpartition("/")[2]] if reference else schema


def _kind(schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    schema = _resolved(schema, known)
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    union = schema.get("anyOf") or schema.get("oneOf")
    if union:
        kinds = dict.fromkeys(_kind(s, known) for s in union if s.get("type") != "null")
        return " or ".join(kinds)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), known)}"
    if schema.get("type") == "object":
        return "map"
    names = {"string": "text", "boolean": "true or false", "integer": "whole number"}
    kind = str(schema.get("type", "anything"))
    return names.get(kind, kind) + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    if low is not None and high is not None:
        return f" {low} to {high}"
    if above is not None:
        return f" above {above}" + (f", up to {high}" if high is not None else "")
    return f" from {low}" if low is not None else f" up to {high}" if high is not None else ""


def _default(schema: Mapping[str, Any]) -> str:
    value = schema.get("default")
    if value is None or value in ({}, []):
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if len(text) <= 60 else ""


def _line(text: str) -> str:
    text = re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split()))
    return text.replace("|", "\\|")


def _prose(text: str) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", "\n".join(line.strip() for line in text.splitlines()))


def registered(title: str, lead: str, entries: Iterable[Entry[Any]]) -> str:
    """A page with a section for each implementation: what it is, what its options are."""
    parts = [f"# {title}\n\n{lead}\n"]
    for entry in entries:
        about = _prose(entry.factory.__doc__ or "").strip()
        parts.append(f"## {entry.name}\n\n{about}\n\n{fields(entry.options)}")
    return "\n".join(parts)


def settings() -> str:
    return (
        "# Settings\n\nThe keys of `gateway.yaml`. Values may hold `${ENV}`, `${ENV:-default}` and "
        "`${file:/run/secrets/x}`.\nPaths are relative to the file. `gatehouse check` finds every "
        f"mistake before a start does.\n\n{fields(GatewayKeys)}\n"
        f"## Tenants\n\nThe keys of the tenants file.\n\n{fields(TenantsKeys)}"
    )


def policies() -> str:
    return (
        "# Policy files\n\nThe keys of a policy, and of each of its rules. All other keys of a "
        "rule are options of\nits [guard](guards.md). How to write one: "
        f"[policies](../guides/policies.md).\n\n{fields(PolicyKeys)}\n"
        f"## Rules\n\n{fields(RuleKeys)}"
    )


def pipelines() -> str:
    return (
        "# Pipeline files\n\nThe keys of a pipeline. What stands under `with` are the options of "
        "the [stage](stages.md).\nHow to write one: "
        f"[pipelines](../guides/pipelines.md).\n\n{fields(PipelineKeys)}\n"
        f"## Steps\n\n{fields(StageKeys)}"
    )


def commands() -> str:
    """The help of every command, as it prints it."""
    parts = ["# Command line\n\nWhat `--help` prints, command by command.\n"]
    for path, command in _commands(cli, "gatehouse"):
        inherited = {**cli.context_settings, "max_content_width": WIDTH}
        with click.Context(command, info_name=path, **inherited) as context:
            context.terminal_width = WIDTH
            text = command.get_help(context)
        parts.append(f"## {path}\n\n```text\n{text.rstrip()}\n```\n")
    return "\n".join(parts)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        with click.Context(command, info_name=path) as context:
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                if child is not None and not child.hidden:
                    yield from _commands(child, f"{path} {name}")


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings,
    "policies.md": policies,
    "pipelines.md": pipelines,
    "stages.md": lambda: registered(
        "Stages",
        "The steps of a [pipeline](../guides/pipelines.md), by the name after `use:`.",
        stage_registry(),
    ),
    "guards.md": lambda: registered(
        "Guards",
        "The detectors that rules of a [policy](../guides/policies.md) name with `guard:`. Their "
        "options stand in the rule itself.",
        guard_registry(),
    ),
    "providers.md": lambda: registered(
        "Providers",
        "Who can answer: the adapters that `providers` of the [settings](settings.md) name with "
        "`use:`.",
        provider_registry(),
    ),
    "cli.md": commands,
}


def stale() -> list[str]:
    """The reference pages that are missing, outdated, or of nothing any more."""
    wanted = {name: NOTICE + page() for name, page in PAGES.items()}
    there = {path.name: path.read_text(encoding="utf-8") for path in PLACE.glob("*.md")}
    return sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when stale")
    if parser.parse_args().check:
        names = stale()
        for name in names:
            sys.stderr.write(f"docs/reference/{name} is not fresh; mend it with: make docs\n")
        return 1 if names else 0
    PLACE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (PLACE / name).write_text(NOTICE + page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
