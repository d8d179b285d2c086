"""Texts that stand anywhere inside a JSON value."""

from collections.abc import Iterator
from typing import Any

from gateway.core.segments import Origin, Path, Segment

_SCHEMA_WORDS = frozenset({"type", "format", "$ref", "$schema", "pattern", "required"})


_OPAQUE = frozenset(
    {
        "type", "id", "call_id", "tool_use_id", "item_id", "container_id", "file_id", "status",
        "role", "object", "signature", "data", "encrypted_content", "encrypted_index", "media_type",
        "mime_type", "format", "detail", "image_url", "file_data", "fingerprint", "caller",
    }
)  # fmt: skip
"""Fields of content that hold no words: names of kinds, ids, ciphers and pictures."""


def kind_of(value: Any) -> str:
    """The ``type`` of an object; '' when it has none that is a string."""
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


def strings(
    value: Any, path: Path, origin: Origin = Origin.SYSTEM, skip: frozenset[str] = _SCHEMA_WORDS
) -> Iterator[Segment]:
    """The string leaves of ``value``; by default of what the developer tells the model besides the
    messages, such as tools and schemas."""
    if isinstance(value, str):
        yield Segment(value, origin, path)
    elif isinstance(value, dict):
        for key, child in value.items():
            if key not in skip:
                yield from strings(child, (*path, key), origin, skip)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from strings(child, (*path, index), origin, skip)


def words_of(value: Any, path: Path, origin: Origin) -> Iterator[Segment]:
    """The string leaves of a piece of content whose kind is not known here, all that could be
    words: nothing passes unseen because it is new."""
    return strings(value, path, origin, _OPAQUE)
