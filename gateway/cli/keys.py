"""``gatehouse keys``: make, list, revoke and replace API keys."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson
from rich.table import Table
from rich.text import Text

from gateway.cli.issue import KeyRefused, issue, rotate
from gateway.cli.output import stdout_console
from gateway.core.clock import Clock, SystemClock
from gateway.core.identity import Limits
from gateway.core.keys import KeyHasher, NewKey
from gateway.ports.key_store import KeyRecord, KeyStore

_SPAN = re.compile(r"([0-9]+)([smhdw])\Z")
_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NAME = re.compile(r"[\w.:/*@-]{1,128}\Z")


class Span(click.ParamType[float]):
    """A time such as 45s, 30m, 24h, 30d or 2w, as seconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, (int, float)):
            return float(value)
        match = _SPAN.match(value)
        if match is None:
            self.fail(f"{value!r} is not a time; write it like 45s, 30m, 24h, 30d, 2w", param, ctx)
        return float(int(match[1]) * _UNIT[match[2]])


class Names(click.ParamType[frozenset[str]]):
    """Names with commas in between."""

    name = "a,b"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[str]:
        if isinstance(value, frozenset):
            return value
        names = [name.strip() for name in value.split(",")]
        for name in names:
            if not _NAME.match(name):
                self.fail(f"{name!r} is not a name; write them like a,b", param, ctx)
        return frozenset(names)


