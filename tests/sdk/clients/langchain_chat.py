"""What LangChain sees of a gateway, by its chat model and its embeddings for OpenAI."""

import importlib
from collections.abc import Callable
from typing import Any

# none of them is there where types are checked
lab: Any = importlib.import_module("lab")
langchain: Any = importlib.import_module("langchain_openai")

Json = dict[str, Any]


def model(setting: Json, name: str, **more: Any) -> Any:
    return langchain.ChatOpenAI(
        model=name, base_url=f"{setting['base_url']}/v1", api_key=setting["key"], **more
    )


def tool(city: str) -> str:
    """Ask for the weather."""
    return city


def asked(**more: Any) -> Callable[[Json], Json]:
    return lambda setting: {"text": model(setting, "plain", **more).invoke("Hello").text}


def streamed(**more: Any) -> Callable[[Json], Json]:
    def behaviour(setting: Json) -> Json:
        chunks = model(setting, "plain", **more).stream("Hello")
        return {"text": "".join(chunk.text for chunk in chunks)}

    return behaviour


def called(**more: Any) -> Callable[[Json], Json]:
    def behaviour(setting: Json) -> Json:
        answer = model(setting, "tools", **more).bind_tools([tool]).invoke("Paris?")
        return {"calls": [[call["name"], call["args"]] for call in answer.tool_calls]}

    return behaviour


def blocked(setting: Json) -> Json:
    try:
        model(setting, "plain").invoke("project-orchid")
    except Exception as error:  # noqa: BLE001 - its own or the client's, by version
        return {"status": getattr(error, "status_code", None)}
    return {"status": 200}


def embedded(setting: Json) -> Json:
    made = langchain.OpenAIEmbeddings(
        model="plain",
        base_url=f"{setting['base_url']}/v1",
        api_key=setting["key"],
        check_embedding_ctx_length=False,
    )
    return {"vectors": made.embed_documents(["one", "two"])}


if __name__ == "__main__":
    lab.run(
        {
            "chat": asked(),
            "chat_stream": streamed(),
            "tools": called(),
            "responses": asked(use_responses_api=True),
            "responses_stream": streamed(use_responses_api=True),
            "responses_tools": called(use_responses_api=True),
            "blocked": blocked,
            "embeddings": embedded,
        }
    )
