"""The texts of a chat completion request: where they stand and whose they are."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.core.errors import BadRequest, RequestTooLarge
from gateway.core.json_text import unescaped_json
from gateway.core.segments import Json, Origin, Path, Segment
from gateway.wire.checks import check_integer, check_model, check_stream, check_texts
from gateway.wire.limits import RequestLimits
from gateway.wire.texts import strings

_ORIGINS: Mapping[str, Origin] = {
    "system": Origin.SYSTEM,
    "developer": Origin.SYSTEM,
    "user": Origin.USER,
    "assistant": Origin.ASSISTANT,
    "tool": Origin.TOOL,
    "function": Origin.TOOL,
}


def validate(body: Json, limits: RequestLimits, size: int) -> None:
    """Check what the gateway itself relies on; the rest is the provider's to judge.

    ``size`` is the body's size in bytes: no text in it can be longer. Raises BadRequest
    (``param`` names the field) or RequestTooLarge.
    """
    check_model(body)
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("'messages' must be a non-empty array.", param="messages")
    if len(messages) > limits.messages:
        raise RequestTooLarge(
            f"The request has {len(messages)} messages; the limit is {limits.messages}.",
            param="messages",
        )
    for index, message in enumerate(messages):
        _validate_message(message, index)
    check_stream(body)
    check_integer(body, "n", 1, 128)
    check_integer(body, "max_tokens")
    check_integer(body, "max_completion_tokens")
    if size > limits.text_characters:
        check_texts(segments(body), limits)


def _validate_message(message: Any, index: int) -> None:
    where = f"messages.{index}"
    if not isinstance(message, dict):
        raise BadRequest(f"'{where}' must be an object.", param=where)
    role = message.get("role")
    if not isinstance(role, str) or role not in _ORIGINS:
        known = ", ".join(_ORIGINS)
        raise BadRequest(f"'{where}.role' must be one of {known}.", param=f"{where}.role")
    content = message.get("content")
    if content is not None and not isinstance(content, str | list):
        raise BadRequest(
            f"'{where}.content' must be a string or an array of parts.", param=f"{where}.content"
        )
    if isinstance(content, list) and not all(isinstance(part, dict) for part in content):
        raise BadRequest(f"'{where}.content' must hold objects only.", param=f"{where}.content")


def segments(body: Json) -> list[Segment]:
    """Every text of the request that the model will see, in order."""
    found: list[Segment] = []
    for index, message in enumerate(body["messages"]):
        found += _message(message, ("messages", index))
    if len(body) > 2:
        for name in ("tools", "functions", "response_format", "prediction"):
            value = body.get(name)
            if value:
                found += strings(value, (name,))
    return found


def _message(message: Json, path: Path) -> Iterator[Segment]:
    origin = _ORIGINS[message["role"]]
    content = message.get("content")
    if isinstance(content, str):
        yield Segment(content, origin, (*path, "content"))
    elif content:
        for index, part in enumerate(content):
            for key in ("text", "refusal"):
                if isinstance(part.get(key), str):
                    yield Segment(part[key], origin, (*path, "content", index, key))
    if len(message) == 2:
        return
    for key in ("name", "refusal", "reasoning_content", "reasoning"):
        if isinstance(message.get(key), str):
            yield Segment(message[key], origin, (*path, key))
    yield from _calls(message, path)


def _calls(message: Json, path: Path) -> Iterator[Segment]:
    call = message.get("function_call")
    if isinstance(call, dict) and isinstance(call.get("arguments"), str):
        place = (*path, "function_call", "arguments")
        yield Segment(unescaped_json(call["arguments"]), Origin.TOOL_CALL, place)
    calls = message.get("tool_calls")
    for index, call in enumerate(calls if isinstance(calls, list) else ()):
        for kind, key in (("function", "arguments"), ("custom", "input")):
            inner = call.get(kind) if isinstance(call, dict) else None
            if isinstance(inner, dict) and isinstance(inner.get(key), str):
                place = (*path, "tool_calls", index, kind, key)
                yield Segment(unescaped_json(inner[key]), Origin.TOOL_CALL, place)


def question(body: Json) -> str:
    """The text of the last user message, its text parts joined by line breaks."""
    for message in reversed(body["messages"]):
        if message.get("role") == "user":
            content = message.get("content")
            if isinstance(content, str):
                return content
            parts = content if isinstance(content, list) else []
            return "\n".join(p["text"] for p in parts if isinstance(p.get("text"), str))
    return ""


def with_context(body: Json, instructions: str, context: str) -> Json:
    """See ``Dialect.with_context``: a system message after the client's own leading ones, and the
    context as a user message right before the question."""
    messages = list(body["messages"])
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in ("system", "developer"):
        lead += 1
    last = max(
        (i for i, message in enumerate(messages) if message["role"] == "user"),
        default=len(messages),
    )
    messages.insert(last, {"role": "user", "content": context})
    messages.insert(lead, {"role": "system", "content": instructions})
    return {**body, "messages": messages}
