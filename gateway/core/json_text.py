"""JSON texts that guards read and policies rewrite: the arguments of tool calls."""

import orjson


def is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


def fits_json(before: str, after: str) -> bool:
    """Whether a rewrite left valid JSON valid. Text that never was JSON may become anything."""
    return is_json(after) or not is_json(before)


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
