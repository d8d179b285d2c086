"""Anthropic's Messages API for models that speak only chat completions."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import orjson

from gateway.core.errors import BadRequest
from gateway.core.reply import Frame
from gateway.core.segments import Json
from gateway.wire.bridged import call_parts, translated
from gateway.wire.messages_reply import STOPS, message_end
from gateway.wire.texts import kind_of

_SAME = ("model", "temperature", "top_p", "stream")
_KINDS = {"reasoning": ("thinking", "thinking"), "content": ("text", "text")}
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


class MessagesBridge:
    """Implements ``gateway.core.dialect.Bridge``.

    What chat completions have no word for is left out where the answer means the same without it
    (``top_k``, ``thinking``, cache marks) and refused where it does not (tools that the provider
    runs).
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id

    def request(self, body: Json) -> Json:
        """See ``Bridge.request``."""
        chat: Json = {key: body[key] for key in _SAME if body.get(key) is not None}
        chat["messages"] = [
            *_system(body.get("system")),
            *(m for index, given in enumerate(body["messages"]) for m in _turn(given, index)),
        ]
        chat["max_completion_tokens"] = body["max_tokens"]
        if body.get("stream"):
            chat["stream_options"] = {"include_usage": True}
        if body.get("stop_sequences"):
            chat["stop"] = body["stop_sequences"]
        metadata = body.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("user_id"), str):
            chat["user"] = metadata["user_id"]
        if body.get("tools"):
            chat["tools"] = [_tool(tool, i) for i, tool in enumerate(_listed(body, "tools"))]
            chat |= _tool_choice(body.get("tool_choice"))
        schema = _schema(body)
        return {**chat, "response_format": schema} if schema else chat

    def frames(self, frames: AsyncIterator[Frame], body: Json) -> AsyncIterator[Frame]:
        """See ``Bridge.frames``."""
        writer = MessagesWriter(self._new_id(), str(body.get("model")))
        return translated(frames, writer, stream=bool(body.get("stream")))


class MessagesWriter:
    """Writes one answer as a message. See ``gateway.wire.bridged.Writer``."""

    def __init__(self, id: str, model: str) -> None:
        self._message: Json = {
            "id": id,
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        }
        self._blocks: list[Json] = []
        self._texts: list[list[str]] = []
        self._open: int | None = None
        self._calls: dict[int, int] = {}

    def start(self) -> list[Json]:
        return [{"type": "message_start", "message": {**self._message, "content": []}}]

    def say(self, kind: str, text: str) -> list[Json]:
        name, key = _KINDS.get(kind, _KINDS["content"])
        events: list[Json] = []
        if self._open is None or self._blocks[self._open]["type"] != name:
            signed = {"signature": ""} if name == "thinking" else {}
            events = [*self._close(), self._begin({"type": name, key: "", **signed})]
            self._open = len(self._blocks) - 1
        index = len(self._blocks) - 1 if self._open is None else self._open
        self._texts[index].append(text)
        delta = {"type": f"{name}_delta", key: text}
        return [*events, {"type": "content_block_delta", "index": index, "delta": delta}]

    def call(self, number: int, call: Json) -> list[Json]:
        id, name, arguments = call_parts(call)
        events: list[Json] = []
        if number not in self._calls:
            events = self._close()
            block = {"type": "tool_use", "id": id or f"toolu_{number}", "name": name, "input": {}}
            events.append(self._begin(block))
            self._calls[number] = len(self._blocks) - 1
        index = self._calls[number]
        if arguments:
            self._texts[index].append(arguments)
            delta = {"type": "input_json_delta", "partial_json": arguments}
            events.append({"type": "content_block_delta", "index": index, "delta": delta})
        return events

    def end(self, finish: str, usage: Json | None) -> list[Json]:
        counts = {
            "input_tokens": _count(usage, "prompt_tokens"),
            "output_tokens": _count(usage, "completion_tokens"),
        }
        self._message["usage"] = counts
        self._message["stop_reason"] = STOPS.get(finish, finish)
        calls = [{"type": "content_block_stop", "index": i} for i in self._calls.values()]
        return [*self._close(), *calls, *message_end(finish, counts)]

    def whole(self) -> Json:
        content = []
        for block, texts in zip(self._blocks, self._texts, strict=True):
            text = "".join(texts)
            key = "input" if block["type"] == "tool_use" else _text_key(block)
            content.append({**block, key: _input(text) if key == "input" else text})
        return {**self._message, "content": content}

    def _begin(self, block: Json) -> Json:
        self._blocks.append(block)
        self._texts.append([])
        index = len(self._blocks) - 1
        return {"type": "content_block_start", "index": index, "content_block": block}

    def _close(self) -> list[Json]:
        index, self._open = self._open, None
        return [] if index is None else [{"type": "content_block_stop", "index": index}]


