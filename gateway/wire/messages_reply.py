"""The texts of Anthropic's answers, whole (``message``) and streamed (typed events)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.core.dialect import Piece
from gateway.core.reply import Usage
from gateway.core.segments import Json, Origin, Path
from gateway.wire.messages_request import CALLS, call_text
from gateway.wire.texts import kind_of, words_of

STOPS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
"""Anthropic's stop reasons for chat's finish reasons."""
_FINISHES = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_DELTAS = {
    "content": ("text_delta", "text"),
    "reasoning": ("thinking_delta", "thinking"),
    "tool_call": ("input_json_delta", "partial_json"),
}
_KIND_OF_DELTA = {delta: (kind, key) for kind, (delta, key) in _DELTAS.items()}
_SILENT = frozenset({"redacted_thinking"})


def pieces(document: Json) -> list[Piece]:
    """See ``Dialect.pieces``: in the order in which the blocks stand."""
    kind = kind_of(document)
    if kind == "content_block_delta":
        return _delta(document)
    if kind == "content_block_start":
        block = document.get("content_block")
        return list(_block(block, _index(document), ("content_block",), started=True))
    found: list[Piece] = []
    content = document.get("content") if kind == "message" else None
    for index, block in enumerate(content if isinstance(content, list) else ()):
        found += _block(block, index, ("content", index), started=False)
    return found


def _delta(document: Json) -> list[Piece]:
    delta = document.get("delta")
    if not isinstance(delta, dict):
        return []
    index = _index(document)
    kind, key = _KIND_OF_DELTA.get(kind_of(delta), ("", ""))
    if not kind:
        return list(_extras(delta, index, ("delta",)))
    text = delta.get(key)
    return [Piece(0, f"{kind}:{index}", text, ("delta", key))] if isinstance(text, str) else []


def _block(block: Any, index: int, path: Path, *, started: bool) -> Iterator[Piece]:
    if not isinstance(block, dict):
        yield from _extras(block, index, path)
        return
    kind = kind_of(block)
    if kind in CALLS:
        if not started and isinstance(block.get("input"), dict):
            text = call_text(block["input"])
            yield Piece(0, f"tool_call:{index}", text, (*path, "input"))
        return
    key, channel = {"text": ("text", "content"), "thinking": ("thinking", "reasoning")}.get(
        str(kind), ("", "")
    )
    if key and isinstance(block.get(key), str):
        yield Piece(0, f"{channel}:{index}", block[key], (*path, key))
    if kind not in _SILENT:
        rest = {k: v for k, v in block.items() if k != key}
        yield from _extras(rest, index, path)


def _extras(value: Any, index: int, path: Path) -> Iterator[Piece]:
    """The texts of blocks and deltas of other kinds, and of citations."""
    for segment in words_of(value, path, Origin.MODEL):
        place = "/".join(map(str, segment.path[len(path) :]))
        yield Piece(0, f"extra:{index}:{place}", segment.text, segment.path)


def closing(document: Json) -> Sequence[tuple[int, str]]:
    """See ``Dialect.closing``: blocks that stop, and texts that come in one go."""
    if document.get("type") == "content_block_stop":
        index = _index(document)
        return [(0, f"{kind}:{index}") for kind in _DELTAS]
    return [p.lane for p in pieces(document) if p.channel.startswith("extra")]


def calls(document: Json) -> tuple[Json, Mapping[tuple[int, str], Json]]:
    """See ``Dialect.calls``: the start of a block that is one."""
    if document.get("type") == "content_block_start":
        block = document.get("content_block")
        if isinstance(block, dict) and kind_of(block) in CALLS:
            return document, {(0, f"tool_call:{_index(document)}"): document}
    return document, {}


def finishing(document: Json) -> list[int]:
    """See ``Dialect.finishing``."""
    kind = kind_of(document)
    return [0] if kind in ("message", "message_stop") or _stop_reason(document) else []


def finish(document: Json) -> str | None:
    """See ``Dialect.finish``."""
    reason = _stop_reason(document)
    return _FINISHES.get(reason, reason) if reason else None


def _stop_reason(document: Json) -> str | None:
    kind = kind_of(document)
    inner = document if kind == "message" else document.get("delta")
    if kind not in ("message", "message_delta") or not isinstance(inner, dict):
        return None
    reason = inner.get("stop_reason")
    return reason if isinstance(reason, str) else None


def usage(document: Json, known: Usage) -> Usage | None:
    """See ``Dialect.usage``: the prompt's share comes first, the answer's with its end."""
    message = document.get("message")
    counts = (message if isinstance(message, dict) else document).get("usage")
    if not isinstance(counts, dict):
        return None
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    prompt = sum(n for name in names if isinstance(n := counts.get(name), int))
    said = counts.get("output_tokens")
    completion = said if isinstance(said, int) else 0
    if not prompt and not completion:
        return None
    if document.get("type") == "message_start":
        return Usage(prompt=prompt, completion=completion, exact=True)
    return Usage(prompt=prompt or known.prompt, completion=completion, exact=True)


def carrier(lane: tuple[int, str], text: str) -> Json:
    """See ``Dialect.carrier``."""
    kind, _, index = lane[1].partition(":")
    name, key = _DELTAS.get(kind, _DELTAS["content"])
    number = int(index.partition(":")[0] or 0)
    return {"type": "content_block_delta", "index": number, "delta": {"type": name, key: text}}


def halted(document: Json, finish: str, text: str | None) -> Json:
    """See ``Dialect.halted``: of a whole message. Blocks that have nothing left are left out."""
    content = document.get("content")
    blocks = [b for b in (content if isinstance(content, list) else []) if not _emptied(b)]
    if text is not None:
        blocks = [{"type": "text", "text": text}]
    stop = STOPS.get(finish, finish)
    return {**document, "content": blocks, "stop_reason": stop, "stop_sequence": None}


def _emptied(block: Any) -> bool:
    if not isinstance(block, dict):
        return bool(block == "")
    keys = ("input",) if kind_of(block) in CALLS else ("text", "thinking")
    return any(block.get(key) == "" for key in keys)


def bare(document: Json) -> bool:
    """See ``Dialect.bare``: a delta without text."""
    delta = document.get("delta")
    if document.get("type") != "content_block_delta" or not isinstance(delta, dict):
        return False
    _, key = _KIND_OF_DELTA.get(kind_of(delta), ("", ""))
    return bool(key) and delta.get(key) == ""


def with_citations(document: Json, citations: Sequence[Json]) -> Json:
    """See ``Dialect.with_citations``: beside the message, as no block of Anthropic's fits."""
    context = {"citations": list(citations)}
    if document.get("type") == "message":
        return {**document, "context": context}
    if document.get("type") == "message_start" and isinstance(document.get("message"), dict):
        return {**document, "message": {**document["message"], "context": context}}
    return document


