from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from gateway.schema.gateway import GatewayKeys, ServerKeys
from gateway.schema.loader import load

ROOT = Path(__file__).parents[3]
SMALLEST: dict[str, Any] = {
    "version": 1,
    "providers": {},
    "models": {"m": {"pipeline": "p", "policy": "q", "targets": ["a/b"]}},
}


def unmentioned(model: BaseModel, data: Any, at: str = "") -> Iterator[str]:
    """Keys of a model that a file does not mention."""
    for name in type(model).model_fields:
        if name not in data:
            yield f"{at}{name}"
        elif isinstance(value := getattr(model, name), BaseModel):
            yield from unmentioned(value, data[name], f"{at}{name}.")


def test_the_annotated_reference_mentions_every_key() -> None:
    data = load(ROOT / "config" / "gateway.yaml", environ={}).data
    assert list(unmentioned(GatewayKeys.model_validate(data), data)) == []


def test_the_annotated_reference_shows_the_defaults() -> None:
    data = load(ROOT / "config" / "gateway.yaml", environ={}).data
    written, default = GatewayKeys.model_validate(data), GatewayKeys.model_validate(SMALLEST)
    for name in ("server", "stores", "recognizer", "policies_dir", "pipelines_dir", "demo"):
        assert getattr(written, name) == getattr(default, name), name


def test_an_empty_section_is_its_defaults() -> None:
    assert GatewayKeys.model_validate({**SMALLEST, "server": None}).server == ServerKeys()


@pytest.mark.parametrize(
    "change",
    [
        {"models": {}},
        {"models": {"m": {"pipeline": "p", "policy": "q", "targets": []}}},
        {"stores": {"counters": {"use": "redis"}}},
        {"server": {"limits": {"json_depth": 100_000}}},
        {"providers": {"a/b": {"use": "extractive"}}},
    ],
)
def test_what_cannot_work_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GatewayKeys.model_validate({**SMALLEST, **change})


def test_a_stores_absolute_path_does_not_move_below_var() -> None:
    stores = GatewayKeys.model_validate(SMALLEST).stores
    assert stores.file(Path("/data/keys.db")) == Path("/data/keys.db")
