"""OpenAI's Responses API for models that speak only chat completions."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from gateway.core.errors import BadRequest
from gateway.core.reply import Frame
from gateway.core.segments import Json
from gateway.wire.bridged import translated
from gateway.wire.responses_request import is_message
from gateway.wire.responses_writer import ResponsesWriter
from gateway.wire.texts import kind_of

_SAME = (
    "model", "temperature", "top_p", "stream", "parallel_tool_calls", "user", "metadata",
    "service_tier",
)  # fmt: skip
_STATE = ("previous_response_id", "conversation", "prompt")


class ResponsesBridge:
    """Implements ``gateway.core.dialect.Bridge``.

    What needs the provider to keep state, or to run tools of its own, is refused.
    """

    def __init__(self, writer: Callable[[str, Json], ResponsesWriter]) -> None:
        self._writer = writer

    def request(self, body: Json) -> Json:
        """See ``Bridge.request``."""
        for name in _STATE:
            if body.get(name) is not None:
                raise BadRequest(
                    f"'{name}' needs a provider that keeps responses; this model is reached "
                    "through chat completions. Send the whole conversation as 'input' instead.",
                    param=name,
                )
        chat: Json = {key: body[key] for key in _SAME if body.get(key) is not None}
        chat["messages"] = _messages(body)
        if body.get("max_output_tokens") is not None:
            chat["max_completion_tokens"] = body["max_output_tokens"]
        if body.get("stream"):
            chat["stream_options"] = {"include_usage": True}
        reasoning = body.get("reasoning")
        if isinstance(reasoning, dict) and reasoning.get("effort"):
            chat["reasoning_effort"] = reasoning["effort"]
        if body.get("tools"):
            chat["tools"] = [_tool(t, i) for i, t in enumerate(_objects(body["tools"], "tools"))]
            if body.get("tool_choice") is not None:
                chat["tool_choice"] = _tool_choice(body["tool_choice"])
        return {**chat, **_text(body.get("text"))}

    def frames(self, frames: AsyncIterator[Frame], body: Json) -> AsyncIterator[Frame]:
        """See ``Bridge.frames``."""
        writer = self._writer(str(body.get("model")), body)
        return translated(frames, writer, stream=bool(body.get("stream")))


def _refused(what: str, where: str) -> BadRequest:
    return BadRequest(
        f"This model is reached through chat completions, which have no {what}. Leave it out, or "
        "use a model whose provider speaks the Responses API.",
        param=where,
    )


def _objects(value: Any, where: str) -> list[Json]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise BadRequest(f"'{where}' must be an array of objects.", param=where)
    return value


def _messages(body: Json) -> list[Json]:
    made: list[Json] = []
    if body.get("instructions"):
        made.append({"role": "system", "content": body["instructions"]})
    given = body["input"]
    if isinstance(given, str):
        return [*made, {"role": "user", "content": given}]
    for index, item in enumerate(given):
        where = f"input.{index}"
        kind = kind_of(item)
        if is_message(item):
            role = "system" if item["role"] == "developer" else item["role"]
            made.append({"role": role, "content": _content(item["content"], where)})
        elif kind in ("function_call", "custom_tool_call"):
            _add_call(made, _call(item))
        elif kind in ("function_call_output", "custom_tool_call_output"):
            output = _content(item.get("output") or "", where)
            made.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": output})
        elif kind != "reasoning":
            raise _refused(f"item of type {kind!r}", where)
    return made


def _call(item: Json) -> Json:
    id, name = item.get("call_id"), item.get("name")
    if item["type"] == "custom_tool_call":
        return {"id": id, "type": "custom", "custom": {"name": name, "input": item.get("input")}}
    function = {"name": name, "arguments": item.get("arguments") or "{}"}
    return {"id": id, "type": "function", "function": function}


def _add_call(made: list[Json], call: Json) -> None:
    """Calls of one turn belong to one assistant message, the one that spoke before them."""
    if made and made[-1]["role"] == "assistant":
        made[-1] = {**made[-1], "tool_calls": [*made[-1].get("tool_calls", ()), call]}
    else:
        made.append({"role": "assistant", "content": None, "tool_calls": [call]})


def _content(content: Any, where: str) -> str | list[Json]:
    """Parts as chat knows them, and as one string where they are only text."""
    if isinstance(content, str):
        return content
    parts = [_part(part, where) for part in _objects(content, where)]
    if all(part["type"] == "text" for part in parts):
        return "\n\n".join(part["text"] for part in parts)
    return parts


def _part(part: Json, where: str) -> Json:
    kind = kind_of(part)
    if kind in ("input_text", "output_text", "text", "summary_text"):
        return {"type": "text", "text": str(part.get("text") or "")}
    if kind == "refusal":
        return {"type": "text", "text": str(part.get("refusal") or "")}
    if kind == "input_image" and isinstance(part.get("image_url"), str):
        image = {"url": part["image_url"]}
        if isinstance(part.get("detail"), str):
            image["detail"] = part["detail"]
        return {"type": "image_url", "image_url": image}
    if kind == "input_file" and isinstance(part.get("file_data"), str):
        file = {"filename": part.get("filename"), "file_data": part["file_data"]}
        return {"type": "file", "file": file}
    if kind == "input_audio" and isinstance(part.get("input_audio"), dict):
        return {"type": "input_audio", "input_audio": part["input_audio"]}
    raise _refused(f"content of type {kind!r} with such a source", where)


def _tool(tool: Json, index: int) -> Json:
    kind = kind_of(tool)
    if kind not in ("function", "custom"):
        raise _refused(f"tool of type {kind!r}", f"tools.{index}")
    inner = {key: value for key, value in tool.items() if key != "type" and value is not None}
    return {"type": kind, kind: inner}


def _tool_choice(choice: Any) -> Any:
    if isinstance(choice, str):
        return choice
    if isinstance(choice, dict) and choice.get("type") in ("function", "custom"):
        return {"type": choice["type"], choice["type"]: {"name": choice.get("name")}}
    raise _refused("such tool_choice", "tool_choice")


def _text(text: Any) -> Json:
    if not isinstance(text, dict):
        return {}
    made: Json = {}
    if text.get("verbosity"):
        made["verbosity"] = text["verbosity"]
    given = text.get("format")
    if isinstance(given, dict) and given.get("type") == "json_schema":
        schema = {k: v for k, v in given.items() if k != "type" and v is not None}
        made["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif isinstance(given, dict) and given.get("type") == "json_object":
        made["response_format"] = {"type": "json_object"}
    return made
