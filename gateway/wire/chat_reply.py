"""The texts of chat completions, whole (``message``) and streamed (``delta``)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.core.dialect import Piece
from gateway.core.segments import Json, Path

_TEXTS = (
    ("reasoning_content", "reasoning"),
    ("reasoning", "reasoning"),
    ("content", "content"),
    ("refusal", "refusal"),
)
_LONE: Path = ("choices", 0, "delta", "content")
_CALL_TEXTS = (("function", "arguments"), ("custom", "input"))
_IDENTITY = ("id", "created", "model", "system_fingerprint")
_FIELD_OF = {"reasoning": "reasoning_content", "content": "content", "refusal": "refusal"}


def _choices(document: Json) -> Iterator[tuple[int, int, Json, str, Json]]:
    """(position, index, choice, ``message`` or ``delta``, that object) of every choice."""
    choices = document.get("choices")
    for position, choice in enumerate(choices if isinstance(choices, list) else ()):
        if not isinstance(choice, dict):
            continue
        index = choice.get("index")
        name = "message" if "message" in choice else "delta"
        inner = choice.get(name)
        yield (
            position,
            index if isinstance(index, int) else position,
            choice,
            name,
            inner if isinstance(inner, dict) else {},
        )


def pieces(document: Json) -> list[Piece]:
    """See ``Dialect.pieces``."""
    found: list[Piece] = []
    for position, index, _, name, inner in _choices(document):
        base: Path = ("choices", position, name)
        for key, channel in _TEXTS:
            found += _texts(inner.get(key), index, channel, (*base, key))
        audio = inner.get("audio")
        if isinstance(audio, dict) and isinstance(audio.get("transcript"), str):
            found.append(Piece(index, "audio", audio["transcript"], (*base, "audio", "transcript")))
        found += _calls(inner, index, base)
    return found


def lone(document: Json) -> Piece | None:
    """See ``Dialect.lone``: one choice with a delta of content alone."""
    choices = document.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or document.get("usage"):
        return None
    choice = choices[0]
    if not isinstance(choice, dict) or choice.get("logprobs"):
        return None
    index, delta = choice.get("index"), choice.get("delta")
    if choice.get("finish_reason") is not None or not isinstance(index, int):
        return None
    if not isinstance(delta, dict) or len(delta) != 1:
        return None
    text = delta.get("content")
    return Piece(index, "content", text, _LONE) if isinstance(text, str) else None


def _texts(value: Any, index: int, channel: str, path: Path) -> Iterator[Piece]:
    if isinstance(value, str):
        yield Piece(index, channel, value, path)
    elif isinstance(value, list):  # some providers answer in parts
        for place, part in enumerate(value):
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                yield Piece(index, channel, part["text"], (*path, place, "text"))


def _calls(inner: Json, index: int, base: Path) -> Iterator[Piece]:
    call = inner.get("function_call")
    if isinstance(call, dict) and isinstance(call.get("arguments"), str):
        yield Piece(index, "tool_call:-1", call["arguments"], (*base, "function_call", "arguments"))
    calls = inner.get("tool_calls")
    for place, call in enumerate(calls if isinstance(calls, list) else ()):
        if not isinstance(call, dict):
            continue
        number = call.get("index", place)
        for kind, key in _CALL_TEXTS:
            body = call.get(kind)
            if isinstance(body, dict) and isinstance(body.get(key), str):
                path = (*base, "tool_calls", place, kind, key)
                yield Piece(index, f"tool_call:{number}", body[key], path)


def calls(document: Json) -> tuple[Json, Mapping[tuple[int, str], Json]]:
    """See ``Dialect.calls``: ids and names go, arguments stay."""
    opened: dict[tuple[int, str], Json] = {}
    changed: dict[int, Json] = {}
    for position, index, choice, name, inner in _choices(document):
        if not inner.get("tool_calls") and not inner.get("function_call"):
            continue
        left = {k: v for k, v in inner.items() if k not in ("tool_calls", "function_call")}
        given = inner.get("tool_calls")
        rest = []
        for place, call in enumerate(given if isinstance(given, list) else ()):
            if isinstance(call, dict):
                number = call.get("index", place)
                opening, arguments = _parted(call)
                if opening:
                    delta: Json = {"tool_calls": [{**opening, "index": number}]}
                    opened[index, f"tool_call:{number}"] = _delta(document, index, delta)
                if arguments:
                    rest.append({**arguments, "index": number})
        if rest:
            left["tool_calls"] = rest
        old = inner.get("function_call")
        if isinstance(old, dict):
            if old.get("name"):
                delta = {"function_call": {**old, "arguments": ""}}
                opened[index, "tool_call:-1"] = _delta(document, index, delta)
            if isinstance(old.get("arguments"), str):
                left["function_call"] = {"arguments": old["arguments"]}
        changed[position] = {**choice, name: left}
    if not changed:
        return document, {}
    choices = [changed.get(place, choice) for place, choice in enumerate(document["choices"])]
    return {**document, "choices": choices}, opened


def _parted(call: Json) -> tuple[Json | None, Json | None]:
    """What opens a call, and its arguments, each None when the call's part says nothing of it."""
    opening, arguments = dict(call), None
    for kind, key in _CALL_TEXTS:
        body = call.get(kind)
        if isinstance(body, dict) and isinstance(body.get(key), str):
            opening[kind] = {**body, key: ""}
            arguments = {kind: {key: body[key]}}
    return (None if _empty(opening) else opening), arguments


