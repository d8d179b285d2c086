"""``gatehouse ingest PATH``: documents into the knowledge store."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gateway.ingest.run import Summary


@click.command("ingest")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--tenant", default="default", show_default=True, help="Whose documents they are.")
@click.option("--roles", default="", help="Roles, comma-separated, for documents that name none.")
@click.option("--public", is_flag=True, help="Documents that say nothing are for everybody.")
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("var/knowledge.db"),
    show_default=True,
    help="The file of the embedded knowledge store.",
)
@click.option("--name", default=None, help="Start of the document ids. Default: the folder's name.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def ingest_command(
    path: Path, tenant: str, roles: str, public: bool, store: Path, name: str | None, as_json: bool
) -> None:
    """Bring the knowledge store up to date with PATH, a file or a folder.

    Reads Markdown, text, HTML and PDF. Front-matter, or a file <name>.meta.yaml beside the
    document, says who may see it: `roles: [support]` or `public: true`. Unchanged files are
    skipped, documents of deleted files are removed. Exit code 1 when a file failed.
    """
    from gateway.core.errors import KnowledgeUnavailable

    named = frozenset(role.strip() for role in roles.split(",") if role.strip())
    if public and named:
        raise click.UsageError("--public and --roles exclude each other")
    try:
        summary = asyncio.run(_ingest(path, tenant, named, public, store, name))
    except KnowledgeUnavailable as error:
        raise click.ClickException(
            f"the knowledge store cannot be used: {error.cause or error.message}"
        ) from error
    _report(summary, as_json)
    if summary.errors:
        raise SystemExit(1)


async def _ingest(
    path: Path, tenant: str, roles: frozenset[str], public: bool, store: Path, name: str | None
) -> "Summary":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from gateway.adapters.embedded.store import EmbeddedKnowledge, EmbeddedOptions
    from gateway.ingest.front_matter import Defaults
    from gateway.ingest.run import ingest

    knowledge = EmbeddedKnowledge(EmbeddedOptions(path=store))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Ingesting", total=None)
            return await ingest(
                knowledge,
                path,
                tenant,
                defaults=Defaults(public, roles),
                name=name,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    finally:
        await knowledge.aclose()


def _report(summary: "Summary", as_json: bool) -> None:
    for document, warning in summary.warnings.items():
        click.secho(f"warning: {document}: {warning}", fg="yellow", err=True)
    for document, error in summary.errors.items():
        click.secho(f"error: {document}: {error}", fg="red", err=True)
    if not as_json:
        click.echo(str(summary))
        return
    click.echo(
        json.dumps(
            {
                "added": summary.added,
                "updated": summary.updated,
                "unchanged": summary.unchanged,
                "removed": summary.removed,
                "errors": summary.errors,
                "warnings": summary.warnings,
                "chunks": summary.chunks,
            }
        )
    )
