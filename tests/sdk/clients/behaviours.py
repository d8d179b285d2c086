"""What the official Python client of OpenAI sees of a gateway, as JSON lines on stdout.

Runs in an environment of its own with one pinned version of ``openai``, never under pytest.
Every function is one behaviour of ``tests/sdk/expectations.py`` and returns what it observed.
"""

import asyncio
import importlib
import json
import sys
import time
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


def chat(lab: Lab) -> Json:
    answer = lab.ask()
    return {**seen(answer), "usage": usage(answer), "role": answer.choices[0].message.role}


def unicode_text(lab: Lab) -> Json:
    return seen(lab.ask("echo", messages=[{"role": "user", "content": "Grüße 👋 日本語 \u2028"}]))


def request_id(lab: Lab) -> Json:
    return {"same": lab.ask()._request_id == lab.request_id}


def headers(lab: Lab) -> Json:
    raw = lab.client("limited").chat.completions.with_raw_response.create(
        model="plain", messages=PARIS
    )
    return {
        "decision": raw.headers.get("x-gatehouse-decision"),
        "limit": raw.headers.get("x-ratelimit-limit-requests"),
        "remaining": raw.headers.get("x-ratelimit-remaining-requests"),
    }


def stream(lab: Lab) -> Json:
    return gathered_text(lab.ask(stream=True))


def stream_helper(lab: Lab) -> Json:
    with lab.client().chat.completions.stream(model="plain", messages=PARIS) as events:
        answer = events.get_final_completion()
    return seen(answer)


def stream_usage(lab: Lab) -> Json:
    return gathered_text(lab.ask(stream=True, stream_options={"include_usage": True}))


def length(lab: Lab) -> Json:
    return seen(lab.ask("length"))


def tools(lab: Lab) -> Json:
    choice = lab.ask("tools", messages=PARIS, tools=TOOLS, tool_choice="auto").choices[0]
    return {"calls": calls(choice.message.tool_calls), "finish": choice.finish_reason}


def tools_stream(lab: Lab) -> Json:
    return gathered_calls(lab.ask("tools", messages=PARIS, tools=TOOLS, stream=True))


def parallel_tools(lab: Lab) -> Json:
    answer = lab.ask("parallel-tools", messages=PARIS, tools=TOOLS, parallel_tool_calls=True)
    choice = answer.choices[0]
    return {"calls": calls(choice.message.tool_calls), "finish": choice.finish_reason}


def parallel_tools_stream(lab: Lab) -> Json:
    return gathered_calls(lab.ask("parallel-tools", messages=PARIS, tools=TOOLS, stream=True))


def tool_results(lab: Lab) -> Json:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
    }
    messages = [
        *PARIS,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"celsius": 21}'},
    ]
    return seen(lab.ask("plain", messages=messages, tools=TOOLS))


def two_choices(lab: Lab) -> Json:
    answer = lab.ask(n=2)
    return {"texts": [c.message.content for c in answer.choices], "n": len(answer.choices)}


def two_choices_stream(lab: Lab) -> Json:
    texts = {0: "", 1: ""}
    finishes: dict[int, str | None] = {}
    for chunk in lab.ask(n=2, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
            finishes[choice.index] = choice.finish_reason or finishes.get(choice.index)
    return {"texts": [texts[0], texts[1]], "finishes": [finishes[0], finishes[1]]}


def json_object(lab: Lab) -> Json:
    answer = lab.ask("json", response_format={"type": "json_object"})
    return {"parsed": json.loads(answer.choices[0].message.content)}


def json_schema(lab: Lab) -> Json:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}
    answer = lab.ask("json", response_format=wanted)
    return {"parsed": json.loads(answer.choices[0].message.content)}


def image(lab: Lab) -> Json:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": lab.setting["image"], "detail": "low"}},
    ]
    return seen(lab.ask("echo", messages=[{"role": "user", "content": parts}]))


def audio(lab: Lab) -> Json:
    parts = [
        {"type": "text", "text": "Who speaks?"},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    ]
    return seen(lab.ask("echo", messages=[{"role": "user", "content": parts}]))


def unknown_fields(lab: Lab) -> Json:
    extra = {"x_vendor": {"deep": [1, 2.5, None, "ü"]}, "reasoning_budget": 12}
    return seen(lab.ask(extra_body=extra, seed=7, logit_bias={"50256": -100}))


def token_limit(lab: Lab) -> Json:
    return seen(lab.ask(key="brief", max_tokens=500))


def wrong_key(lab: Lab) -> Json:
    return failure(lambda: lab.ask(key="wrong"))


def expired_key(lab: Lab) -> Json:
    return failure(lambda: lab.ask(key="expired"))


def forbidden(lab: Lab) -> Json:
    return failure(lambda: lab.ask(key="ghost"))


def unknown_model(lab: Lab) -> Json:
    return failure(lambda: lab.ask("no-such-model"))


def unknown_address(lab: Lab) -> Json:
    return failure(lambda: lab.client().post("/no-such-endpoint", cast_to=object, body={}))


def bad_request(lab: Lab) -> Json:
    return failure(lambda: lab.ask(messages=[]))


def blocked_input(lab: Lab) -> Json:
    attempt = [{"role": "user", "content": "tell me about PROJECT-ORCHID please"}]
    client = lab.client(max_retries=2)
    try:
        client.chat.completions.create(model="plain", messages=attempt)
    except openai.BadRequestError as error:
        inner = error.body.get("innererror", {}).get("code")
        return {"raised": type(error).__name__, "code": error.code, "inner": inner}
    return {"raised": None}


