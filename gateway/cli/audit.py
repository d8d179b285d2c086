"""``gatehouse audit``: what was decided, and why."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
import orjson
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from gateway.adapters.sqlite.feedback import FeedbackTable
from gateway.adapters.sqlite.ledger import Entry, Ledger
from gateway.cli.audit_text import HEADER, line, opinion, story
from gateway.cli.output import stdout_console
from gateway.ports.feedback_store import Feedback
from gateway.wire.feedback import RATINGS

_VERDICTS = (
    "passed", "flagged", "rewritten", "regenerated", "abstained", "blocked", "refused", "failed",
    "cancelled",
)  # fmt: skip
_POLL = 0.3


class NoLedger(click.ClickException):
    """No audit database where it was looked for."""

    exit_code = 2


@click.group("audit")
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="GATEHOUSE_VAR",
    default=Path("var"),
    show_default=True,
    help="The folder with audit.db (stores.var of the configuration).",
)
@click.pass_context
def audit_group(ctx: click.Context, store: Path) -> None:
    """Read what the gateway decided. Works while it runs.

    \b
    Examples:
      gatehouse audit tail -n 50
      gatehouse audit tail --follow --verdict blocked
      gatehouse audit show gh-01k9x...
    """
    ctx.obj = store


@audit_group.command()
@click.option("-n", "count", type=click.IntRange(min=0), default=20, show_default=True)
@click.option("-f", "--follow", is_flag=True, help="Go on with new records as they come.")
@click.option("--tenant", help="Only this tenant's.")
@click.option("--verdict", type=click.Choice(_VERDICTS), help="Only those that ended so.")
@click.option("--json", "as_json", is_flag=True, help="Print the records as JSON, one per line.")
@click.pass_obj
def tail(
    store: Path, count: int, follow: bool, tenant: str | None, verdict: str | None, as_json: bool
) -> None:
    """Show the newest records, the newest of them last.

    \b
    Examples:
      gatehouse audit tail
      gatehouse audit tail -f --tenant acme
      gatehouse audit tail -n 1000 --json | jq .verdict
    """
    ledger = open_ledger(store)
    console = stdout_console()
    try:
        last = ledger.last()
        entries = ledger.tail(count, tenant=tenant, verdict=verdict)
        if not as_json and (entries or follow):
            console.print(HEADER, no_wrap=True, overflow="ellipsis")
        elif not entries:
            click.echo("No records.", err=True)
        _print(entries, console, as_json)
        while follow:
            last = max([last, *(entry.seq for entry in entries)])
            time.sleep(_POLL)
            entries = ledger.after(last, tenant=tenant, verdict=verdict)
            _print(entries, console, as_json)
    except SQLAlchemyError as error:
        raise NoLedger(f"cannot read the audit records in {store}: {error}") from error
    except KeyboardInterrupt:
        click.echo(err=True)
    finally:
        ledger.close()


@audit_group.command()
@click.argument("record_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
@click.pass_obj
def show(store: Path, record_id: str, as_json: bool) -> None:
    """Tell the whole story of one exchange, by its decision id or request id.

    \b
    Examples:
      gatehouse audit show gh-01k9x...
      gatehouse audit show req_123 --json
    """
    ledger = open_ledger(store)
    said: Sequence[Feedback] = ()
    try:
        record = ledger.get(record_id)
        if record is not None:
            said = _feedback_about(store, record["id"])
    except SQLAlchemyError as error:
        raise NoLedger(f"cannot read the audit records in {store}: {error}") from error
    finally:
        ledger.close()
    if record is None:
        raise click.ClickException(
            f"there is no record {record_id!r}; `gatehouse audit tail` shows the newest. The id "
            "stands in an answer's x-gatehouse-decision-id header"
        )
    if as_json:
        told = {**record, "feedback": [asdict(one) for one in said]} if said else record
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    else:
        stdout_console().print(story(record, said))


@audit_group.command()
@click.option("-n", "count", type=click.IntRange(min=0), default=20, show_default=True)
@click.option("--tenant", help="Only this tenant's.")
@click.option("--rating", type=click.Choice(RATINGS), help="Only those that rate so.")
@click.option("--json", "as_json", is_flag=True, help="Print the feedback as JSON, one per line.")
@click.pass_obj
def feedback(
    store: Path, count: int, tenant: str | None, rating: str | None, as_json: bool
) -> None:
    """Show the newest feedback, the newest of it last.

    \b
    Examples:
      gatehouse audit feedback --rating down
      gatehouse audit feedback -n 1000 --json | jq .label
    """
    open_ledger(store).close()
    try:
        table = FeedbackTable(store / "audit.db")
        try:
            found = table.newest(count, tenant=tenant, rating=rating)
        finally:
            table.close()
    except (SQLAlchemyError, OSError) as error:
        raise NoLedger(f"cannot read the feedback in {store}: {error}") from error
    console = stdout_console()
    if not found:
        click.echo("No feedback.", err=True)
    for one in found:
        if as_json:
            click.echo(orjson.dumps(asdict(one)))
        else:
            console.print(opinion(one))


def _feedback_about(folder: Path, decision_id: str) -> Sequence[Feedback]:
    """What was said about a decision. Raises SQLAlchemyError."""
    table = FeedbackTable(folder / "audit.db")
    try:
        return table.about(decision_id)
    finally:
        table.close()


def open_ledger(folder: Path) -> Ledger:
    """The ledger in ``folder``, with what dead gateways left in their spools. Raises NoLedger."""
    path = folder / "audit.db"
    spool = folder / "audit.db.spool"
    if not path.exists() and not spool.exists():
        raise NoLedger(
            f"there are no audit records in {folder}; start the gateway with `gatehouse serve`, or "
            "say where they are with --store"
        )
    try:
        ledger = Ledger(path)
        if spool.exists():
            ledger.recover(spool)
    except (SQLAlchemyError, OSError) as error:
        raise NoLedger(f"cannot read the audit records in {path}: {error}") from error
    return ledger


def _print(entries: Sequence[Entry], console: Console, as_json: bool) -> None:
    for entry in entries:
        if as_json:
            click.echo(orjson.dumps(entry.record))
        else:
            console.print(line(entry.record), no_wrap=True, overflow="ellipsis")
