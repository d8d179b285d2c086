"""What the official Python client of Anthropic sees of a gateway."""

import importlib
from collections.abc import Callable
from typing import Any

# none of them is there where types are checked
lab: Any = importlib.import_module("lab")
anthropic: Any = importlib.import_module("anthropic")

Json = dict[str, Any]

TOOLS = [
    {
        "name": "get_weather",
        "description": "Ask for the weather.",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
]


def client(setting: Json, key: str = "") -> Any:
    return anthropic.Anthropic(
        base_url=setting["base_url"], api_key=key or setting["key"], max_retries=0, timeout=20.0
    )


def message(answer: Any) -> Json:
    return {
        "text": "".join(block.text for block in answer.content if block.type == "text"),
        "calls": [[b.name, b.input] for b in answer.content if b.type == "tool_use"],
        "stop": answer.stop_reason,
    }


def request(model: str, text: str = "Hello") -> Json:
    return {
        "model": model,
        "max_tokens": 100,
        "system": "Be kind.",
        "messages": [{"role": "user", "content": text}],
    }


def asked(model: str, **more: Any) -> Callable[[Json], Json]:
    return lambda setting: message(client(setting).messages.create(**request(model), **more))


def streamed(model: str, **more: Any) -> Callable[[Json], Json]:
    def behaviour(setting: Json) -> Json:
        with client(setting).messages.stream(**request(model), **more) as stream:
            texts = "".join(stream.text_stream)
            last = stream.get_final_message()
        seen = message(last)
        return {**seen, "same": texts == seen["text"]}

    return behaviour


def counted(setting: Json) -> Json:
    usage = client(setting).messages.create(**request("plain")).usage
    return {"usage": [usage.input_tokens, usage.output_tokens]}


def counted_stream(setting: Json) -> Json:
    with client(setting).messages.stream(**request("plain")) as stream:
        usage = stream.get_final_message().usage
    return {"usage": [usage.input_tokens, usage.output_tokens]}


def conversed(setting: Json) -> Json:
    body = request("echo")
    body["messages"] = [
        {"role": "user", "content": "What is the weather in Paris?"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "t1", "name": "get_weather", "input": {"city": "Paris"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "21 degrees"},
                {"type": "text", "text": "And in words?"},
            ],
        },
    ]
    return message(client(setting).messages.create(**body, tools=TOOLS))


def failing(attempt: Callable[[Any], Any], key: str = "") -> Callable[[Json], Json]:
    def behaviour(setting: Json) -> Json:
        try:
            attempt(client(setting, key))
        except anthropic.APIStatusError as error:
            return {
                "raised": type(error).__name__,
                "status": error.status_code,
                "type": error.body["error"]["type"],
                "id": bool(error.request_id),
            }
        return {"raised": None}

    return behaviour


if __name__ == "__main__":
    lab.run(
        {
            "message": asked("plain"),
            "message_stream": streamed("plain"),
            "usage": counted,
            "usage_stream": counted_stream,
            "tools": asked("tools", tools=TOOLS),
            "tools_stream": streamed("tools", tools=TOOLS),
            "conversation": conversed,
            "leak": asked("leaky"),
            "leak_stream": streamed("leaky"),
            "blocked": failing(lambda c: c.messages.create(**request("plain", "project-orchid"))),
            "blocked_stream": failing(
                lambda c: c.messages.stream(**request("plain", "project-orchid")).__enter__()
            ),
            "wrong_key": failing(lambda c: c.messages.create(**request("plain")), key="sk-wrong"),
            "unknown_model": failing(lambda c: c.messages.create(**request("nobody"))),
        }
    )
