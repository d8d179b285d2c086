"""Behaviours in which something goes wrong: keys, limits, blocks, providers, clients that leave."""

import time

from observing import PARIS, Json, Lab, failure, gathered_text, openai, seen


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
