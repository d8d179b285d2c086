"""``gatehouse serve``: run the gateway."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gateway.app.server import Gateway


@click.command("serve")
@click.option(
    "--config",
    "-c",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path("config/gateway.yaml"),
    show_default=True,
    help="The gateway file.",
)
@click.option("--host", default=None, help="Address to listen on, instead of the file's.")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port, likewise.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="How much to log, on stderr.",
)
def serve_command(config: Path, host: str | None, port: int | None, log_level: str) -> None:
    """Run the gateway until it is told to stop (Ctrl-C or SIGTERM drains it).

    \b
    Examples:
      gatehouse serve --config config/demo.yaml
      gatehouse serve -c /etc/gatehouse/gateway.yaml --host 0.0.0.0 --port 80
    """
    logging.basicConfig(
        level=log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    import gc

    import uvloop

    from gateway.app.server import open_gateway
    from gateway.schema.problems import ConfigError

    try:
        gateway = open_gateway(config, host=host, port=port)
    except ConfigError as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from None
    gc.collect()
    gc.freeze()  # what start-up made lives as long as the process: no need to look at it again
    gc.set_threshold(20_000, 20, 20)  # requests leave few cycles behind: look for them less often
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(gateway.serve(_announce))


def _announce(gateway: "Gateway") -> None:
    """Say where it listens, and in the demo how to use it."""
    url = f"http://{_bracketed(gateway.host)}:{gateway.port}"
    if gateway.demo is None:
        click.echo(f"Gatehouse answers on {url}/v1", err=True)
        return
    from gateway.cli.welcome import welcome

    click.echo(welcome(url, gateway.demo, sorted(gateway.live.runtime.models)))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
