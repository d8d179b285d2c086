import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.cli.main import COMMANDS, LazyGroup, cli
from gateway.core.registry import RegistryError

OWN = ("check", "show", "policy", "ask", "schema", "serve")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists(name: str) -> None:
    assert CliRunner().invoke(cli, [name, "--help"]).exit_code == 0


@pytest.mark.parametrize("name", OWN)
def test_a_command_shows_examples(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Example" in result.output


@pytest.mark.parametrize("name", OWN)
def test_every_command_below_a_group_shows_examples(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        assert "Example" in (below.help or ""), below.name


def test_the_help_imports_no_command() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from gateway.cli.main import cli; "
        "CliRunner().invoke(cli, ['--help']); "
        "print([m for m in ('pydantic', 'aiohttp', 'ruamel', 'rich', 'sqlalchemy') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_check_imports_no_heavy_library() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from gateway.cli.main import cli; "
        "r = CliRunner().invoke(cli, ['check', '-c', 'config/demo.yaml']); "
        "heavy = ('presidio_analyzer', 'litellm', 'detect_secrets', 'sqlalchemy', 'starlette'); "
        "print(r.exit_code, [m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "0 []"


def test_a_command_that_is_not_there_is_a_usage_error() -> None:
    result = CliRunner().invoke(cli, ["srve"])
    assert result.exit_code == 2


def test_a_command_whose_file_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(main.COMMANDS, "later", ("gateway.cli.later:later_command", "Later."))
    result = CliRunner().invoke(cli, ["later"])
    assert result.exit_code == 1
    assert "'later' is not part of this build" in result.output


def test_a_command_that_is_no_command_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(main.COMMANDS, "odd", ("gateway.cli.main:COMMANDS", "Odd."))
    with pytest.raises(TypeError, match="is not a click command"):
        LazyGroup().get_command(click.Context(cli), "odd")


def test_a_name_that_two_packages_take_is_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise RegistryError("guard 'x' is defined twice")

    monkeypatch.setattr(main, "cli", refuse)
    with pytest.raises(SystemExit) as caught:
        main.main()
    assert caught.value.code == 2
    assert "guard 'x' is defined twice" in capsys.readouterr().err


def test_other_failures_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(main, "cli", fail)
    with pytest.raises(RuntimeError):
        main.main()