def blocked_input_stream(lab: Lab) -> Json:
    attempt = [{"role": "user", "content": "tell me about PROJECT-ORCHID please"}]
    return failure(lambda: list(lab.ask(messages=attempt, stream=True)))


def blocked_output(lab: Lab) -> Json:
    answer = seen(lab.ask("leaky"))
    return {"leaked": "swordfish" in (answer["text"] or ""), "finish": answer["finish"]}


def blocked_output_stream(lab: Lab) -> Json:
    got = gathered_text(lab.ask("leaky", stream=True))
    return {"leaked": "swordfish" in got["text"], "finish": got["finish"]}


def provider_filter(lab: Lab) -> Json:
    return failure(lambda: lab.ask("content-filter"))


def provider_rejects(lab: Lab) -> Json:
    return failure(lambda: lab.ask("status-400"))


def provider_fails(lab: Lab) -> Json:
    return failure(lambda: lab.ask("status-500"))


def provider_fails_stream(lab: Lab) -> Json:
    return failure(lambda: list(lab.ask("status-500", stream=True)))


def provider_limits(lab: Lab) -> Json:
    return failure(lambda: lab.ask("status-429"))


def provider_late(lab: Lab) -> Json:
    return failure(lambda: lab.ask("hurried"))


def rate_limit(lab: Lab) -> Json:
    lab.ask(key="once")
    try:
        lab.ask(key="once")
    except openai.RateLimitError as error:
        wait = int(error.response.headers["retry-after"])
        return {"raised": type(error).__name__, "code": error.code, "waits": 1 <= wait <= 60}
    return {"raised": None}


def spent_quota_is_final(lab: Lab) -> Json:
    client = lab.client("tiny", max_retries=3)
    asked = [{"role": "user", "content": "a long question " * 20}]
    return failure(lambda: client.chat.completions.create(model="plain", messages=asked))


def waits_as_told(lab: Lab) -> Json:
    began = time.monotonic()
    answer = lab.client(max_retries=2).chat.completions.create(
        model=f"limited-once-{lab.client_name}", messages=PARIS
    )
    return {**seen(answer), "waited": time.monotonic() - began >= 1.0}


def retries(lab: Lab) -> Json:
    answer = lab.client(max_retries=1).chat.completions.create(
        model=f"flaky-{lab.client_name}", messages=PARIS
    )
    return seen(answer)


def client_timeout(lab: Lab) -> Json:
    client = lab.client(timeout=0.5)
    return failure(lambda: client.chat.completions.create(model="hang", messages=PARIS))


def leaves_mid_stream(lab: Lab) -> Json:
    stream = lab.ask("slow", stream=True)
    text = ""
    for chunk in stream:
        text += chunk.choices[0].delta.content or ""
        if text:
            break
    stream.close()
    return {"began": text.startswith("0")}


def broken_stream(lab: Lab) -> Json:
    return failure(lambda: list(lab.ask("drop-mid", stream=True)))


def models_list(lab: Lab) -> Json:
    return {"ids": sorted(m.id for m in lab.client("narrow").models.list())}


def models_retrieve(lab: Lab) -> Json:
    model = lab.client().models.retrieve("plain")
    return {"id": model.id, "object": model.object}


def models_retrieve_unknown(lab: Lab) -> Json:
    return failure(lambda: lab.client().models.retrieve("no-such-model"))


def moderation(lab: Lab) -> Json:
    texts = ["hello", "tell me about project-orchid please"]
    answer = lab.client().moderations.create(input=texts, model="omni-moderation-latest")
    return {
        "flagged": [result.flagged for result in answer.results],
        "violence": [result.categories.violence for result in answer.results],
        "self_harm_score": answer.results[1].category_scores.self_harm,
        "policy": [result.categories.policy for result in answer.results],
        "judged_by": answer.model.split("@")[0],
    }


def moderation_parts(lab: Lab) -> Json:
    parts = [{"type": "text", "text": "about"}, {"type": "text", "text": "PROJECT-ORCHID"}]
    answer = lab.client().moderations.create(input=parts)
    return {"flagged": [result.flagged for result in answer.results]}


def moderation_image(lab: Lab) -> Json:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": lab.setting["image"]}},
    ]
    return failure(lambda: lab.client().moderations.create(input=parts))


def moderation_unknown_model(lab: Lab) -> Json:
    return failure(lambda: lab.client().moderations.create(input="x", model="no-such-model"))


def many_at_once(lab: Lab) -> Json:
    async def ask_all() -> list[str]:
        async with openai.AsyncOpenAI(**lab.options()) as client:
            asked = [
                client.chat.completions.create(
                    model="echo", messages=[{"role": "user", "content": f"number {n}"}]
                )
                for n in range(20)
            ]
            return [answer.choices[0].message.content for answer in await asyncio.gather(*asked)]

    return {"texts": asyncio.run(ask_all())}


def main() -> None:
    setting = json.loads(sys.stdin.read())
    for name in setting["behaviours"]:
        behaviour = globals().get(name)
        try:
            observed = (
                {"crash": "not implemented"} if behaviour is None else behaviour(Lab(setting, name))
            )
        except Exception as error:  # noqa: BLE001 - a crash is an observation too
            observed = {"crash": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"behaviour": name, "observed": observed}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
