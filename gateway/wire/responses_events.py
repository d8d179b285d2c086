"""The objects and events that responses are made of. Sequence numbers are the framing's to set."""

from gateway.core.segments import Json


def text_part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def refusal_part(text: str) -> Json:
    return {"type": "refusal", "refusal": text}


def message_item(id: str, content: list[Json], status: str) -> Json:
    return {
        "id": id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def response_event(kind: str, response: Json) -> Json:
    return {"type": kind, "sequence_number": 0, "response": response}


def item_event(which: str, index: int, item: Json) -> Json:
    """``which`` is ``added`` or ``done``."""
    kind = f"response.output_item.{which}"
    return {"type": kind, "sequence_number": 0, "output_index": index, "item": item}


def part_event(which: str, item_id: str, index: int, number: int, part: Json) -> Json:
    """``which`` is ``added`` or ``done``."""
    return {
        "type": f"response.content_part.{which}",
        "sequence_number": 0,
        "item_id": item_id,
        "output_index": index,
        "content_index": number,
        "part": part,
    }


def text_event(kind: str, item_id: str, index: int, number: int, field: str, text: str) -> Json:
    """A ``delta`` or ``done`` of text. ``kind`` is the event's whole name."""
    logprobs: Json = {"logprobs": []} if "output_text" in kind else {}
    return {
        "type": kind,
        "sequence_number": 0,
        "item_id": item_id,
        "output_index": index,
        "content_index": number,
        field: text,
        **logprobs,
    }


def part_end(item_id: str, index: int, number: int, part: Json) -> list[Json]:
    """The events that end a part: its whole text, and the part itself."""
    stem = "refusal" if part["type"] == "refusal" else "output_text"
    field = "refusal" if stem == "refusal" else "text"
    done = f"response.{stem}.done"
    return [
        text_event(done, item_id, index, number, field, part[field]),
        part_event("done", item_id, index, number, part),
    ]


def said(item_id: str, index: int, text: str) -> list[Json]:
    """All events of a message that says one text."""
    part = text_part(text)
    return [
        item_event("added", index, message_item(item_id, [], "in_progress")),
        part_event("added", item_id, index, 0, text_part("")),
        text_event("response.output_text.delta", item_id, index, 0, "delta", text),
        *part_end(item_id, index, 0, part),
        item_event("done", index, message_item(item_id, [part], "completed")),
    ]


def ended(finish: str) -> Json:
    """The fields of a response that tell its end, for one of chat's finish reasons."""
    reason = {"content_filter": "content_filter", "length": "max_output_tokens"}.get(finish)
    if reason is None:
        return {"status": "completed", "incomplete_details": None, "error": None}
    return {"status": "incomplete", "incomplete_details": {"reason": reason}, "error": None}
