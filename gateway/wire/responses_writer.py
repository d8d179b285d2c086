"""Writes one answer as a response, whole or as its stream of events."""

from gateway.core.segments import Json
from gateway.wire import responses_events as events
from gateway.wire.bridged import call_parts

_ECHOED = (
    "instructions", "max_output_tokens", "metadata", "parallel_tool_calls", "reasoning",
    "temperature", "text", "tool_choice", "tools", "top_p", "truncation", "user",
)  # fmt: skip
_DEFAULTS: Json = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "reasoning": {"effort": None, "summary": None},
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
    "truncation": "disabled",
    "user": None,
}


class ResponsesWriter:
    """See ``gateway.wire.bridged.Writer``. ``created`` is in seconds since the epoch; ``body`` is
    the request, whose settings come back in the answer."""

    def __init__(self, id: str, created: int, model: str, body: Json) -> None:
        given = {key: body[key] for key in _ECHOED if body.get(key) is not None}
        self._stem = id.removeprefix("resp_")
        self._response: Json = {
            "id": id,
            "object": "response",
            "created_at": created,
            "status": "in_progress",
            "background": False,
            "error": None,
            "incomplete_details": None,
            "model": model,
            "output": [],
            "previous_response_id": None,
            "store": False,
            "usage": None,
            **_DEFAULTS,
            **given,
        }
        self._items: list[Json] = []
        self._texts: list[str] = []
        self._open = ""
        self._calls: dict[int, tuple[int, list[str]]] = {}

    def start(self) -> list[Json]:
        response = {**self._response, "output": []}
        return [
            events.response_event("response.created", response),
            events.response_event("response.in_progress", response),
        ]

    def say(self, kind: str, text: str) -> list[Json]:
        made = [] if kind == self._open else [*self._close(), *self._begin(kind)]
        self._texts.append(text)
        index = len(self._items) - 1 if kind == "reasoning" else self._message
        item = self._items[index]["id"]
        if kind == "reasoning":
            return [*made, self._summary("text.delta", index, {"delta": text})]
        stem = "response.refusal.delta" if kind == "refusal" else "response.output_text.delta"
        number = len(self._items[index]["content"])
        return [*made, events.text_event(stem, item, index, number, "delta", text)]

    def call(self, number: int, call: Json) -> list[Json]:
        id, name, arguments = call_parts(call)
        made: list[Json] = []
        if number not in self._calls:
            made = [*self._close(), *self._end_message()]
            index = len(self._items)
            custom = call.get("type") == "custom" or "custom" in call
            kind, field = (
                ("custom_tool_call", "input") if custom else ("function_call", "arguments")
            )
            item = {
                "id": f"{'ctc' if custom else 'fc'}_{self._stem}_{index}",
                "type": kind,
                "status": "in_progress",
                "call_id": id or f"call_{number}",
                "name": name,
                field: "",
            }
            self._items.append(item)
            self._calls[number] = (index, [])
            made.append(events.item_event("added", index, item))
        index, texts = self._calls[number]
        if arguments:
            texts.append(arguments)
            made.append(self._call_event("delta", index, {"delta": arguments}))
        return made

    def end(self, finish: str, usage: Json | None) -> list[Json]:
        made = [*self._close(), *self._end_message()]
        for index, texts in self._calls.values():
            field = "input" if self._items[index]["type"] == "custom_tool_call" else "arguments"
            text = "".join(texts)
            item = {**self._items[index], "status": "completed", field: text}
            self._items[index] = item
            made.append(self._call_event("done", index, {field: text}))
            made.append(events.item_event("done", index, item))
        if usage is not None:
            self._response["usage"] = _usage(usage)
        self._response |= events.ended(finish)
        kind = f"response.{self._response['status']}"
        return [*made, events.response_event(kind, self.whole())]

    def whole(self) -> Json:
        return {**self._response, "output": list(self._items)}

    _message = -1
    """The number of the message item that is open; -1 when none is."""

    def _begin(self, kind: str) -> list[Json]:
        """Open an item, if need be, and a part of it."""
        self._open = kind
        made: list[Json] = []
        if kind == "reasoning":
            made = self._end_message()
            index = len(self._items)
            item: Json = {"id": f"rs_{self._stem}_{index}", "type": "reasoning", "summary": []}
            self._items.append(item)
            empty = {"part": {"type": "summary_text", "text": ""}}
            return [
                *made,
                events.item_event("added", index, {**item}),
                self._summary("part.added", index, empty),
            ]
        if self._message < 0:
            self._message = len(self._items)
            item = events.message_item(f"msg_{self._stem}_{self._message}", [], "in_progress")
            self._items.append(item)
            made.append(events.item_event("added", self._message, {**item}))
        item = self._items[self._message]
        part = events.refusal_part("") if kind == "refusal" else events.text_part("")
        number = len(item["content"])
        return [*made, events.part_event("added", item["id"], self._message, number, part)]

    def _close(self) -> list[Json]:
        """End the part that is open, and the reasoning it may be."""
        kind, self._open = self._open, ""
        if not kind:
            return []
        text = "".join(self._texts)
        self._texts.clear()
        if kind == "reasoning":
            index = len(self._items) - 1
            part = {"type": "summary_text", "text": text}
            self._items[index] = {**self._items[index], "summary": [part]}
            return [
                self._summary("text.done", index, {"text": text}),
                self._summary("part.done", index, {"part": part}),
                events.item_event("done", index, self._items[index]),
            ]
        item = self._items[self._message]
        part = events.refusal_part(text) if kind == "refusal" else events.text_part(text)
        number = len(item["content"])
        self._items[self._message] = {**item, "content": [*item["content"], part]}
        return events.part_end(item["id"], self._message, number, part)

    def _end_message(self) -> list[Json]:
        index, self._message = self._message, -1
        if index < 0:
            return []
        self._items[index] = {**self._items[index], "status": "completed"}
        return [events.item_event("done", index, self._items[index])]

    def _summary(self, which: str, index: int, more: Json) -> Json:
        return {
            "type": f"response.reasoning_summary_{which}",
            "sequence_number": 0,
            "item_id": self._items[index]["id"],
            "output_index": index,
            "summary_index": 0,
            **more,
        }

    def _call_event(self, which: str, index: int, more: Json) -> Json:
        item = self._items[index]
        custom = item["type"] == "custom_tool_call"
        stem = "custom_tool_call_input" if custom else "function_call_arguments"
        named = {"name": item["name"]} if which == "done" and not custom else {}
        return {
            "type": f"response.{stem}.{which}",
            "sequence_number": 0,
            "item_id": item["id"],
            "output_index": index,
            **named,
            **more,
        }


def _usage(usage: Json) -> Json:
    """Chat's counts by the names of responses."""

    def count(name: str, within: str = "") -> int:
        place = usage.get(within) if within else usage
        value = place.get(name) if isinstance(place, dict) else None
        return value if isinstance(value, int) else 0

    return {
        "input_tokens": count("prompt_tokens"),
        "input_tokens_details": {"cached_tokens": count("cached_tokens", "prompt_tokens_details")},
        "output_tokens": count("completion_tokens"),
        "output_tokens_details": {
            "reasoning_tokens": count("reasoning_tokens", "completion_tokens_details")
        },
        "total_tokens": count("prompt_tokens") + count("completion_tokens"),
    }
