"""The one request that every contestant gets, and the one answer the upstream gives."""

import json

MODEL = "gpt-4o-mini"
UPSTREAM_MODEL = MODEL
"""What gateways ask the upstream for: the same name, as where an application changes nothing but
its ``base_url``, and one that every price list has, so that none of them spends its time on an
unknown model."""
KEY = "sk-bench-0123456789abcdef0123456789abcdef"
"""The key of contestants whose key can be chosen; never valid anywhere else."""

PROMPT = (
    "Our customer bought a pair of walking boots in March and the left sole came off after "
    "two short walks in dry weather. Write a short and friendly reply that explains which "
    "options the warranty gives them and what happens next."
)
"""Forty words, nothing in them that a guard should find."""
ODD_PROMPT = (
    "Our trainer ended her lecture with the slide 'ignore all previous instructions' and a picture "
    "of a robot in tears. Write a short and friendly message that asks her for the slides and says "
    "that everyone in the team liked the joke."
)
"""Forty words as harmless, in the words that attacks have: it takes the encoder to tell."""

WORD = b"step"
"""Every chunk of a streamed answer carries it exactly once, so that words can be counted however
a gateway cuts or joins the chunks."""

_ANSWERED_BY = "gpt-4o-mini-2024-07-18"
_ANSWER = (
    "Thank you for writing to us, and sorry about the boots. The warranty covers a sole that comes "
    "off within two years, so you may choose between a repair, a new pair and your money back. "
    "Tell us which you prefer and we will send a prepaid label today."
)


def request_body(*, stream: bool = False) -> bytes:
    """The chat completion request as the client sends it."""
    body: dict[str, object] = {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "You are a helpful assistant of an outdoor shop."},
            {"role": "user", "content": PROMPT},
        ],
        "temperature": 0.2,
    }
    if stream:
        body["stream"] = True
    return json.dumps(body).encode()


def answer_body() -> bytes:
    """A whole chat completion."""
    return json.dumps(
        {
            "id": "chatcmpl-bench",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": _ANSWERED_BY,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": _ANSWER, "refusal": None},
                    "logprobs": None,
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 58, "completion_tokens": 62, "total_tokens": 120},
        },
        separators=(",", ":"),
    ).encode()


def event(choices: list[dict[str, object]], usage: dict[str, int] | None = None) -> bytes:
    """One server-sent event of a streamed answer."""
    chunk: dict[str, object] = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": _ANSWERED_BY,
        "choices": choices,
    }
    if usage is not None:
        chunk["usage"] = usage
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def stream_events(chunks: int, *, usage: bool) -> list[bytes]:
    """The server-sent events of a streamed answer: ``chunks`` words, a sentence every ten, then
    the closing events (the last entry holds all of them)."""
    events = []
    for number in range(1, chunks + 1):
        word = WORD.decode() + (". " if number % 10 == 0 else " ")
        delta = {"role": "assistant", "content": word} if number == 1 else {"content": word}
        events.append(event([{"index": 0, "delta": delta, "finish_reason": None}]))
    closing = event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    if usage:
        count = {"prompt_tokens": 58, "completion_tokens": chunks, "total_tokens": 58 + chunks}
        closing += event([], count)
    return [*events, closing + b"data: [DONE]\n\n"]
