"""The dialect of ``POST /v1/completions``: one text in, one text out."""

from collections.abc import Iterator, Mapping, Sequence

from gateway.core.clock import Clock, SystemClock
from gateway.core.dialect import Bridge, Piece
from gateway.core.ids import new_id
from gateway.core.observed import usage_of
from gateway.core.reply import Usage
from gateway.core.segments import Json, Origin, Segment
from gateway.wire.checks import (
    check_integer,
    check_model,
    check_stream,
    check_string,
    check_texts,
    texts_of,
)
from gateway.wire.dialect import OpenAIWire
from gateway.wire.limits import RequestLimits

_IDENTITY = ("id", "created", "model", "system_fingerprint")


class CompletionsDialect(OpenAIWire):
    """Implements ``gateway.core.dialect.Dialect`` for OpenAI's legacy completions.

    The clock dates the answers that the gateway gives by itself.
    """

    name = "completions"
    upstream = "completions"
    field = "prompt"
    speaks = True
    bridge: Bridge | None = None

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def validate(self, body: Json, limits: RequestLimits, size: int) -> None:
        """Raises BadRequest or RequestTooLarge."""
        check_model(body)
        texts_of(body, "prompt", limits)
        check_string(body, "suffix")
        check_stream(body)
        check_integer(body, "n", 1, 128)
        check_integer(body, "max_tokens")
        if size > limits.text_characters:
            check_texts(self.segments(body), limits)

    def segments(self, body: Json) -> list[Segment]:
        prompt = body["prompt"]
        if isinstance(prompt, str):
            found = [Segment(prompt, Origin.USER, ("prompt",))]
        else:
            found = [Segment(t, Origin.USER, ("prompt", i)) for i, t in enumerate(prompt)]
        if isinstance(body.get("suffix"), str):
            found.append(Segment(body["suffix"], Origin.USER, ("suffix",)))
        return found

    def question(self, body: Json) -> str:
        prompt = body["prompt"]
        return prompt if isinstance(prompt, str) else "\n".join(prompt)

    def with_context(self, body: Json, instructions: str, context: str) -> Json:
        """There are no roles: both texts stand before every prompt."""
        lead = f"{instructions}\n\n{context}\n\n"
        prompt = body["prompt"]
        texts = lead + prompt if isinstance(prompt, str) else [lead + text for text in prompt]
        return {**body, "prompt": texts}

    def choices(self, body: Json) -> int:
        prompt = body["prompt"]
        return (body.get("n") or 1) * (1 if isinstance(prompt, str) else len(prompt))

    def answer(self, model: str, text: str, *, stream: bool, finish: str = "stop") -> list[Json]:
        now = self._clock.wall()
        head = {"id": new_id("cmpl-", int(now * 1000)), "created": int(now), "model": model}
        document = _document(head, [_choice(0, text, finish)])
        if not stream:
            document["usage"] = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        return [document]

    def with_citations(self, document: Json, citations: Sequence[Json]) -> Json:
        return document

    def citation_document(self, like: Json, citations: Sequence[Json]) -> Json | None:
        return None

    def pieces(self, document: Json) -> list[Piece]:
        return [
            Piece(index, "content", choice["text"], ("choices", position, "text"))
            for position, index, choice in _choices(document)
            if isinstance(choice.get("text"), str)
        ]

    def lone(self, document: Json) -> Piece | None:
        return None

    def finishing(self, document: Json) -> list[int]:
        return [i for _, i, choice in _choices(document) if choice.get("finish_reason") is not None]

    def closing(self, document: Json) -> Sequence[tuple[int, str]]:
        return ()

    def calls(self, document: Json) -> tuple[Json, Mapping[tuple[int, str], Json]]:
        return document, {}

    def outline(self) -> None:
        return None

    def usage(self, document: Json, known: Usage) -> Usage | None:
        return usage_of(document.get("usage"))

    def finish(self, document: Json) -> str | None:
        reasons = [choice.get("finish_reason") for _, _, choice in _choices(document)]
        return next((str(reason) for reason in reversed(reasons) if reason), None)

    def carrier(self, like: Json, lane: tuple[int, str], text: str) -> Json:
        return _document(like, [_choice(lane[0], text, None)])

    def halted(
        self, document: Json, choice: int, finish: str = "content_filter", text: str | None = None
    ) -> Json:
        choices = []
        for _, index, entry in _choices(document):
            if index == choice:
                said = {} if text is None else {"text": text}
                entry = {**entry, **said, "logprobs": None, "finish_reason": finish}
            choices.append(entry)
        return {**document, "choices": choices}

    def plain(self, document: Json) -> Json:
        if not any(choice.get("logprobs") for _, _, choice in _choices(document)):
            return document
        return {**document, "choices": [{**c, "logprobs": None} for _, _, c in _choices(document)]}

    def without(self, document: Json, choice: int) -> Json | None:
        choices = [entry for _, index, entry in _choices(document) if index != choice]
        if not choices and not document.get("usage"):
            return None
        return {**document, "choices": choices}

    def bare(self, document: Json) -> bool:
        if document.get("usage"):
            return False
        found = [choice for _, _, choice in _choices(document)]
        return bool(found) and not any(
            c.get("text") or c.get("finish_reason") is not None or c.get("logprobs") for c in found
        )


def _choices(document: Json) -> Iterator[tuple[int, int, Json]]:
    """(position, index, choice) of every choice."""
    choices = document.get("choices")
    for position, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict):
            index = choice.get("index")
            yield position, index if isinstance(index, int) else position, choice


def _choice(index: int, text: str, finish: str | None) -> Json:
    return {"index": index, "text": text, "logprobs": None, "finish_reason": finish}


def _document(like: Json, choices: list[Json]) -> Json:
    head: Json = {key: like[key] for key in _IDENTITY if key in like}
    return {**head, "object": "text_completion", "choices": choices}
