"""Reads a chat completion, whole or streamed, and has it written down for another endpoint."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Protocol

from gateway.core.errors import UpstreamError
from gateway.core.observed import close_frames
from gateway.core.reply import Frame
from gateway.core.segments import Json

_TEXTS = (
    ("reasoning_content", "reasoning"),
    ("reasoning", "reasoning"),
    ("content", "content"),
    ("refusal", "refusal"),
)


class Writer(Protocol):
    """Writes one answer as the documents of an endpoint. Every method returns the stream documents
    that what it was told makes."""

    def start(self) -> list[Json]:
        """The answer begins."""
        ...

    def say(self, kind: str, text: str) -> list[Json]:
        """Text of a kind: ``reasoning``, ``content`` or ``refusal``."""
        ...

    def call(self, number: int, call: Json) -> list[Json]:
        """A tool call, or the next part of one: chat's own object."""
        ...

    def end(self, finish: str, usage: Json | None) -> list[Json]:
        """The answer is complete; ``usage`` is chat's own object."""
        ...

    def whole(self) -> Json:
        """The whole answer as one document, once it is complete."""
        ...


async def translated(
    frames: AsyncIterator[Frame], writer: Writer, *, stream: bool
) -> AsyncIterator[Frame]:
    """The frames of a chat answer as ``writer`` writes them. Raises UpstreamError for documents
    that are no chat completions."""
    finish, usage, began = "stop", None, False
    try:
        async for frame in frames:
            document = _document(frame)
            usage = document.get("usage") or usage
            choice = _first_choice(document)
            if choice is None:
                continue
            events = [] if began else writer.start()
            began = True
            events += _read(choice, writer)
            finish = choice.get("finish_reason") or finish
            for event in events if stream else ():
                yield Frame(document=event)
        if not began:
            raise _malformed("an answer without choices")
        events = writer.end(str(finish), usage if isinstance(usage, dict) else None)
        for event in events if stream else ():
            yield Frame(document=event)
        if not stream:
            yield Frame(document=writer.whole())
    finally:
        await close_frames(frames)


def written(documents: Iterable[Json], writer: Writer, *, stream: bool) -> list[Json]:
    """``translated`` for an answer that is all there."""
    made: list[Json] = writer.start()
    finish, usage = "stop", None
    for document in documents:
        usage = document.get("usage") or usage
        choice = _first_choice(document)
        if choice is not None:
            made += _read(choice, writer)
            finish = choice.get("finish_reason") or finish
    made += writer.end(finish, usage)
    return made if stream else [writer.whole()]


def _document(frame: Frame) -> Json:
    try:
        return frame.document
    except ValueError as error:
        raise _malformed(str(error)) from error


def _malformed(cause: str) -> UpstreamError:
    message = "The model provider sent an answer that cannot be read."
    return UpstreamError(message, retryable=False, cause=cause)


def _first_choice(document: Json) -> Json | None:
    choices = document.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return None


def _read(choice: Json, writer: Writer) -> Iterator[Json]:
    inner = choice.get("message") or choice.get("delta")
    if not isinstance(inner, dict):
        return
    for key, kind in _TEXTS:
        for text in _parts(inner.get(key)):
            yield from writer.say(kind, text)
    calls = inner.get("tool_calls")
    for place, call in enumerate(calls if isinstance(calls, list) else ()):
        if isinstance(call, dict):
            number = call.get("index", place)
            yield from writer.call(number if isinstance(number, int) else place, call)


def _parts(value: Any) -> list[str]:
    """The texts of a message's field: a string, or the parts that some providers answer in."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list):
        texts = (part.get("text") for part in value if isinstance(part, dict))
        return [text for text in texts if isinstance(text, str) and text]
    return []


def call_parts(call: Json) -> tuple[str, str, str]:
    """(id, name, arguments) of chat's tool call or of a part of one; '' for what is not there."""
    inner = call.get("function") or call.get("custom")
    inner = inner if isinstance(inner, dict) else {}
    arguments = inner.get("arguments", inner.get("input"))
    found = (call.get("id"), inner.get("name"), arguments)
    return tuple(part if isinstance(part, str) else "" for part in found)  # type: ignore[return-value]
