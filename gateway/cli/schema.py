"""``gatehouse schema``: JSON Schemas of the YAML files."""

import json
from pathlib import Path

import click

from gateway.cli.output import print_json

NAMES = ("gateway", "pipeline", "policy", "tenants")


@click.command("schema")
@click.argument("name", required=False, type=click.Choice(NAMES))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("config/schema"),
    show_default=True,
    help="The folder to write to.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a file is out of date.")
def schema_command(name: str | None, out: Path, check: bool) -> None:
    """Write the JSON Schemas of all YAML files, or print the one that is NAMEd.

    The schemas know every stage, guard and provider that is installed, with its options.

    \b
    Examples:
      gatehouse schema
      gatehouse schema policy > policy.json
      gatehouse schema --check
    """
    from gateway.app.catalog import guard_registry, provider_registry, stage_registry
    from gateway.schema.export import schemas

    made = schemas(stage_registry(), guard_registry(), provider_registry())
    if name is not None:
        print_json(made[f"{name}.json"])
        return
    texts = {file: json.dumps(schema, indent=2) + "\n" for file, schema in made.items()}
    if check:
        stale = [file for file, text in texts.items() if _read(out / file) != text]
        for file in stale:
            click.echo(f"{out / file} is out of date: run `gatehouse schema`", err=True)
        if stale:
            raise SystemExit(1)
        click.echo(f"{len(texts)} schemas are up to date")
        return
    out.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (out / file).write_text(text, encoding="utf-8")
        click.echo(str(out / file))


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
