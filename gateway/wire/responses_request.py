"""The texts of a request to OpenAI's Responses API: where they stand and whose they are."""

from collections.abc import Iterator
from typing import Any

from gateway.core.errors import BadRequest
from gateway.core.json_text import unescaped_json
from gateway.core.segments import Json, Origin, Path, Segment
from gateway.wire.checks import (
    check_count,
    check_integer,
    check_model,
    check_stream,
    check_string,
    check_texts,
)
from gateway.wire.limits import RequestLimits
from gateway.wire.texts import kind_of, strings, words_of

ROLES = {
    "user": Origin.USER,
    "assistant": Origin.ASSISTANT,
    "system": Origin.SYSTEM,
    "developer": Origin.SYSTEM,
}
CALLS = {"function_call": "arguments", "custom_tool_call": "input", "mcp_call": "arguments"}
"""Where the text of a tool call stands, by the item's type."""
_MEDIA = frozenset({"input_image", "input_audio", "input_file"})
_SECRET = frozenset({"authorization", "headers", "server_url"})


def validate(body: Json, limits: RequestLimits, size: int) -> None:
    """Check what the gateway itself relies on. Raises BadRequest or RequestTooLarge."""
    check_model(body)
    given = body.get("input")
    if isinstance(given, list):
        check_count(len(given), "input", limits)
        for index, item in enumerate(given):
            _check_item(item, f"input.{index}")
    elif not isinstance(given, str):
        raise BadRequest("'input' must be a string or an array of items.", param="input")
    for name in ("instructions", "previous_response_id"):
        check_string(body, name)
    check_stream(body)
    check_integer(body, "max_output_tokens", 1)
    if body.get("background"):
        raise BadRequest(
            "This gateway does not keep responses, so 'background' cannot be true.",
            param="background",
        )
    if size > limits.text_characters:
        check_texts(segments(body), limits)


def _check_item(item: Any, where: str) -> None:
    if not isinstance(item, dict):
        raise BadRequest(f"'{where}' must be an object.", param=where)
    if not is_message(item):
        if not isinstance(item.get("type"), str):
            raise BadRequest(f"'{where}' must have a type or a role.", param=where)
        return
    role = item.get("role")
    if not isinstance(role, str) or role not in ROLES:
        known = ", ".join(ROLES)
        raise BadRequest(f"'{where}.role' must be one of {known}.", param=f"{where}.role")
    content = item.get("content")
    if isinstance(content, str):
        return
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise BadRequest(
            f"'{where}.content' must be a string or an array of parts.", param=f"{where}.content"
        )


def is_message(item: Json) -> bool:
    """Whether an item is a message: its type may be left out."""
    return item.get("type") == "message" or (item.get("type") is None and "role" in item)


def segments(body: Json) -> list[Segment]:
    """Every text of the request that the model will see, in order."""
    found: list[Segment] = []
    if isinstance(body.get("instructions"), str):
        found.append(Segment(body["instructions"], Origin.SYSTEM, ("instructions",)))
    given = body["input"]
    if isinstance(given, str):
        found.append(Segment(given, Origin.USER, ("input",)))
    else:
        for index, item in enumerate(given):
            found += _item(item, ("input", index))
    if len(body) > 2:
        tools = body.get("tools")
        for index, tool in enumerate(tools if isinstance(tools, list) else ()):
            if isinstance(tool, dict):
                seen = {key: value for key, value in tool.items() if key not in _SECRET}
                found += strings(seen, ("tools", index))
        for name in ("text", "prompt"):
            if isinstance(body.get(name), dict):
                found += strings(body[name], (name,))
    return found


def _item(item: Json, path: Path) -> Iterator[Segment]:
    kind = kind_of(item)
    if is_message(item):
        yield from _content(item["content"], (*path, "content"), ROLES[item["role"]])
    elif kind in CALLS and isinstance(item.get(CALLS[kind]), str):
        key = CALLS[kind]
        yield Segment(unescaped_json(item[key]), Origin.TOOL_CALL, (*path, key))
        rest = {k: v for k, v in item.items() if k != key}
        yield from words_of(rest, path, Origin.TOOL)
    elif kind == "reasoning":
        yield from words_of(item, path, Origin.ASSISTANT)
    elif isinstance(item.get("output"), str | list):
        yield from _content(item["output"], (*path, "output"), Origin.TOOL)
    elif kind not in ("item_reference", "image_generation_call"):
        yield from words_of(item, path, Origin.TOOL)


def _content(content: str | list[Any], path: Path, origin: Origin) -> Iterator[Segment]:
    if isinstance(content, str):
        yield Segment(content, origin, path)
        return
    for index, part in enumerate(content):
        if isinstance(part, dict) and kind_of(part) in _MEDIA:
            if isinstance(part.get("filename"), str):
                yield Segment(part["filename"], origin, (*path, index, "filename"))
        else:
            yield from words_of(part, (*path, index), origin)


def question(body: Json) -> str:
    """The text of the last user message, its text parts joined by line breaks."""
    given = body["input"]
    if isinstance(given, str):
        return given
    for item in reversed(given):
        if is_message(item) and item["role"] == "user":
            content = item["content"]
            if isinstance(content, str):
                return content
            return "\n".join(p["text"] for p in content if isinstance(p.get("text"), str))
    return ""


def with_context(body: Json, instructions: str, context: str) -> Json:
    """See ``Dialect.with_context``: as items, since ``instructions`` come back in the answer."""
    given = body["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else list(given)
    lead = 0
    while lead < len(items) and items[lead].get("role") in ("system", "developer"):
        lead += 1
    asked = [i for i, item in enumerate(items) if is_message(item) and item["role"] == "user"]
    items.insert(asked[-1] if asked else len(items), {"role": "user", "content": context})
    items.insert(lead, {"role": "system", "content": instructions})
    return {**body, "input": items}
