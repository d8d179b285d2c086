"""Field types of the YAML files: durations, sizes, lists that may be one item, paths."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

_AMOUNT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*\Z")
_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {
    "": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9,
    "kib": 2**10, "mib": 2**20, "gib": 2**30,
}  # fmt: skip


def _seconds(value: Any) -> Any:
    return _amount(value, _SECONDS, "duration", "500ms, 2s, 5m, 1h")


def _bytes(value: Any) -> Any:
    amount = _amount(value, _BYTES, "size", "512 KiB, 10 MiB, 5MB")
    return int(amount) if isinstance(amount, float) else amount


def _amount(value: Any, units: dict[str, Any], kind: str, examples: str) -> Any:
    if not isinstance(value, str):
        return value
    parsed = _AMOUNT.match(value)
    unit = parsed.group(2) if parsed else ""
    if parsed is None or (unit.lower() not in units):
        raise PydanticCustomError(
            "amount",
            "is not a {kind}; write it like {examples}",
            {"kind": kind, "examples": examples},
        )
    return float(parsed.group(1)) * units[unit.lower()]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _resolved(value: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("base")
    return (base / value).resolve() if base is not None else value


def _amount_schema(kind: str, pattern: str) -> dict[str, Any]:
    return {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": pattern}],
            "title": kind}  # fmt: skip


Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    WithJsonSchema(_amount_schema("Duration", r"^\s*[0-9.]+\s*(ms|s|m|h|d)?\s*$")),
]
"""A duration: a number of seconds, or such as ``500ms``, ``2s``, ``1h``."""

Bytes = Annotated[
    int,
    BeforeValidator(_bytes),
    WithJsonSchema(_amount_schema("Size", r"^\s*[0-9.]+\s*([kKmMgG]?i?[bB])?\s*$")),
]
"""A size: a number of bytes, or such as ``10 MiB``."""

Names = Annotated[
    frozenset[str],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""One name or a list of names."""

ConfigPath = Annotated[Path, AfterValidator(_resolved)]
"""A path, relative to the file that says it."""
