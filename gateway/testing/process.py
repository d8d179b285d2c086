"""A real server process on loopback, for tests that must see what a client sees."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

_TRIPWIRE = "from gateway.testing import tripwire\n\ntripwire.install()\n"


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class ServerProcess:
    """``gatehouse serve`` in its own process, with the network tripwire armed.

    ``with ServerProcess(config, folder) as server`` waits until it is ready and ends it with
    SIGTERM. What it printed is in ``folder / "server.log"``.
    """

    def __init__(
        self,
        config: Path,
        folder: Path,
        *,
        arguments: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.port = free_port()
        self.log = folder / "server.log"
        self._folder = folder
        self._environ = dict(environ or {})
        command = Path(sys.executable).with_name("gatehouse")
        self._command = [str(command), "serve", "--config", str(config), "--port", str(self.port)]
        self._command += arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What the server has printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def start(self, seconds: float = 60.0) -> None:
        """Raises RuntimeError with the server's output when it ends or is not ready in time."""
        armed = self._folder / "armed"
        armed.mkdir(parents=True, exist_ok=True)
        armed.joinpath("sitecustomize.py").write_text(_TRIPWIRE)
        path = os.pathsep.join([str(armed), *filter(None, [os.environ.get("PYTHONPATH")])])
        environ = {**os.environ, "PYTHONPATH": path, **self._environ}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environ,
            )
        until = time.monotonic() + seconds
        while not self._ready():
            ended = self._process.poll()
            if ended is not None or time.monotonic() > until:
                self.stop()
                why = f"ended with {ended}" if ended is not None else f"not ready in {seconds} s"
                raise RuntimeError(f"gatehouse serve: {why}\n{self.output}")
            time.sleep(0.05)

    def stop(self, seconds: float = 15.0) -> int:
        """End it as an operator would, with SIGTERM; the exit status. It is killed if it stays."""
        process = self._process
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        return process.wait(5)

    def __enter__(self) -> "ServerProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=1) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
