"""``GET /v1/models`` and ``GET /v1/models/{id}``."""

from collections.abc import Iterable

from gateway.core.segments import Json


def model_object(name: str, created: int) -> Json:
    return {"id": name, "object": "model", "created": created, "owned_by": "gatehouse"}


def model_list(names: Iterable[str], created: int) -> Json:
    return {"object": "list", "data": [model_object(name, created) for name in sorted(names)]}
