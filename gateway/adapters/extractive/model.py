"""The extractive answerer behind the ChatModel port."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from gateway.adapters.extractive import answers
from gateway.core.clock import Clock
from gateway.core.errors import UpstreamError, UpstreamRejected
from gateway.core.ids import new_id
from gateway.core.options import Options
from gateway.core.reply import Frame
from gateway.core.segments import Json
from gateway.core.tokens import estimate
from gateway.ports.chat_model import ModelCall

MODEL = "extractive"
FINGERPRINT = "gatehouse-extractive"
MOST_CHOICES = 128
_WORDS = re.compile(r"\s*\S+|\s+\Z")


class ExtractiveOptions(Options):
    """It has none: what it answers depends on the passages alone."""


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer: ``text`` or ``refusal``, and why it ended."""

    text: str | None
    refusal: str | None
    finish: str

    @property
    def tokens(self) -> int:
        return estimate(self.text or self.refusal or "")


class ExtractiveModel:
    """Answers by quoting the best-supported sentences of the retrieved passages, with citations.

    It never makes anything up: without a supporting sentence it abstains. Good for demos and as the
    last fallback of real models. Every answer says ``"model": "extractive"``; token counts are
    estimates.
    """

    name = "extractive"
    Options = ExtractiveOptions
    endpoints = frozenset({"chat/completions"})

    def __init__(self, options: ExtractiveOptions, *, clock: Clock) -> None:
        self._clock = clock

    async def answer(self, call: ModelCall) -> AsyncIterator[Frame]:
        if call.endpoint != "chat/completions":
            raise UpstreamError(
                f"The built-in answerer cannot serve {call.endpoint}.", retryable=False
            )
        said = _cut(_say(call), _limit(call.body))
        count = _count(call.body)
        usage = _usage(call.body, said, count)
        head: Json = {
            "id": new_id("chatcmpl-", int(self._clock.wall() * 1000)),
            "object": "chat.completion.chunk" if call.stream else "chat.completion",
            "created": int(self._clock.wall()),
            "model": MODEL,
            "system_fingerprint": FINGERPRINT,
        }
        if call.stream:
            return _frames(_stream(head, said, count, usage, call.body))
        return _frames(iter([_whole(head, said, count, usage)]))

    async def aclose(self) -> None:
        """Nothing to give back."""


async def _frames(documents: Iterator[Json]) -> AsyncIterator[Frame]:
    for document in documents:
        yield Frame(document=document)


def _say(call: ModelCall) -> _Said:
    wanted = call.body.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind == "json_schema":
        return _Said(None, answers.NO_SCHEMA, "stop")
    choice = call.body.get("tool_choice")
    if choice == "required" or isinstance(choice, dict):
        return _Said(None, answers.NO_TOOLS, "stop")
    if kind == "json_object":
        return _Said(answers.grounded_json(call.question, call.chunks or ()), None, "stop")
    if call.chunks is None:
        return _Said(answers.small_talk(call.question), None, "stop")
    return _Said(answers.grounded(call.question, call.chunks), None, "stop")


def _cut(said: _Said, limit: int | None) -> _Said:
    """The answer within ``limit`` estimated tokens, cut between words."""
    if limit is None or said.tokens <= limit:
        return said
    kept = ""
    for word in _WORDS.findall(said.text or said.refusal or ""):
        if estimate(kept + word) > limit:
            break
        kept += word
    if said.text is None:
        return _Said(None, kept, "length")
    return _Said(kept, None, "length")


def _limit(body: Json) -> int | None:
    limits = [
        _positive(body, field)
        for field in ("max_completion_tokens", "max_tokens")
        if body.get(field) is not None
    ]
    return min(limits, default=None)


def _count(body: Json) -> int:
    if body.get("n") is None:
        return 1
    count = _positive(body, "n")
    if count > MOST_CHOICES:
        raise _rejected("n", f"'n' must be at most {MOST_CHOICES}")
    return count


def _positive(body: Json, field: str) -> int:
    value = body[field]
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _rejected(field, f"'{field}' must be a whole number of at least 1")
    return value


def _rejected(param: str, message: str) -> UpstreamRejected:
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": "invalid_value",
    }
    return UpstreamRejected(400, {"error": error}, message)


def _usage(body: Json, said: _Said, count: int) -> Json:
    prompt = sum(_prompt_tokens(message) for message in body.get("messages", ()))
    completion = said.tokens * count
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _prompt_tokens(message: object) -> int:
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return estimate(content)
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return sum(estimate(text) for text in texts if isinstance(text, str))
    return 0


def _whole(head: Json, said: _Said, count: int, usage: Json) -> Json:
    message = {"role": "assistant", "content": said.text, "refusal": said.refusal}
    choices = [
        {"index": i, "message": message, "logprobs": None, "finish_reason": said.finish}
        for i in range(count)
    ]
    return {**head, "choices": choices, "usage": usage}


def _stream(head: Json, said: _Said, count: int, usage: Json, body: Json) -> Iterator[Json]:
    options = body.get("stream_options")
    counted = isinstance(options, dict) and options.get("include_usage") is True
    extra: Json = {"usage": None} if counted else {}

    def document(index: int, delta: Json, finish: str | None = None) -> Json:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**head, "choices": [choice], **extra}

    field = "content" if said.text is not None else "refusal"
    for index in range(count):
        yield document(index, {"role": "assistant", field: ""})
    for word in _WORDS.findall(said.text if said.text is not None else said.refusal or ""):
        for index in range(count):
            yield document(index, {field: word})
    for index in range(count):
        yield document(index, {}, said.finish)
    if counted:
        yield {**head, "choices": [], "usage": usage}
