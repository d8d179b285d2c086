"""The texts of a request to Anthropic's Messages API: where they stand and whose they are."""

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.core.errors import BadRequest
from gateway.core.json_text import unescaped_json
from gateway.core.segments import Json, Origin, Path, Segment
from gateway.wire.checks import (
    check_count,
    check_integer,
    check_model,
    check_stream,
    check_texts,
)
from gateway.wire.limits import RequestLimits
from gateway.wire.texts import kind_of, strings, words_of

_ROLES = {"user": Origin.USER, "assistant": Origin.ASSISTANT, "system": Origin.SYSTEM}
CALLS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})


def validate(body: Json, limits: RequestLimits, size: int) -> None:
    """Check what the gateway itself relies on. Raises BadRequest or RequestTooLarge."""
    check_model(body)
    check_integer(body, "max_tokens", 1)
    if body.get("max_tokens") is None:
        raise BadRequest("max_tokens: Field required", param="max_tokens")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("'messages' must be a non-empty array.", param="messages")
    check_count(len(messages), "messages", limits)
    for index, message in enumerate(messages):
        where = f"messages.{index}"
        role = message.get("role") if isinstance(message, dict) else None
        if not isinstance(role, str) or role not in _ROLES:
            known = ", ".join(_ROLES)
            raise BadRequest(f"'{where}' must be an object with a role of {known}.", param=where)
        _check_content(message.get("content"), f"{where}.content")
    if body.get("system") is not None:
        _check_content(body["system"], "system")
    check_stream(body)
    if size > limits.text_characters:
        check_texts(segments(body), limits)


def _check_content(content: Any, where: str) -> None:
    if isinstance(content, str):
        return
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        raise BadRequest(f"'{where}' must be a string or an array of blocks.", param=where)


def segments(body: Json) -> list[Segment]:
    """Every text of the request that the model will see, in order."""
    found = list(_content(body.get("system"), ("system",), Origin.SYSTEM))
    for index, message in enumerate(body["messages"]):
        origin = _ROLES[message["role"]]
        found += _content(message["content"], ("messages", index, "content"), origin)
    for name in ("tools", "output_config", "output_format"):
        if body.get(name):
            found += strings(body[name], (name,))
    return found


def _content(content: Any, path: Path, origin: Origin) -> Iterator[Segment]:
    if isinstance(content, str):
        yield Segment(content, origin, path)
    elif isinstance(content, list):
        for index, block in enumerate(content):
            if isinstance(block, dict):
                yield from _block(block, (*path, index), origin)


def _block(block: Json, path: Path, origin: Origin) -> Iterator[Segment]:
    kind = kind_of(block)
    if kind in CALLS and isinstance(block.get("input"), dict):
        yield Segment(call_text(block["input"]), Origin.TOOL_CALL, (*path, "input"))
    elif kind == "tool_result":
        content = block.get("content")
        if isinstance(content, str | list):
            yield from _content(content, (*path, "content"), Origin.TOOL)
    elif kind == "document":
        yield from _document(block, path, origin)
    elif kind not in ("image", "redacted_thinking"):
        yield from words_of(block, path, origin if kind in ("text", "thinking") else Origin.TOOL)


def _document(block: Json, path: Path, origin: Origin) -> Iterator[Segment]:
    for key in ("title", "context"):
        if isinstance(block.get(key), str):
            yield Segment(block[key], origin, (*path, key))
    source = block.get("source")
    if not isinstance(source, dict):
        return
    if kind_of(source) == "text" and isinstance(source.get("data"), str):
        yield Segment(source["data"], origin, (*path, "source", "data"))
    elif kind_of(source) == "content":
        yield from _content(source.get("content"), (*path, "source", "content"), origin)


def call_text(value: Json) -> str:
    """A tool call's input as guards read it: its JSON."""
    return unescaped_json(orjson.dumps(value).decode())


def question(body: Json) -> str:
    """The text of the last user turn that has one, its blocks joined by line breaks."""
    for message in reversed(body["messages"]):
        if message["role"] == "user":
            content = message["content"]
            if isinstance(content, str):
                return content
            texts = [b["text"] for b in content if isinstance(b.get("text"), str)]
            if texts:
                return "\n".join(texts)
    return ""


def with_context(body: Json, instructions: str, context: str) -> Json:
    """See ``Dialect.with_context``: a block at the end of the system prompt, and the context as a
    block of the last user turn, after its tool results and before its own texts."""
    system = body.get("system")
    lead = [{"type": "text", "text": system}] if isinstance(system, str) and system else system
    changed = {**body, "system": [*(lead or []), {"type": "text", "text": instructions}]}
    messages = list(body["messages"])
    last = max((i for i, m in enumerate(messages) if m["role"] == "user"), default=None)
    block = {"type": "text", "text": context}
    if last is None:
        messages.append({"role": "user", "content": [block]})
    else:
        content = messages[last]["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
        place = sum(1 for b in blocks if b.get("type") == "tool_result")
        blocks.sort(key=lambda b: b.get("type") != "tool_result")
        blocks.insert(place, block)
        messages[last] = {**messages[last], "content": blocks}
    return {**changed, "messages": messages}
