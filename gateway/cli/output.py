"""How commands print: results to stdout, talk to stderr, problems in one form."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from gateway.schema.problems import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

P = ParamSpec("P")

CONFIG = Path("config/gateway.yaml")
"""The gateway file that commands look at unless told otherwise."""

_PLAIN_WIDTH = 160


def config_errors_exit_2(command: Callable[P, None]) -> Callable[P, None]:
    """Print what is wrong in configuration files, and exit with 2."""

    @wraps(command)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ConfigError as error:
            click.echo(str(error), err=True)
            many = len(error.problems)
            click.echo(f"\n{many} problem{'s' if many != 1 else ''}", err=True)
            raise SystemExit(2) from None

    return checked


def print_json(value: Any) -> None:
    """A result as JSON on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def stdout_console() -> "Console":
    """Where people read results: as wide as the terminal, or wide enough for a file or a pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PLAIN_WIDTH
    return Console(width=width, highlight=False)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """A result as a table on stdout; colours as the terminal and NO_COLOR allow."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, style="bold" if index == 0 else "", overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    stdout_console().print(table)
