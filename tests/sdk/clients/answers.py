"""Behaviours in which the gateway answers."""

import json

from observing import PARIS, TOOLS, Json, Lab, calls, gathered_calls, gathered_text, seen, usage


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
