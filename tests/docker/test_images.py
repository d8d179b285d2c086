"""The container files, checked as far as that goes without an engine."""

import fnmatch
import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"[a-z0-9./-]+:\d+\.\d+\.\d+[a-z0-9.-]*$")


def _instructions() -> list[tuple[str, str]]:
    text = (ROOT / "docker" / "Dockerfile").read_text()
    joined = re.sub(r"\\\n", " ", text)
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1].strip()) for line in lines]


def _compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker" / "compose.yaml")
    return loaded


def _last_stage() -> list[tuple[str, str]]:
    made = _instructions()
    last = max(index for index, (word, _) in enumerate(made) if word == "FROM")
    return made[last:]


def test_images_are_pinned() -> None:
    for word, rest in _instructions():
        if word == "FROM":
            assert PINNED.match(rest.split(" AS ")[0]), rest


def test_it_runs_as_nobody_special() -> None:
    users = [rest for word, rest in _last_stage() if word == "USER"]
    assert users
    assert all(user.split(":")[0] not in ("root", "0") for user in users)


def test_health_is_asked_without_further_tools() -> None:
    (check,) = [rest for word, rest in _last_stage() if word == "HEALTHCHECK"]
    command = json.loads(check[check.index("[") :])
    assert command[0] == "python"
    compile(command[2], "healthcheck", "exec")
    assert "/healthz" in command[2]


def _copied() -> list[str]:
    sources: list[str] = []
    for word, rest in _instructions():
        if word == "COPY" and not rest.startswith("--from"):
            sources += rest.split()[:-1]
    return sources


@pytest.mark.parametrize("source", _copied())
def test_what_is_copied_exists_and_is_not_ignored(source: str) -> None:
    assert (ROOT / source).exists()
    kept = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    ]
    assert any(fnmatch.fnmatch(source, pattern) for pattern in kept)


def test_every_service_is_pinned_and_says_whether_it_is_well() -> None:
    services = _compose()["services"]
    assert set(services) == {"gateway", "redis", "weaviate"}
    for name, service in services.items():
        assert PINNED.match(service["image"]), service["image"]
        if name != "gateway":  # its image has one of its own
            assert service["healthcheck"]["test"][0] == "CMD"


def test_the_gateway_is_published_on_loopback_only() -> None:
    for port in _compose()["services"]["gateway"]["ports"]:
        assert port.startswith("127.0.0.1:")


def test_mounted_folders_and_volumes_exist() -> None:
    compose = _compose()
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / "docker" / source).resolve().exists()
            else:
                assert source in compose["volumes"]
