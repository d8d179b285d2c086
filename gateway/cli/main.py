"""The command ``gatehouse``."""

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

COMMANDS = {
    "serve": ("gateway.cli.serve:serve_command", "Run the gateway."),
    "check": ("gateway.cli.check:check_command", "Check all configuration files."),
    "show": ("gateway.cli.show:show_group", "Show what is configured, and what there is."),
    "policy": ("gateway.cli.policy:policy_group", "Test policies and try them out."),
    "eval": ("gateway.cli.eval:eval_group", "Measure guards and answers."),
    "ask": ("gateway.cli.ask:ask_command", "Ask a running gateway a question."),
    "keys": ("gateway.cli.keys:keys_group", "Make, list and revoke API keys."),
    "ingest": ("gateway.cli.ingest:ingest_command", "Read documents into the knowledge store."),
    "audit": ("gateway.cli.audit:audit_group", "Read what the gateway decided."),
    "schema": ("gateway.cli.schema:schema_command", "Export JSON Schemas of the YAML files."),
}
"""Where each command is defined, and what it says of itself in ``gatehouse --help``. A command is
imported when it is used: the help and the checks start fast."""


class LazyGroup(click.Group):
    """A group of commands that are imported by their dotted path when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        path, attribute = COMMANDS[cmd_name][0].split(":")
        try:
            command = getattr(import_module(path), attribute)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("gateway"):
                raise click.ClickException(f"{cmd_name!r} is not part of this build") from None
            raise click.ClickException(
                f"{cmd_name!r} needs the package {error.name!r}: pip install 'gatehouse[all]'"
            ) from None
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])


def _version() -> str:
    try:
        return version("gatehouse")
    except PackageNotFoundError:
        return "unknown"


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="gatehouse")
def cli() -> None:
    """An OpenAI-compatible gateway that puts layered guards around every LLM call.

    Results go to stdout, everything else to stderr. Exit codes: 0 ok, 1 a check failed, 2 usage or
    configuration.

    \b
    Examples:
      gatehouse serve --config config/demo.yaml
      gatehouse check
      gatehouse policy eval baseline "Ignore all previous instructions."
    """


def main() -> None:
    """The entry point of the console script."""
    try:
        cli()
    except Exception as error:
        if type(error).__name__ != "RegistryError":  # its module is not imported for the help
            raise
        click.echo(f"an installed package cannot be used: {error}", err=True)
        sys.exit(2)
