"""What the official Python client of OpenAI sees at the endpoints besides chat completions."""

import importlib
import json
from collections.abc import Callable
from typing import Any

# none of them is there where types are checked
lab: Any = importlib.import_module("lab")
openai: Any = importlib.import_module("openai")

Json = dict[str, Any]

TOOLS = [
    {
        "type": "function",
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
]


def client(setting: Json) -> Any:
    return openai.OpenAI(
        base_url=f"{setting['base_url']}/v1", api_key=setting["key"], max_retries=0, timeout=20.0
    )


def response(answer: Any) -> Json:
    details = answer.incomplete_details
    return {
        "text": answer.output_text,
        "status": answer.status,
        "why": details.reason if details else None,
    }


def asked(model: str, text: str = "Hello", **more: Any) -> Callable[[Json], Json]:
    def behaviour(setting: Json) -> Json:
        answer = client(setting).responses.create(model=model, input=text, **more)
        return response(answer)

    return behaviour


def streamed(model: str) -> Callable[[Json], Json]:
    def behaviour(setting: Json) -> Json:
        with client(setting).responses.stream(model=model, input="Hello") as stream:
            deltas = [e.delta for e in stream if e.type == "response.output_text.delta"]
            last = stream.get_final_response()
        return {**response(last), "same": "".join(deltas) == last.output_text}

    return behaviour


def cut(model: str) -> Callable[[Json], Json]:
    """A stream that is ended early: the last event says so."""

    def behaviour(setting: Json) -> Json:
        events = list(client(setting).responses.create(model=model, input="Hi", stream=True))
        return {"last": events[-1].type, **response(events[-1].response)}

    return behaviour


def called(model: str) -> Callable[[Json], Json]:
    def behaviour(setting: Json) -> Json:
        answer = client(setting).responses.create(model=model, input="Paris?", tools=TOOLS)
        calls = [item for item in answer.output if item.type == "function_call"]
        return {"calls": [[c.name, json.loads(c.arguments), bool(c.call_id)] for c in calls]}

    return behaviour


def called_stream(model: str) -> Callable[[Json], Json]:
    def behaviour(setting: Json) -> Json:
        with client(setting).responses.stream(model=model, input="Paris?", tools=TOOLS) as stream:
            stream.until_done()
            answer = stream.get_final_response()
        calls = [item for item in answer.output if item.type == "function_call"]
        return {"calls": [[c.name, json.loads(c.arguments), bool(c.call_id)] for c in calls]}

    return behaviour


def failing(attempt: Callable[[Any], Any]) -> Callable[[Json], Json]:
    def behaviour(setting: Json) -> Json:
        try:
            attempt(client(setting))
        except openai.APIStatusError as error:
            return {"status": error.status_code, "code": error.code, "param": error.param}
        return {"status": 200}

    return behaviour


def completed(setting: Json) -> Json:
    answer = client(setting).completions.create(model="plain", prompt="Hello")
    return {"text": answer.choices[0].text, "finish": answer.choices[0].finish_reason}


def completed_stream(setting: Json) -> Json:
    chunks = list(client(setting).completions.create(model="plain", prompt="Hello", stream=True))
    return {"text": "".join(c.choices[0].text for c in chunks if c.choices)}


def embedded(setting: Json) -> Json:
    answer = client(setting).embeddings.create(model="plain", input=["one", "two"])
    return {"vectors": [entry.embedding for entry in answer.data]}


if __name__ == "__main__":
    lab.run(
        {
            "response": asked("plain"),
            "response_bridged": asked("bridged-plain"),
            "response_stream": streamed("plain"),
            "response_bridged_stream": streamed("bridged-plain"),
            "response_leak": asked("leaky"),
            "response_bridged_leak": asked("bridged-leaky"),
            "response_leak_stream": cut("leaky"),
            "response_bridged_leak_stream": cut("bridged-leaky"),
            "response_tools": called("tools"),
            "response_bridged_tools": called("bridged-tools"),
            "response_tools_stream": called_stream("tools"),
            "response_bridged_tools_stream": called_stream("bridged-tools"),
            "response_blocked": failing(
                lambda c: c.responses.create(model="plain", input="project-orchid")
            ),
            "response_state": failing(
                lambda c: c.responses.create(
                    model="bridged-plain", input="Hi", previous_response_id="resp_1"
                )
            ),
            "response_retrieve": failing(lambda c: c.responses.retrieve("resp_1")),
            "completion": completed,
            "completion_stream": completed_stream,
            "embedding": embedded,
            "embedding_blocked": failing(
                lambda c: c.embeddings.create(model="plain", input="project-orchid")
            ),
            "embedding_absent": failing(
                lambda c: c.embeddings.create(model="bridged-plain", input="Hi")
            ),
        }
    )
