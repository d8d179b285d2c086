"""What the scripted upstream can do, and the behaviours it knows by model name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from gateway.core.segments import Json
from gateway.testing.chat import chunk, completion, tool_chunks, usage_chunk
from gateway.testing.dialects import TYPED, native, question_of

WEATHER = ("get_weather", '{"city":"Paris"}')
CLOCK = ("get_time", '{"zone":"Europe/Paris"}')


@dataclass(frozen=True, slots=True)
class Script:
    """One behaviour. The default echoes the last user message, in as many choices as asked for.

    Times are in seconds. ``raw`` is sent as the whole body, ``events`` as the pieces of a stream,
    both as they are. ``drops_after`` and ``hangs_after`` count pieces of a stream. ``reads`` makes
    the deltas from the request, for answers that say what the provider was told.
    """

    text: str | None = None
    deltas: Sequence[str] | None = None
    reads: Callable[[Json], Sequence[str]] | None = None
    tool_calls: Sequence[tuple[str, str]] = ()
    finish: str | None = None
    usage: tuple[int, int] | None = (7, 5)
    delay: float = 0.0
    gap: float = 0.0
    status: int = 200
    error: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = "application/json"
    events: Sequence[bytes] | None = None
    hangs_before_headers: bool = False
    hangs_after: int | None = None
    drops_after: int | None = None

    def whole(self, body: Json, endpoint: str = "chat/completions") -> bytes:
        """The body of an answer that is not streamed, in the documents of ``endpoint``."""
        if self.raw is not None:
            return self.raw
        if self.status != 200:
            return orjson.dumps({"error": self.error or failure(self.status)})
        document = completion(
            str(body.get("model")),
            [self._text(body)] * int(body.get("n") or 1),
            tool_calls=self.tool_calls,
            finish=self.finish,
            usage=self.usage,
        )
        return orjson.dumps(native(endpoint, body, [document])[0])

    def pieces(self, body: Json, endpoint: str = "chat/completions") -> list[bytes]:
        """The events of a streamed answer, one piece each, in the documents of ``endpoint``."""
        if self.events is not None:
            return list(self.events)
        options = body.get("stream_options")
        asked = isinstance(options, dict) and options.get("include_usage")
        counted = bool((asked or endpoint in TYPED) and self.usage)
        documents = self._documents(body)
        if counted:
            for document in documents:
                document["usage"] = None  # as OpenAI does when usage was asked for
        if counted and self.usage:
            documents.append(usage_chunk(str(body.get("model")), *self.usage))
        if endpoint in TYPED:
            return [named(document) for document in native(endpoint, body, documents)]
        documents = native(endpoint, body, documents)
        return [event(orjson.dumps(d)) for d in documents] + [event(b"[DONE]")]

    def _documents(self, body: Json) -> list[Json]:
        model = str(body.get("model"))
        text = self._text(body)
        deltas = self.deltas if self.deltas is not None else _words(text)
        if self.reads is not None:
            deltas = self.reads(body)
        choices = range(int(body.get("n") or 1))
        opening = {"role": "assistant", "content": None if self.tool_calls else ""}
        documents = [chunk(model, dict(opening), choice=c) for c in choices]
        if self.tool_calls:
            for choice in choices:
                documents += tool_chunks(model, self.tool_calls, choice=choice)
        else:
            documents += [chunk(model, {"content": d}, choice=c) for d in deltas for c in choices]
        finish = self.finish or ("tool_calls" if self.tool_calls else "stop")
        return documents + [chunk(model, {}, choice=c, finish=finish) for c in choices]

    def _text(self, body: Json) -> str:
        if self.reads is not None:
            return "".join(self.reads(body))
        if self.text is not None:
            return self.text
        if self.deltas is not None:
            return "".join(self.deltas)
        return last_user_text(body)


def named(document: Json) -> bytes:
    """One typed event, as the Responses API and Anthropic send them."""
    return b"event: " + str(document["type"]).encode() + b"\n" + event(orjson.dumps(document))


def event(data: bytes) -> bytes:
    """One server-sent event."""
    return b"data: " + data + b"\n\n"


def failure(status: int) -> Json:
    """An error object such as OpenAI sends with ``status``."""
    kind, code = {
        400: ("invalid_request_error", "invalid_value"),
        401: ("invalid_request_error", "invalid_api_key"),
        404: ("invalid_request_error", "model_not_found"),
        429: ("requests", "rate_limit_exceeded"),
    }.get(status, ("server_error", None))
    return {"message": f"scripted {status}", "type": kind, "param": None, "code": code}


def last_user_text(body: Json) -> str:
    """The text of the last user message, its text parts joined; that of ``prompt`` or ``input``
    where such is the request."""
    if "input" in body:
        return question_of(body)
    for message in reversed(body.get("messages") or []):
        if isinstance(message, dict) and message.get("role") == "user":
            content = message.get("content")
            if isinstance(content, str):
                return content
            return "".join(
                str(part.get("text") or "") for part in content or [] if isinstance(part, dict)
            )
    return str(body.get("prompt") or "")


def _words(text: str) -> list[str]:
    return [part for part in text.replace(" ", " \0").split("\0") if part]


_FILTERED = {
    "message": "The response was filtered.",
    "type": None,
    "param": "prompt",
    "code": "content_filter",
    "innererror": {"code": "ResponsibleAIPolicyViolation"},
}

DEFAULTS: Mapping[str, Script] = {
    "echo": Script(),
    "plain": Script(text="Hello! How can I help you today?"),
    "json": Script(text='{"city":"Paris","population":2102650}'),
    "tools": Script(tool_calls=(WEATHER,)),
    "parallel-tools": Script(tool_calls=(WEATHER, CLOCK)),
    "slow": Script(deltas=[f"{n} " for n in range(100)], gap=0.05),
    "status-400": Script(status=400),
    "status-401": Script(status=401),
    "status-404": Script(status=404),
    "status-429": Script(status=429, headers={"retry-after": "1"}),
    "status-500": Script(status=500),
    "status-503": Script(status=503),
    "content-filter": Script(status=400, error=_FILTERED),
    "length": Script(text="This answer was cut", finish="length"),
    "hang": Script(hangs_before_headers=True),
    "hang-mid": Script(text="one two three four five", hangs_after=3),
    "drop-mid": Script(text="one two three four five", drops_after=3),
    "no-usage": Script(text="An answer nobody counted.", usage=None),
    "html": Script(raw=b"<html><body>Bad gateway</body></html>", content_type="text/html"),
    "malformed": Script(
        raw=None, events=(event(b'{"id":"x","choices":[{"index":0,"del'), event(b"[DONE]"))
    ),
}
"""The behaviours that stand ready, by model name; any other name echoes."""