def _text_key(block: Json) -> str:
    return "thinking" if block["type"] == "thinking" else "text"


def _input(arguments: str) -> Json:
    """A call's arguments as an object; what a model wrote wrongly is kept as it is in one."""
    try:
        found = orjson.loads(arguments) if arguments else {}
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"arguments": arguments}


def _count(usage: Json | None, name: str) -> int:
    value = usage.get(name) if usage else None
    return value if isinstance(value, int) else 0


def _refused(what: str, where: str) -> BadRequest:
    return BadRequest(
        f"This model is reached through chat completions, which have no {what}. Leave it out, or "
        "use a model whose provider speaks the Messages API.",
        param=where,
    )


def _listed(body: Json, name: str) -> list[Json]:
    value = body[name]
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise BadRequest(f"'{name}' must be an array of objects.", param=name)
    return value


def _system(system: Any) -> Iterator[Json]:
    blocks = [{"text": system}] if isinstance(system, str) else system or []
    texts = [block["text"] for block in blocks if isinstance(block.get("text"), str)]
    if texts:
        yield {"role": "system", "content": "\n\n".join(texts)}


def _turn(message: Json, index: int) -> list[Json]:
    """One turn as chat messages: tool results are messages of their own and come first."""
    role, content = message["role"], message["content"]
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    made: list[Json] = []
    parts: list[Json] = []
    calls: list[Json] = []
    for place, block in enumerate(content):
        kind, where = kind_of(block), f"messages.{index}.content.{place}"
        if kind == "tool_result":
            made.append(_result(block, where))
        elif kind == "tool_use":
            function = {
                "name": block.get("name"),
                "arguments": orjson.dumps(block.get("input") or {}).decode(),
            }
            calls.append({"id": block.get("id"), "type": "function", "function": function})
        elif kind not in ("thinking", "redacted_thinking"):
            parts.append(_part(block, where))
    if parts or calls:
        turn: Json = {"role": role, "content": _shortest(parts)}
        if calls:
            turn["tool_calls"] = calls
        made.append(turn)
    return made


def _shortest(parts: list[Json]) -> str | list[Json] | None:
    """Parts as one string where they are only text, which every provider takes."""
    if all(part["type"] == "text" for part in parts):
        return "\n\n".join(part["text"] for part in parts) or None
    return parts


def _result(block: Json, where: str) -> Json:
    content = block.get("content")
    if isinstance(content, list):
        parts = [_part(b, where) for b in content if isinstance(b, dict)]
        content = _shortest(parts)
    return {
        "role": "tool",
        "tool_call_id": block.get("tool_use_id"),
        "content": content if isinstance(content, str | list) else "",
    }


def _part(block: Json, where: str) -> Json:
    kind = kind_of(block)
    source = block.get("source")
    source = source if isinstance(source, dict) else {}
    if kind == "text" and isinstance(block.get("text"), str):
        return {"type": "text", "text": block["text"]}
    if kind == "image" and kind_of(source) in ("base64", "url"):
        return {"type": "image_url", "image_url": {"url": _url(source)}}
    if kind == "document" and source.get("type") == "text":
        return {"type": "text", "text": str(source.get("data"))}
    if kind == "document" and source.get("type") == "base64":
        file = {"filename": block.get("title") or "document.pdf", "file_data": _url(source)}
        return {"type": "file", "file": file}
    raise _refused(f"content of type {kind!r} with such a source", where)


def _url(source: Json) -> str:
    if source.get("type") == "url":
        return str(source.get("url"))
    return f"data:{source.get('media_type')};base64,{source.get('data')}"


def _tool(tool: Json, index: int) -> Json:
    if tool.get("type") not in (None, "custom"):
        raise _refused(f"tool of type {tool['type']!r}", f"tools.{index}")
    function = {"name": tool.get("name"), "parameters": tool.get("input_schema") or {}}
    for key in ("description", "strict"):
        if tool.get(key) is not None:
            function[key] = tool[key]
    return {"type": "function", "function": function}


def _tool_choice(choice: Any) -> Json:
    if not isinstance(choice, dict):
        return {}
    made: Json = {}
    if kind_of(choice) == "tool":
        made["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
    elif kind_of(choice) in _CHOICES:
        made["tool_choice"] = _CHOICES[kind_of(choice)]
    if choice.get("disable_parallel_tool_use") is True:
        made["parallel_tool_calls"] = False
    return made


def _schema(body: Json) -> Json | None:
    config = body.get("output_config")
    given = config.get("format") if isinstance(config, dict) else body.get("output_format")
    if not isinstance(given, dict) or given.get("type") != "json_schema":
        return None
    schema = {"name": "answer", "schema": given.get("schema"), "strict": True}
    return {"type": "json_schema", "json_schema": schema}
