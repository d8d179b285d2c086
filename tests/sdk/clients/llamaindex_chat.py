"""What LlamaIndex sees of a gateway, by its language model for OpenAI."""

import importlib
from typing import Any

# none of them is there where types are checked
lab: Any = importlib.import_module("lab")
openai_llm: Any = importlib.import_module("llama_index.llms.openai")
messages: Any = importlib.import_module("llama_index.core.base.llms.types")

Json = dict[str, Any]


def options(setting: Json) -> Json:
    return {
        "model": "gpt-4o-mini",  # it knows the sizes of OpenAI's own models only
        "api_base": f"{setting['base_url']}/v1",
        "api_key": setting["key"],
        "max_retries": 0,
    }


def hello() -> list[Any]:
    return [messages.ChatMessage(role="user", content="Hello")]


def chat(setting: Json) -> Json:
    answer = openai_llm.OpenAI(**options(setting)).chat(hello())
    return {"text": answer.message.content}


def chat_stream(setting: Json) -> Json:
    parts = openai_llm.OpenAI(**options(setting)).stream_chat(hello())
    return {"text": "".join(part.delta or "" for part in parts)}


def responses(setting: Json) -> Json:
    answer = openai_llm.OpenAIResponses(**options(setting)).chat(hello())
    return {"text": answer.message.content}


def responses_stream(setting: Json) -> Json:
    parts = openai_llm.OpenAIResponses(**options(setting)).stream_chat(hello())
    return {"text": "".join(part.delta or "" for part in parts)}


def blocked(setting: Json) -> Json:
    asked = [messages.ChatMessage(role="user", content="project-orchid")]
    try:
        openai_llm.OpenAI(**options(setting)).chat(asked)
    except Exception as error:  # noqa: BLE001 - its own or the client's, by version
        return {"status": getattr(error, "status_code", None)}
    return {"status": 200}


if __name__ == "__main__":
    lab.run(
        {
            "chat": chat,
            "chat_stream": chat_stream,
            "responses": responses,
            "responses_stream": responses_stream,
            "blocked": blocked,
        }
    )
