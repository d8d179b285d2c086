from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.app.catalog import provider_registry, stage_registry
from gateway.core.exchange import Target
from gateway.schema.problems import ConfigError
from gateway.schema.site import Site, load_site

GATEWAY = """version: 1
providers:
  openai: {use: openai_compatible, optional: true, base_url: "https://x/v1", api_key: "${KEY:-}"}
  local: {use: extractive}
models:
  assistant: {pipeline: chat, policy: open, targets: [openai/gpt, local/handbook]}
policies_dir: policies
pipelines_dir: pipelines
tenants: tenants.yaml
stores: {var: var}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "gateway.yaml": GATEWAY,
        "tenants.yaml": "version: 1\ntenants: {default: {roles: [support]}}\n",
        "policies/open.yaml": "version: 1\n",
        "pipelines/chat.yaml": "version: 1\nstages: [{use: audit}, {use: auth}, {use: generate}]\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def site(folder: Path, environ: Mapping[str, str] | None = None) -> Site:
    registries = stage_registry(), provider_registry()
    return load_site(folder / "gateway.yaml", *registries, environ=environ or {})


def problems(folder: Path, old: str, new: str, file: str = "gateway.yaml") -> list[str]:
    path = folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ConfigError) as caught:
        site(folder)
    return [f"{p.line}:{p.column} {p.message} | {p.hint}" for p in caught.value.problems]


def test_paths_are_relative_to_the_gateway_file(folder: Path) -> None:
    read = site(folder)
    assert read.config.stores.file(Path("keys.db")) == folder.resolve() / "var" / "keys.db"
    assert read.watched == (
        folder.resolve() / "policies",
        folder.resolve() / "pipelines",
        folder.resolve() / "tenants.yaml",
    )


def test_an_optional_provider_without_a_key_is_left_out(folder: Path) -> None:
    read = site(folder)
    assert read.left_out == {"openai"}
    assert read.models["assistant"].targets == (Target("local", "handbook"),)


def test_an_optional_provider_with_a_key_comes_first(folder: Path) -> None:
    read = site(folder, {"KEY": "sk-1"})
    assert read.models["assistant"].targets[0] == Target("openai", "gpt")
    options = read.providers["openai"].options.model_dump()
    assert options["api_key"] == SecretStr("sk-1")


def test_a_key_of_digits_alone_is_still_text(folder: Path) -> None:
    old = next(line for line in GATEWAY.splitlines(keepends=True) if "openai:" in line)
    new = "  openai:\n    use: openai_compatible\n    base_url: https://x/v1\n    api_key: ${KEY}\n"
    (folder / "gateway.yaml").write_text(GATEWAY.replace(old, new))
    options = site(folder, {"KEY": "0123"}).providers["openai"].options.model_dump()
    assert options["api_key"] == SecretStr("0123")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("pipeline: chat", "pipeline: chatt", "6:25 there is no pipeline 'chatt' | did you mean"),
        ("policy: open", "policy: opne", "6:39 there is no policy 'opne' | did you mean 'open'?"),
        ("local/handbook", "lokal/x", "6:67 there is no provider 'lokal' | did you mean 'local'?"),
        ("local/handbook", "local", "6:67 'local' is not a target | write provider/model"),
        (", local/handbook", "", "6:54 every provider of this model is optional and has no API"),
        ("use: extractive", "use: extractiv", "4:16 there is no provider adapter 'extractiv'"),
        ("use: extractive", "uses: extractive", "4:3 the key 'use' is missing"),
        ("use: extractive", "use: extractive, x: 1", "4:28 unknown key 'x'"),
        ("var: var", "vra: var", "10:10 unknown key 'vra' | did you mean 'var'?"),
        ("policies_dir: policies", "policies_dir: nowhere", "7:15 there is no folder"),
        ("tenants: tenants.yaml", "tenants: no.yaml", "0:0 there is no such file"),
        ("version: 1", "version: 2", "1:10 'version' must be 1, not 2"),
        ("${KEY:-}", "${KEY}", "3:87 the environment variable KEY is not set"),
        ("version: 1", "version: 1\nserver: {port: 99999}", "2:16 'port' should be less than"),
        (
            "version: 1",
            "version: 1\ndemo_keys: [{name: a, roles: [finance]}]",
            "2:30 the tenant 'default' has no role 'finance'",
        ),
        (
            "stores: {var: var}",
            "stores: {knowledge: {ingest: [{path: nowhere, tenant: acme}]}}",
            "10:38 there is no",
        ),
    ],
)
def test_a_mistake_is_shown_at_its_place(folder: Path, old: str, new: str, expected: str) -> None:
    shown = problems(folder, old, new)
    assert any(line.startswith(expected) for line in shown), shown


def test_problems_of_all_files_are_shown_at_once(folder: Path) -> None:
    (folder / "tenants.yaml").write_text("version: 1\ntenants: {a: {rolls: []}}\n")
    (folder / "policies" / "broken.yaml").write_text("a: [")
    (folder / "pipelines" / "chat.yaml").write_text("version: 1\nstages: [{use: nothing}]\n")
    shown = problems(folder, "local/handbook", "lokal/handbook")
    assert len(shown) == 4


def test_secrets_are_not_repeated_in_problems(folder: Path) -> None:
    path = folder / "gateway.yaml"
    path.write_text(path.read_text().replace("version: 1", "version: ${KEY}"))
    with pytest.raises(ConfigError) as caught:
        site(folder, {"KEY": "sk-very-secret"})
    assert "sk-very-secret" not in str(caught.value)
