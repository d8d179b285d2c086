"""Texts that stand anywhere inside a JSON value."""

from collections.abc import Iterator
from typing import Any

from gateway.core.segments import Origin, Path, Segment

_SCHEMA_WORDS = frozenset({"type", "format", "$ref", "$schema", "pattern", "required"})


def strings(value: Any, path: Path, origin: Origin = Origin.SYSTEM) -> Iterator[Segment]:
    """The string leaves of ``value``; by default of what the developer tells the model besides the
    messages, such as tools and schemas."""
    if isinstance(value, str):
        yield Segment(value, origin, path)
    elif isinstance(value, dict):
        for key, child in value.items():
            if key not in _SCHEMA_WORDS:
                yield from strings(child, (*path, key), origin)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from strings(child, (*path, index), origin)
