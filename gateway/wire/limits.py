"""How large a request may be, and the checks that say so."""

from dataclasses import dataclass
from typing import Any

import orjson

from gateway.core.errors import BadRequest, RequestTooLarge
from gateway.core.segments import Json


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Upper bounds; beyond them a request is refused before any stage runs."""

    body_bytes: int = 10 * 1024 * 1024
    messages: int = 2_000
    text_characters: int = 2_000_000
    """Of any one text."""
    json_depth: int = 64


def decode(raw: bytes, limits: RequestLimits) -> Json:
    """The request body as a JSON object.

    Raises BadRequest when it is not one or is nested too deeply.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(
            f"The request body is not valid JSON: {error.msg} (line {error.lineno}, "
            f"column {error.colno})."
        ) from None
    if not isinstance(body, dict):
        raise BadRequest("The request body must be a JSON object.")
    opened = raw.count(b"{") + raw.count(b"[")  # an upper bound of the depth, and cheap
    if opened > limits.json_depth and _deeper_than(body, limits.json_depth):
        raise BadRequest(f"The request body is nested deeper than {limits.json_depth} levels.")
    return body


def check_size(size: int, limits: RequestLimits) -> None:
    """Raises RequestTooLarge when a body of ``size`` bytes is too large."""
    if size > limits.body_bytes:
        raise RequestTooLarge(
            f"The request body is larger than the limit of {limits.body_bytes} bytes."
        )


def check_text(text: str, limits: RequestLimits, param: str) -> None:
    """Raises RequestTooLarge when a text is too long."""
    if len(text) > limits.text_characters:
        raise RequestTooLarge(
            f"A text has {len(text)} characters; the limit is {limits.text_characters}.",
            param=param,
        )


def _deeper_than(body: Json, limit: int) -> bool:
    level: list[Any] = [body]
    for _ in range(limit):
        below: list[Any] = []
        for node in level:
            inner = node.values() if isinstance(node, dict) else node
            below += [child for child in inner if isinstance(child, (dict, list))]
        if not below:
            return False
        level = below
    return True