class _Ring:
    """The store and the hasher in one folder, opened when first used."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.now = clock.wall()

    @property
    def store(self) -> KeyStore:
        from gateway.adapters.sqlite.keys import SqliteKeyStore

        try:
            return SqliteKeyStore(self.folder / "keys.db")
        except Exception as error:
            raise Unusable(f"cannot open {self.folder / 'keys.db'}: {error}") from error

    @property
    def hasher(self) -> KeyHasher:
        from gateway.adapters.sqlite.pepper import load_pepper

        try:
            return KeyHasher(load_pepper(self.folder / "pepper"))
        except (OSError, ValueError) as error:
            raise Unusable(f"cannot use the key pepper: {error}") from error


class Unusable(click.ClickException):
    """Files that cannot be used as they are."""

    exit_code = 2


_LIMIT = click.IntRange(min=1)


@click.group("keys")
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="GATEHOUSE_VAR",
    default=Path("var"),
    show_default=True,
    help="The folder with keys.db and pepper (stores.var of the configuration).",
)
@click.pass_context
def keys_group(ctx: click.Context, store: Path) -> None:
    """Make, list, revoke and replace API keys.

    A running gateway notices changes within a second.

    \b
    Examples:
      gatehouse keys create --tenant acme --roles support --rpm 600 --expires 90d
      gatehouse keys list
      gatehouse keys rotate 3fK9aZ0q --overlap 24h
      gatehouse keys revoke 3fK9aZ0q
    """
    ctx.obj = _Ring(store, SystemClock())


@keys_group.command()
@click.option("--tenant", required=True, help="The tenant it belongs to.")
@click.option("--name", default="", help="What it is for.")
@click.option("--roles", type=Names(), default=frozenset(), help="Roles of its caller.")
@click.option("--scopes", type=Names(), default=frozenset(), help="Extra rights, such as explain.")
@click.option("--models", type=Names(), help="The only models it may ask for.  [default: all]")
@click.option("--rpm", type=_LIMIT, help="Requests per minute.")
@click.option("--tpm", type=_LIMIT, help="Tokens per minute.")
@click.option("--concurrent", type=_LIMIT, help="Requests at the same time.")
@click.option("--max-tokens", type=_LIMIT, help="Tokens that one answer may have.")
@click.option("--expires", type=Span(), help="How long it works, such as 30d.  [default: forever]")
@click.pass_obj
def create(
    ring: _Ring,
    tenant: str,
    name: str,
    roles: frozenset[str],
    scopes: frozenset[str],
    models: frozenset[str] | None,
    rpm: int | None,
    tpm: int | None,
    concurrent: int | None,
    max_tokens: int | None,
    expires: float | None,
) -> None:
    """Make a key and print it, once.

    \b
    Example:
      KEY=$(gatehouse keys create --tenant acme --roles support --name "help desk")
    """
    key = issue(
        ring.store,
        ring.hasher,
        ring.now,
        tenant=tenant,
        name=name,
        roles=roles,
        scopes=scopes,
        models=models,
        limits=Limits(rpm, tpm, concurrent, max_tokens),
        lifetime=expires,
    )
    _hand_over(key)


@keys_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object per key.")
@click.pass_obj
def list_keys(ring: _Ring, as_json: bool) -> None:
    """Show all keys, never their secrets."""
    records = ring.store.all()
    if as_json:
        for record in records:
            click.echo(orjson.dumps(_public(record, ring.now)))
        return
    if not records:
        click.echo("No keys yet. Make one: gatehouse keys create --tenant NAME", err=True)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("ID", "STATE", "TENANT", "NAME", "ROLES", "MODELS", "LIMITS", "UNTIL"):
        table.add_column(title, overflow="fold")
    for record in records:
        state = record.state(ring.now)
        colour = "green" if state == "active" else "red"
        table.add_row(
            record.id,
            Text(state, style=colour),
            Text(record.tenant),
            Text(record.name or "-"),
            Text(",".join(sorted(record.roles)) or "-"),
            Text("all" if record.models is None else ",".join(sorted(record.models)) or "none"),
            Text(_limits(record.limits)),
            _day(_until(record)),
        )
    stdout_console().print(table)


@keys_group.command()
@click.argument("key_id", metavar="ID")
@click.pass_obj
def revoke(ring: _Ring, key_id: str) -> None:
    """Stop a key from working, for good."""
    if not ring.store.revoke(key_id, ring.now):
        raise click.ClickException(f"there is no key {key_id!r}; `gatehouse keys list` shows all")
    click.echo(f"Key {key_id} is revoked.", err=True)


@keys_group.command("rotate")
@click.argument("key_id", metavar="ID")
@click.option("--overlap", type=Span(), default=0.0, help="How long the old one still works.")
@click.pass_obj
def rotate_key(ring: _Ring, key_id: str, overlap: float) -> None:
    """Replace a key by a new one with the same grants, and print it, once."""
    try:
        key = rotate(ring.store, ring.hasher, ring.now, key_id, overlap)
    except KeyRefused as error:
        raise click.ClickException(str(error)) from error
    _hand_over(key)
    when = f"stops working {_day(ring.now + overlap)}" if overlap else "does not work any more"
    click.echo(f"The old key {key_id} {when}.", err=True)


def _hand_over(key: NewKey) -> None:
    click.echo(f"Key {key.id} is made. This is the only time it is shown:", err=True)
    click.echo(key.text)


def _public(record: KeyRecord, now: float) -> dict[str, Any]:
    limits = record.limits
    return {
        "id": record.id,
        "state": record.state(now),
        "tenant": record.tenant,
        "name": record.name,
        "roles": sorted(record.roles),
        "scopes": sorted(record.scopes),
        "models": None if record.models is None else sorted(record.models),
        "limits": {name: getattr(limits, name) for name in limits.__slots__},
        "created": record.created,
        "expires": record.expires,
        "revoked": record.revoked,
        "demo": record.demo,
    }


def _limits(limits: Limits) -> str:
    named = (
        (limits.requests_per_minute, "req/min"),
        (limits.tokens_per_minute, "tok/min"),
        (limits.concurrent_requests, "at once"),
        (limits.max_tokens, "tok/answer"),
    )
    return ", ".join(f"{value:,} {unit}" for value, unit in named if value is not None) or "-"


def _until(record: KeyRecord) -> float | None:
    ends = [end for end in (record.expires, record.revoked) if end is not None]
    return min(ends) if ends else None


def _day(at: float | None) -> str:
    return "-" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}Z"
