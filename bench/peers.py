"""The peers, installed from their registries into ``bench/.peers`` and set up as a user would."""

import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parent / ".peers"
LITELLM = HOME / "litellm" / "bin" / "litellm"
PORTKEY = HOME / "portkey/node_modules/@portkey-ai/gateway/build/start-server.js"
_PATIENCE = 900

# Streams of 1.15.2 answer 500 on later releases of this library (its issue 1389).
_PORTKEY_PACKAGE = """\
{"name": "peer", "private": true, "overrides": {"@hono/node-server": "1.13.8"}}
"""


class Unavailable(Exception):
    """A contestant that cannot run here; the message says why."""


def install_litellm() -> None:
    """Puts ``litellm[proxy]`` into an environment of its own, once. Raises Unavailable."""
    if LITELLM.exists():
        return
    place = LITELLM.parent.parent
    uv = shutil.which("uv")
    print("installing LiteLLM proxy (once) ...", file=sys.stderr)
    if uv:
        _call([uv, "venv", "-q", "--clear", "--python", sys.executable, str(place)])
        python = str(place / "bin" / "python")
        _call(
            [uv, "pip", "install", "-q", "--compile-bytecode", "--python", python, "litellm[proxy]"]
        )
    else:
        _call([sys.executable, "-m", "venv", "--clear", str(place)])
        _call([str(place / "bin" / "python"), "-m", "pip", "install", "-q", "litellm[proxy]"])
    if not LITELLM.exists():
        raise Unavailable("litellm[proxy] was installed but brought no `litellm` command")


def install_portkey() -> None:
    """Puts ``@portkey-ai/gateway`` into a folder of its own, once. Raises Unavailable."""
    if shutil.which("node") is None:
        raise Unavailable("needs Node (Debian: apt-get install nodejs npm)")
    if PORTKEY.exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("needs npm (Debian: apt-get install npm)")
    place = HOME / "portkey"
    place.mkdir(parents=True, exist_ok=True)
    (place / "package.json").write_text(_PORTKEY_PACKAGE)
    print("installing Portkey gateway (once) ...", file=sys.stderr)
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    _call([npm, "install", *quiet, "--prefix", str(place), "@portkey-ai/gateway"])
    if not PORTKEY.exists():
        raise Unavailable("@portkey-ai/gateway was installed but has no build/start-server.js")


def find_wrk() -> str | None:
    """The path of wrk; installed from Debian's packages where that is possible without asking."""
    found = shutil.which("wrk")
    if found is None and sys.platform == "linux" and shutil.which("apt-get"):
        try:
            _call(["apt-get", "install", "-y", "-q", "wrk"])
        except Unavailable as reason:
            print(f"wrk is not to be had, using bench.client: {reason}", file=sys.stderr)
        found = shutil.which("wrk")
    return found


def versions() -> dict[str, str]:
    """The versions of the peers that are installed."""
    found = {}
    for folder in LITELLM.parent.parent.glob("lib/python*/site-packages/litellm-*.dist-info"):
        found["litellm"] = folder.name.removeprefix("litellm-").removesuffix(".dist-info")
    package = PORTKEY.parent.parent / "package.json"
    if package.exists():
        for line in package.read_text().splitlines():
            if line.strip().startswith('"version"'):
                found["portkey"] = line.split('"')[3]
    return found


def _call(command: list[str]) -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]} failed: {error}") from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Unavailable(f"{Path(command[0]).name} failed: {lines[-1] if lines else 'no output'}")
