"""The texts of OpenAI's responses, whole (``response``) and streamed (typed events)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.core.dialect import Piece
from gateway.core.observed import usage_of
from gateway.core.reply import Usage
from gateway.core.segments import Json, Origin, Path
from gateway.wire.responses_request import CALLS
from gateway.wire.texts import words_of

LAST = frozenset({"response.completed", "response.incomplete", "response.failed"})
DELTAS = {
    "response.output_text": ("content", "content_index", "text"),
    "response.refusal": ("refusal", "content_index", "refusal"),
    "response.function_call_arguments": ("tool_call", "", "arguments"),
    "response.mcp_call_arguments": ("tool_call", "", "arguments"),
    "response.custom_tool_call_input": ("tool_call", "", "input"),
    "response.code_interpreter_call_code": ("tool_call", "", "code"),
    "response.reasoning_summary_text": ("summary", "summary_index", "text"),
    "response.reasoning_text": ("reasoning", "content_index", "text"),
}
"""By the stem of the events ``….delta`` and ``….done``: the channel, the field that counts the
texts of an item, the field of the ``done`` event that repeats the text."""
_STEMS = {
    "content": "response.output_text",
    "refusal": "response.refusal",
    "summary": "response.reasoning_summary_text",
    "reasoning": "response.reasoning_text",
}
_CALL_STEMS = {
    "function_call": "response.function_call_arguments",
    "mcp_call": "response.mcp_call_arguments",
    "custom_tool_call": "response.custom_tool_call_input",
    "code_interpreter_call": "response.code_interpreter_call_code",
}
_PARTS = {
    "output_text": ("content", "text"),
    "refusal": ("refusal", "refusal"),
    "reasoning_text": ("reasoning", "text"),
    "summary_text": ("summary", "text"),
}
_HEAD = frozenset({"type", "sequence_number", "output_index", "item_id", "obfuscation", "logprobs"})
_PICTURES = frozenset({"result", "partial_image_b64"})
_OPENING = frozenset({"response.created", "response.in_progress", "response.queued"})


def pieces(document: Json) -> list[Piece]:
    """See ``Dialect.pieces``: in the order in which the items stand."""
    kind = document.get("type")
    if not isinstance(kind, str):
        return list(_items(document.get("output"), ("output",), echo=False))
    if kind in LAST:
        response = document.get("response")
        output = response.get("output") if isinstance(response, dict) else None
        return list(_items(output, ("response", "output"), echo=True))
    if kind in _OPENING:
        return []
    stem, _, last = kind.rpartition(".")
    if stem in DELTAS and last in ("delta", "done"):
        return _text(document, stem, last)
    index = index_of(document)
    done = last == "done"
    if stem == "response.output_item":
        return list(_item(document.get("item"), index, ("item",), echo=done))
    if stem in ("response.content_part", "response.reasoning_summary_part"):
        place = _number(document.get("content_index", document.get("summary_index")))
        return list(_part(document.get("part"), index, place, ("part",), echo=done))
    if last == "delta" and isinstance(document.get("delta"), str):
        return [Piece(0, f"other:{index}:{stem}", document["delta"], ("delta",))]
    rest = {k: v for k, v in document.items() if k not in _HEAD and k not in _PICTURES}
    return list(_extras(rest, index, (), kind))


def _text(document: Json, stem: str, last: str) -> list[Piece]:
    channel, counter, repeated = DELTAS[stem]
    name = f"{channel}:{index_of(document)}"
    if counter:
        name += f":{_number(document.get(counter))}"
    key = "delta" if last == "delta" else repeated
    text = document.get(key)
    return [Piece(0, name, text, (key,), last == "done")] if isinstance(text, str) else []


def _items(output: Any, path: Path, *, echo: bool) -> Iterator[Piece]:
    for index, item in enumerate(output if isinstance(output, list) else ()):
        yield from _item(item, index, (*path, index), echo=echo)


def _item(item: Any, index: int, path: Path, *, echo: bool) -> Iterator[Piece]:
    if not isinstance(item, dict):
        yield from _extras(item, index, path, "item", echo=echo)
        return
    kind = str(item.get("type"))
    seen = {"content", "summary"} if kind in ("message", "reasoning") else set()
    for key in sorted(seen, reverse=True):
        parts = item.get(key)
        for place, part in enumerate(parts if isinstance(parts, list) else ()):
            yield from _part(part, index, place, (*path, key, place), echo=echo)
    call = "code" if kind == "code_interpreter_call" else CALLS.get(kind)
    if call is not None:
        seen |= {call, "name", "server_label"}
        if isinstance(item.get(call), str) and (item[call] or echo):
            yield Piece(0, f"tool_call:{index}", item[call], (*path, call), echo)
    if kind == "image_generation_call":
        seen |= _PICTURES
    rest = {k: v for k, v in item.items() if k not in seen}
    yield from _extras(rest, index, path, kind, echo=echo)


def _part(part: Any, index: int, place: Any, path: Path, *, echo: bool) -> Iterator[Piece]:
    if not isinstance(part, dict):
        yield from _extras(part, index, path, f"{place}", echo=echo)
        return
    channel, key = _PARTS.get(str(part.get("type")), ("", ""))
    if channel and isinstance(part.get(key), str) and (part[key] or echo):
        yield Piece(0, f"{channel}:{index}:{place}", part[key], (*path, key), echo)
    rest = {k: v for k, v in part.items() if k not in (key, "logprobs")}
    yield from _extras(rest, index, path, f"{place}", echo=echo)


def _extras(
    value: Any, index: int, path: Path, name: str, *, echo: bool = False
) -> Iterator[Piece]:
    """The texts of items, parts and events of other kinds: they come in one go."""
    for segment in words_of(value, path, Origin.MODEL):
        place = "/".join(map(str, segment.path[len(path) :]))
        yield Piece(0, f"extra:{index}:{name}/{place}", segment.text, segment.path, echo)


def closing(document: Json) -> Sequence[tuple[int, str]]:
    """See ``Dialect.closing``: texts that are repeated are complete, and those in one go are."""
    return [p.lane for p in pieces(document) if p.echo or p.channel.startswith("extra")]


def calls(document: Json) -> tuple[Json, Mapping[tuple[int, str], Json]]:
    """See ``Dialect.calls``: the start of an item that is one."""
    if document.get("type") == "response.output_item.added":
        item = document.get("item")
        if isinstance(item, dict) and str(item.get("type")) in _CALL_STEMS:
            return document, {(0, f"tool_call:{index_of(document)}"): document}
    return document, {}


def finishing(document: Json) -> list[int]:
    """See ``Dialect.finishing``."""
    kind = document.get("type")
    return [0] if not isinstance(kind, str) or kind in LAST else []


def response_of(document: Json) -> Json:
    """The response object of a document: itself, or the one its event carries."""
    inner = document.get("response")
    if isinstance(inner, dict):
        return inner
    return document if document.get("object") == "response" else {}


def finish(document: Json) -> str | None:
    """See ``Dialect.finish``."""
    response = response_of(document)
    status = response.get("status")
    if status == "completed":
        output = response.get("output")
        items = output if isinstance(output, list) else []
        return "tool_calls" if any(_is_call(item) for item in items) else "stop"
    if status == "incomplete":
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        return "content_filter" if reason == "content_filter" else "length"
    return "error" if status == "failed" else None


def _is_call(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") in ("function_call", "custom_tool_call")


def usage(document: Json) -> Usage | None:
    """See ``Dialect.usage``."""
    return usage_of(response_of(document).get("usage"))


def carrier(like: Json, lane: tuple[int, str], text: str) -> Json:
    """See ``Dialect.carrier``. The item's id is taken from ``like``, which tells of the same item
    save in streams that mix their items."""
    channel, _, rest = lane[1].partition(":")
    place, _, counter = rest.partition(":")
    index = int(place or 0)
    item = _item_of(like, index)
    stem = counter if channel == "other" else _STEMS.get(channel, "response.output_text")
    if channel == "tool_call":
        kind = str(like.get("type")).rpartition(".")[0]
        usual = kind if kind in _CALL_STEMS.values() else "response.function_call_arguments"
        stem = _CALL_STEMS.get(str(item.get("type")), usual)
    made: Json = {
        "type": f"{stem}.delta",
        "sequence_number": 0,
        "item_id": item.get("id", like.get("item_id") or ""),
        "output_index": index,
    }
    if channel in _STEMS:
        made[DELTAS[stem][1]] = int(counter or 0)
    if channel == "content":
        made["logprobs"] = []
    return {**made, "delta": text}


def _item_of(like: Json, index: int) -> Json:
    item = like.get("item")
    if item is None:
        output = response_of(like).get("output")
        item = output[index] if isinstance(output, list) and index < len(output) else None
    return item if isinstance(item, dict) else {}


def bare(document: Json) -> bool:
    """See ``Dialect.bare``: a delta without text."""
    return str(document.get("type")).endswith(".delta") and document.get("delta") == ""


def plain(document: Json) -> Json:
    """See ``Dialect.plain``."""
    changed: Json = _bared(document)
    return changed


def _bared(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: [] if k == "logprobs" and v else _bared(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_bared(child) for child in value]
    return value


def _number(value: Any) -> int:
    return value if type(value) is int else 0


def index_of(document: Json) -> int:
    """The number of the item that an event tells of."""
    return _number(document.get("output_index"))
