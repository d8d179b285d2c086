"""What a client saw of an answer: its bytes, and when they came."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.segments import Json
from gateway.testing.upstream import SeenRequest

_RUN = 8


@dataclass(slots=True)
class Seen:
    """One answer at the client, with the requests that reached the provider for it.

    ``first`` and ``last`` are seconds from the request to the first text and to the end of the
    body; ``texts`` and ``arguments`` are joined by choice.
    """

    status: int
    raw: bytes = b""
    first: float | None = None
    last: float = 0.0
    texts: dict[int, str] = field(default_factory=dict)
    arguments: dict[int, str] = field(default_factory=dict)
    finishes: set[str] = field(default_factory=set)
    upstream: list[SeenRequest] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of the first choice."""
        return self.texts.get(0, "")

    def leaked(self, value: str) -> int:
        """The length of the longest run of ``value`` that reached the client; 0 when no run of
        eight characters did. Shorter values are looked for as a whole."""
        places = [*self.texts.values(), *self.arguments.values(), self.raw.decode(errors="replace")]
        return max(_longest(value, place) for place in places)

    def reached(self, value: str) -> bool:
        """Whether ``value`` reached the provider."""
        return any(value.encode() in request.raw for request in self.upstream)

    def take_event(self, data: str, now: float) -> None:
        """Note one event of a stream. Data that is not JSON is kept only as bytes."""
        try:
            document = json.loads(data)
        except ValueError:
            return
        if isinstance(document, dict):
            before = sum(map(len, self.texts.values())) + sum(map(len, self.arguments.values()))
            self._take(document)
            after = sum(map(len, self.texts.values())) + sum(map(len, self.arguments.values()))
            if self.first is None and after > before:
                self.first = now

    def take_whole(self, now: float) -> None:
        """Note an answer that is not a stream."""
        try:
            document = json.loads(self.raw)
        except ValueError:
            return
        if isinstance(document, dict):
            self._take(document)
            for text in _output_texts(document):
                self._add(self.texts, 0, text)
            self.first = now

    def _take(self, document: Json) -> None:
        for choice in document.get("choices") or []:
            index = int(choice.get("index") or 0)
            said = choice.get("delta") or choice.get("message") or {}
            self._add(self.texts, index, said.get("content"))
            for call in said.get("tool_calls") or []:
                self._add(self.arguments, index, (call.get("function") or {}).get("arguments"))
            if choice.get("finish_reason"):
                self.finishes.add(str(choice["finish_reason"]))
        if document.get("type") == "response.output_text.delta":
            self._add(self.texts, 0, document.get("delta"))

    @staticmethod
    def _add(parts: dict[int, str], index: int, text: object) -> None:
        if isinstance(text, str):
            parts[index] = parts.get(index, "") + text


def _longest(value: str, place: str) -> int:
    size = longest = min(_RUN, len(value))
    found = False
    for at in range(len(value) - size + 1):
        while at + longest <= len(value) and value[at : at + longest] in place:
            found = True
            longest += 1
    return longest - 1 if found else 0


def _output_texts(document: Json) -> Iterator[str]:
    for item in document.get("output") or []:
        for part in item.get("content") or []:
            if isinstance(part.get("text"), str):
                yield part["text"]
