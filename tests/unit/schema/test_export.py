from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gateway.app.catalog import guard_registry, provider_registry, stage_registry
from gateway.schema.export import schemas
from gateway.schema.loader import load, yaml_files

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return schemas(stage_registry(), guard_registry(), provider_registry())


def valid(schema: Any, data: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(schema).is_valid(data)


def test_the_schemas_are_schemas(made: dict[str, Any]) -> None:
    for schema in made.values():
        jsonschema_rs.meta.validate(schema)


def test_every_shipped_file_fits_its_schema(made: dict[str, Any]) -> None:
    files = [
        *(("policy.json", path) for path in yaml_files(ROOT / "policies").values()),
        *(("pipeline.json", path) for path in yaml_files(ROOT / "pipelines").values()),
        ("gateway.json", ROOT / "config" / "gateway.yaml"),
        ("gateway.json", ROOT / "config" / "demo.yaml"),
        ("tenants.json", ROOT / "config" / "tenants.yaml"),
    ]
    for name, path in files:
        data = load(path, placeholders=False).data
        problems = list(jsonschema_rs.Draft202012Validator(made[name]).iter_errors(data))
        assert problems == [], path


@pytest.mark.parametrize(
    "rule",
    [
        {"id": "a", "guard": "length", "then": "block", "max_charactersx": 1},
        {"id": "a", "guard": "length"},
        {"id": "a", "guard": "nothing", "then": "block"},
        {"id": "a", "guard": "length", "then": "review"},
        {"guard": "length", "then": "block"},
    ],
)
def test_a_wrong_rule_does_not_fit(made: dict[str, Any], rule: dict[str, Any]) -> None:
    assert not valid(made["policy.json"], {"version": 1, "layers": {"input": [rule]}})


@pytest.mark.parametrize("rule", [{"id": "a", "threshold": 0.1}, {"id": "a", "mode": "off"}])
def test_a_change_of_an_inherited_rule_fits(made: dict[str, Any], rule: dict[str, Any]) -> None:
    assert valid(made["policy.json"], {"version": 1, "layers": {"input": [rule]}})


def test_options_are_those_of_the_stage(made: dict[str, Any]) -> None:
    def fits(step: dict[str, Any]) -> bool:
        return valid(made["pipeline.json"], {"version": 1, "stages": [step]})

    assert fits({"use": "guard", "with": {"layer": "input"}})
    assert not fits({"use": "guard"})
    assert not fits({"use": "audit", "with": {"layer": "input"}})


def test_a_number_may_be_a_placeholder(made: dict[str, Any]) -> None:
    server = made["gateway.json"]["$defs"]["ServerKeys"]
    assert valid({**server, "$defs": made["gateway.json"]["$defs"]}, {"port": "${PORT:-1}"})
    assert not valid({**server, "$defs": made["gateway.json"]["$defs"]}, {"port": "many"})
