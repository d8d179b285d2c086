"""JSON texts that guards read and policies rewrite: the arguments of tool calls."""

import orjson

_NONE = object()


def _read(text: str) -> object:
    try:
        return orjson.loads(text)
    except ValueError:
        return _NONE


def is_json(text: str) -> bool:
    return _read(text) is not _NONE


def fits_json(before: str, after: str) -> bool:
    """Whether a rewrite left valid JSON valid, and an object an object. Text that never was JSON
    may become anything."""
    old = _read(before)
    if old is _NONE:
        return True
    new = _read(after)
    return new is not _NONE and isinstance(new, dict) == isinstance(old, dict)


def unescaped_json(text: str) -> str:
    """JSON text without ``\\uXXXX`` and ``\\/`` escapes, so that guards read what the tool will.

    Text that is not valid JSON comes back as it is.
    """
    if "\\u" not in text and "\\/" not in text:
        return text
    try:
        return orjson.dumps(orjson.loads(text)).decode()
    except ValueError:
        return text
