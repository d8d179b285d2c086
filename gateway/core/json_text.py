"""JSON texts that guards read and policies rewrite: the arguments of tool calls."""

import json
import re

import orjson

_NONE = object()
_STANDS_FOR = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


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


def without_escapes(text: str) -> str:
    """JSON text of the same length with what its escapes stand for, each behind a blank, so that a
    guard does not take the letter of ``\\n`` for the start of a name.

    Text without escapes, or that is not JSON, comes back as it is.
    """
    if "\\" not in text or not is_json(text):
        return text
    return _ESCAPE.sub(lambda escape: f" {_STANDS_FOR.get(escape[1], escape[1])}", text)


def past_escape(text: str, at: int) -> int:
    """``at``, or the place after it when it is the letter of an escape such as ``\\n``."""
    before = at
    while before > 0 and text[before - 1] == "\\":
        before -= 1
    return at + (at - before) % 2


def unquoted(text: str) -> str:
    """What a piece of a JSON string says. One that is cut inside an escape says what it reads."""
    if "\\" not in text:
        return text
    said = _read(f'"{text}"')
    return said if isinstance(said, str) else text


def quoted(text: str) -> str:
    """The text as it is written inside a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
