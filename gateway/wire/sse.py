"""Server-sent events as OpenAI's clients read them."""

import orjson

from gateway.core.segments import Json

DONE = b"data: [DONE]\n\n"
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}


def event(raw: bytes) -> bytes:
    """One JSON document, already encoded, as an event. It must not contain line breaks, which
    JSON encoders never write; one that does is sent line by line."""
    if b"\n" in raw:
        return b"".join(b"data: " + line + b"\n" for line in raw.splitlines()) + b"\n"
    return b"data: " + raw + b"\n\n"


def named_event(name: str, raw: bytes) -> bytes:
    """An event with a name, as the Responses API and Anthropic's clients read them. A name that
    could break the framing is left out."""
    if not name.replace("_", "").replace(".", "").isalnum():
        return event(raw)
    return b"event: " + name.encode() + b"\n" + event(raw)


def error_event(error: Json) -> bytes:
    """An error in the middle of a stream: clients raise it as an API error."""
    return event(orjson.dumps(error))
