"""The README's snippets, run as they stand against the demo."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.testing.process import ServerProcess
from tests.sdk.environments import CLIENTS, NODE_PROJECT, Unavailable

ROOT = Path(__file__).parents[2]
SNIPPET = re.compile(r"<!-- run: (\w+) -->\n```\w+\n(.*?)```", re.DOTALL)
SNIPPETS = dict(SNIPPET.findall((ROOT / "README.md").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, str]]:
    folder = tmp_path_factory.mktemp("demo")
    for part in ("config", "policies", "pipelines"):
        shutil.copytree(ROOT / part, folder / part)
    offline = {"OPENAI_API_KEY": ""}
    config = folder / "config" / "demo.yaml"
    with ServerProcess(config, folder, environ=offline) as server:
        keys = json.loads((folder / "var" / "demo-keys.json").read_text())
        yield server, keys["customer"]


def _run(language: str, demo: tuple[ServerProcess, str]) -> str:
    server, key = demo
    text = SNIPPETS[language].replace("http://127.0.0.1:8080", server.url)
    by_name = {client.name: client for client in CLIENTS}
    try:
        command = {
            "sh": lambda: ["sh", "-eu", "-c", text],
            "python": lambda: [by_name["python3"].command()[0], "-c", text],
            "node": lambda: [by_name["node"].command()[0], "--input-type=module", "-e", text],
        }[language]()
    except Unavailable as why:
        pytest.skip(f"SUITE NOT RUN: README snippets in {language}: {why}")
    done = subprocess.run(
        command,
        cwd=NODE_PROJECT,
        env={**os.environ, "GATEHOUSE_KEY": key},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl_gets_a_cited_answer(demo: tuple[ServerProcess, str]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("SUITE NOT RUN: README snippets in sh: no curl on this machine")
    message = json.loads(_run("sh", demo))["choices"][0]["message"]
    assert "30 days" in message["content"]
    assert message["context"]["citations"][0]["title"] == "Refund policy"


def test_python_gets_an_answer_an_abstention_and_a_refusal(
    demo: tuple[ServerProcess, str],
) -> None:
    *answer, abstained, refused = _run("python", demo).strip().splitlines()
    assert "30 days" in " ".join(answer)
    assert abstained == "I don't know based on the available knowledge."
    assert refused == "content_filter"


def test_node_streams_an_answer(demo: tuple[ServerProcess, str]) -> None:
    assert "30 days" in _run("node", demo)
