"""What a gateway does before it serves: demo keys, and the refusal to show them to the network."""

import json
from pathlib import Path

import pytest

from gateway.app.server import is_loopback, open_gateway
from gateway.schema.problems import ConfigError
from gateway.testing.site import SiteFolder


def demo_site(folder: Path, *, demo: bool = True) -> Path:
    site = SiteFolder(folder)
    site.pipeline([{"use": "audit"}, {"use": "auth"}, {"use": "generate"}])
    site.policy()
    site.write(upstream="http://127.0.0.1:9/v1", models=["m"])
    config = json.loads(site.config.read_text())
    config["demo"] = demo
    config["demo_keys"] = [{"name": "customer", "roles": ["customer"]}] if demo else []
    site.config.write_text(json.dumps(config))
    return site.config


def test_demo_keys_are_private_and_stay_the_same(tmp_path: Path) -> None:
    config = demo_site(tmp_path)
    first = open_gateway(config).demo
    second = open_gateway(config).demo
    assert first is not None
    assert second is not None
    assert first.keys == second.keys
    assert first.keys["customer"].startswith("sk-")
    assert first.path.stat().st_mode & 0o777 == 0o600
    stored = (tmp_path / "var" / "keys.db").read_bytes()
    assert first.keys["customer"].encode() not in stored


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_demo_keys_are_not_shown_to_the_network(tmp_path: Path, host: str) -> None:
    config = demo_site(tmp_path)
    with pytest.raises(ConfigError, match="refusing to listen"):
        open_gateway(config, host=host)


def test_demo_keys_of_an_earlier_demo_are_remembered(tmp_path: Path) -> None:
    open_gateway(demo_site(tmp_path))
    config = demo_site(tmp_path, demo=False)
    with pytest.raises(ConfigError, match="demo: customer"):
        open_gateway(config, host="0.0.0.0")
    assert open_gateway(config).demo is None


def test_a_weak_pepper_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_KEY_PEPPER", "short")
    with pytest.raises(ConfigError, match="at least 16"):
        open_gateway(demo_site(tmp_path))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False),
     ("10.1.2.3", False), ("", False)],
)  # fmt: skip
def test_only_loopback_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
