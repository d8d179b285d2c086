"""Ends a response early: a whole one, and a stream with what it has opened."""

from collections.abc import Sequence
from typing import Any

from gateway.core.segments import Json
from gateway.wire import responses_events as events
from gateway.wire.responses_reply import index_of
from gateway.wire.responses_request import CALLS
from gateway.wire.texts import kind_of


def halted(document: Json, finish: str, text: str | None) -> Json:
    """See ``Dialect.halted``: of a whole response. Items that have nothing left are left out."""
    output = document.get("output")
    kept = [k for item in (output if isinstance(output, list) else ()) if (k := _left(item))]
    if text is not None:
        kept = [events.message_item("msg_gateway", [events.text_part(text)], "completed")]
    return {**document, **events.ended(finish), "output": kept}


def _left(item: Any) -> Json | None:
    """What is left of an item whose texts were emptied; None when that is nothing."""
    if not isinstance(item, dict):
        return None
    kind = kind_of(item)
    if kind in CALLS:
        return item if item.get(CALLS[kind]) else None
    if kind not in ("message", "reasoning"):
        return None if "" in item.values() else item
    left = dict(item)
    for key in ("content", "summary"):
        if isinstance(item.get(key), list):
            left[key] = [part for part in item[key] if not _emptied(part)]
    if not left.get("content") and not left.get("summary"):
        return None
    return left


def _emptied(part: Any) -> bool:
    return not isinstance(part, dict) or "" in (part.get("text"), part.get("refusal"))


class ResponsesOutline:
    """The items and parts of one stream that are open. See ``gateway.core.dialect.Outline``."""

    def __init__(self) -> None:
        self._response: Json = {}
        self._items: dict[int, Json] = {}
        self._done: dict[int, Json] = {}
        self._parts: dict[tuple[int, int], Json] = {}
        self._closed: dict[tuple[int, int], Json] = {}
        self._texts: dict[tuple[int, int], list[str]] = {}
        self._thoughts: dict[tuple[int, str, int], list[str]] = {}

    def note(self, document: Json) -> None:
        kind = kind_of(document)
        index = index_of(document)
        place = (index, _number(document.get("content_index")))
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            self._texts.setdefault(place, []).append(str(document.get("delta")))
        elif kind == "response.reasoning_summary_text.delta":
            self._think(index, "summary", document, "summary_index")
        elif kind == "response.reasoning_text.delta":
            self._think(index, "content", document, "content_index")
        elif kind == "response.output_item.added":
            self._items[index] = _object(document.get("item"))
        elif kind == "response.output_item.done":
            self._items.pop(index, None)
            self._done[index] = _object(document.get("item"))
        elif kind == "response.content_part.added":
            self._parts[place] = _object(document.get("part"))
        elif kind == "response.content_part.done":
            self._parts.pop(place, None)
            self._closed[place] = _object(document.get("part"))
        elif isinstance(document.get("response"), dict):
            self._response = document["response"]

    def end(self, finish: str, text: str | None) -> list[Json]:
        made: list[Json] = []
        for index, item in sorted(self._items.items()):
            if item.get("type") == "message":
                made += self._end_message(index, item)
            elif item.get("type") == "reasoning":
                made += self._end_reasoning(index, item)
        if text is not None:
            index = max([*self._items, *self._done], default=-1) + 1
            said = events.said("msg_gateway", index, text)
            self._done[index] = said[-1]["item"]
            made += said
        output = [item for _, item in sorted(self._done.items())]
        response = {**self._response, **events.ended(finish), "output": output}
        return [*made, events.response_event(f"response.{response['status']}", response)]

    def _end_message(self, index: int, item: Json) -> Sequence[Json]:
        made: list[Json] = []
        content: list[Json] = []
        numbers = {n for at, n in (*self._parts, *self._closed) if at == index}
        for number in sorted(numbers):
            part = self._closed.get((index, number))
            if part is None:
                text = "".join(self._texts.get((index, number), ()))
                refused = self._parts[index, number].get("type") == "refusal"
                part = events.refusal_part(text) if refused else events.text_part(text)
                made += events.part_end(str(item.get("id")), index, number, part)
            content.append(part)
        ended = {**item, "status": "incomplete", "content": content}
        self._done[index] = ended
        return [*made, events.item_event("done", index, ended)]

    def _think(self, index: int, field: str, document: Json, counter: str) -> None:
        place = (index, field, _number(document.get(counter)))
        self._thoughts.setdefault(place, []).append(str(document.get("delta")))

    def _end_reasoning(self, index: int, item: Json) -> Sequence[Json]:
        ended = dict(item)
        for field, kind in (("summary", "summary_text"), ("content", "reasoning_text")):
            texts = [
                "".join(texts)
                for (at, name, _), texts in sorted(self._thoughts.items())
                if at == index and name == field
            ]
            if texts:
                ended[field] = [{"type": kind, "text": text} for text in texts]
        self._done[index] = ended
        return [events.item_event("done", index, ended)]


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