def _index(document: Json) -> int:
    index = document.get("index")
    return index if type(index) is int else 0


class MessagesOutline:
    """The blocks of one stream that are open. See ``gateway.core.dialect.Outline``."""

    def __init__(self) -> None:
        self._open: dict[int, str] = {}
        self._next = 0

    def note(self, document: Json) -> None:
        kind = kind_of(document)
        if kind == "content_block_start":
            block = document.get("content_block")
            index = _index(document)
            self._open[index] = str(block.get("type")) if isinstance(block, dict) else ""
            self._next = max(self._next, index + 1)
        elif kind == "content_block_stop":
            self._open.pop(_index(document), None)

    def end(self, finish: str, text: str | None) -> list[Json]:
        events: list[Json] = [
            {"type": "content_block_stop", "index": index}
            for index, kind in self._open.items()
            if kind not in CALLS
        ]
        if text is not None:
            events += text_block(self._next, text)
        return [*events, *message_end(finish, {"output_tokens": 0})]


def text_block(index: int, text: str) -> list[Json]:
    """The events of one text block."""
    block = {"type": "text", "text": ""}
    return [
        {"type": "content_block_start", "index": index, "content_block": block},
        carrier((0, f"content:{index}"), text),
        {"type": "content_block_stop", "index": index},
    ]


def message_end(finish: str, usage: Json) -> list[Json]:
    """The events that end a stream for one of chat's finish reasons."""
    delta = {"stop_reason": STOPS.get(finish, finish), "stop_sequence": None}
    return [
        {"type": "message_delta", "delta": delta, "usage": usage},
        {"type": "message_stop"},
    ]