def _delta(like: Json, index: int, delta: Json) -> Json:
    return chunk(like, [{"index": index, "delta": delta, "finish_reason": None}])


def finishing(document: Json) -> list[int]:
    """See ``Dialect.finishing``: a choice with a finish reason, or any choice of a whole answer."""
    return [
        index
        for _, index, choice, name, _ in _choices(document)
        if name == "message" or choice.get("finish_reason") is not None
    ]


def carrier(like: Json, lane: tuple[int, str], text: str) -> Json:
    """See ``Dialect.carrier``."""
    index, channel = lane
    delta: Json
    if channel == "tool_call:-1":
        delta = {"function_call": {"arguments": text}}
    elif channel.startswith("tool_call:"):
        number = int(channel.partition(":")[2])
        kind, key = _CALL_TEXTS[_is_custom(like)]
        delta = {"tool_calls": [{"index": number, kind: {key: text}}]}
    elif channel == "audio":
        delta = {"audio": {"transcript": text}}
    else:
        delta = {_FIELD_OF[channel]: text}
    return _delta(like, index, delta)


def _is_custom(like: Json) -> bool:
    """Whether the document opens a custom tool's call."""
    inner = next(_choices(like), (0, 0, {}, "", {}))[4]
    calls = inner.get("tool_calls")
    return bool(calls) and isinstance(calls, list) and "custom" in calls[0]


def chunk(like: Json, choices: Sequence[Json]) -> Json:
    """A stream document with these choices and the identity of ``like``."""
    head: Json = {key: like[key] for key in _IDENTITY if key in like}
    return {**head, "object": "chat.completion.chunk", "choices": list(choices)}


def halted(document: Json, choice: int, finish: str, text: str | None = None) -> Json:
    """See ``Dialect.halted``."""
    choices = []
    for _, index, entry, name, inner in _choices(document):
        if index != choice:
            choices.append(entry)
            continue
        kept = {k: v for k, v in inner.items() if k not in ("tool_calls", "function_call", "audio")}
        if text is not None:
            kept["content"] = text
        choices.append({**entry, name: kept, "logprobs": None, "finish_reason": finish})
    return {**document, "choices": choices}


def finish(document: Json) -> str | None:
    """See ``Dialect.finish``: the last choice's that has one."""
    reasons = [choice.get("finish_reason") for _, _, choice, _, _ in _choices(document)]
    return next((str(reason) for reason in reversed(reasons) if reason), None)


def plain(document: Json) -> Json:
    """See ``Dialect.plain``."""
    if not any(choice.get("logprobs") for _, _, choice, _, _ in _choices(document)):
        return document
    choices = [
        {**choice, "logprobs": None} if choice.get("logprobs") else choice
        for _, _, choice, _, _ in _choices(document)
    ]
    return {**document, "choices": choices}


def without(document: Json, choice: int) -> Json | None:
    """See ``Dialect.without``."""
    choices = [entry for _, index, entry, _, _ in _choices(document) if index != choice]
    if not choices and not document.get("usage"):
        return None
    return {**document, "choices": choices}


def bare(document: Json) -> bool:
    """See ``Dialect.bare``."""
    if document.get("usage"):
        return False
    seen = False
    for _, _, choice, _, inner in _choices(document):
        seen = True
        if choice.get("finish_reason") is not None or choice.get("logprobs"):
            return False
        if not all(_empty(value) for value in inner.values()):
            return False
    return seen


def _empty(value: Any) -> bool:
    """Whether a delta's value says nothing: no text, no name, no id."""
    if isinstance(value, dict):
        return all(_empty(child) for key, child in value.items() if key not in ("index", "type"))
    if isinstance(value, list):
        return all(_empty(child) for child in value)
    return value is None or value == ""


def with_citations(document: Json, citations: Sequence[Json]) -> Json:
    """See ``Dialect.with_citations``."""
    choices = [
        {**choice, name: {**inner, "context": {"citations": list(citations)}}}
        for _, _, choice, name, inner in _choices(document)
    ]
    return {**document, "choices": choices}


def citation_document(like: Json, citations: Sequence[Json]) -> Json:
    """See ``Dialect.citation_document``."""
    return _delta(like, 0, {"role": "assistant", "context": {"citations": list(citations)}})
