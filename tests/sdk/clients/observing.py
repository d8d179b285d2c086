"""The surroundings of a behaviour, and how what a client saw is written down."""

import importlib
import json
from collections.abc import Callable
from typing import Any

openai: Any = importlib.import_module("openai")  # not installed where types are checked

Json = dict[str, Any]
PARIS = [{"role": "user", "content": "What is the weather in Paris?"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Ask for the {name}.",
            "parameters": {"type": "object", "properties": {key: {"type": "string"}}},
        },
    }
    for name, key in (("get_weather", "city"), ("get_time", "zone"))
]


class Lab:
    """One behaviour's surroundings: where the gateway is, which keys there are, who is asking."""

    def __init__(self, setting: Json, behaviour: str) -> None:
        self.setting = setting
        self.client_name: str = setting["client"]
        self.request_id = f"{self.client_name}.{behaviour}"

    def options(self, key: str = "main", **more: Any) -> Json:
        return {
            "base_url": self.setting["base_url"],
            "api_key": self.setting["keys"][key],
            "max_retries": 0,
            "timeout": 20.0,
            "default_headers": {"x-request-id": self.request_id},
            **more,
        }

    def client(self, key: str = "main", **more: Any) -> Any:
        return openai.OpenAI(**self.options(key, **more))

    def ask(self, model: str = "plain", *, key: str = "main", **more: Any) -> Any:
        more.setdefault("messages", [{"role": "user", "content": "Hello"}])
        return self.client(key).chat.completions.create(model=model, **more)


def seen(answer: Any) -> Json:
    choice = answer.choices[0]
    return {"text": choice.message.content, "finish": choice.finish_reason}


def usage(answer: Any) -> list[int]:
    return [
        answer.usage.prompt_tokens,
        answer.usage.completion_tokens,
        answer.usage.total_tokens,
    ]


def failure(attempt: Callable[[], Any]) -> Json:
    """What the client raised: its class, status and code."""
    try:
        attempt()
    except openai.APITimeoutError:
        return {"raised": "Timeout"}
    except openai.APIStatusError as error:
        return {
            "raised": type(error).__name__,
            "status": error.status_code,
            "code": error.code,
            "param": error.param,
        }
    except openai.APIError as error:
        return {"raised": type(error).__name__, "code": error.code}
    return {"raised": None}


def calls(tool_calls: Any) -> list[Any]:
    return [[call.function.name, json.loads(call.function.arguments)] for call in tool_calls]


def gathered_calls(stream: Any) -> Json:
    """The tool calls of a stream, put together as the documentation of the API shows."""
    parts: dict[int, Json] = {}
    finish = None
    for chunk in stream:
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            for delta in choice.delta.tool_calls or []:
                part = parts.setdefault(delta.index, {"id": "", "name": "", "arguments": ""})
                part["id"] += delta.id or ""
                part["name"] += delta.function.name or ""
                part["arguments"] += delta.function.arguments or ""
    found = [[part["name"], json.loads(part["arguments"])] for _, part in sorted(parts.items())]
    return {"calls": found, "ids": len({p["id"] for p in parts.values()}), "finish": finish}


def gathered_text(stream: Any) -> Json:
    text, finish, role, counted, empty = "", None, None, [], 0
    for chunk in stream:
        if chunk.usage is not None:
            counted.append(usage(chunk))
            empty += not chunk.choices
        for choice in chunk.choices:
            role = role or choice.delta.role
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return {"text": text, "finish": finish, "role": role, "usage": counted, "bare": empty}
