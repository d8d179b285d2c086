"""A provider's chat documents as it would send them at its other endpoints."""

from collections.abc import Callable, Mapping, Sequence

from gateway.core.segments import Json
from gateway.wire.bridged import Writer, written
from gateway.wire.messages_bridge import MessagesWriter
from gateway.wire.responses_request import question
from gateway.wire.responses_writer import ResponsesWriter

TYPED: Mapping[str, Callable[[Json], Writer]] = {
    "responses": lambda body: ResponsesWriter("resp_scripted", 0, str(body.get("model")), body),
    "messages": lambda body: MessagesWriter("msg_scripted", str(body.get("model"))),
}
"""The endpoints whose streams are made of typed events."""


def native(endpoint: str, body: Json, documents: Sequence[Json]) -> list[Json]:
    """The documents of ``endpoint`` that say what these chat documents say."""
    if endpoint in TYPED:
        return written(documents, TYPED[endpoint](body), stream=bool(body.get("stream")))
    if endpoint == "completions":
        return [_completion(document) for document in documents]
    if endpoint == "embeddings":
        given = body.get("input")
        count = len(given) if isinstance(given, list) else 1
        vectors = [
            {"object": "embedding", "index": i, "embedding": [0.5, -0.25]} for i in range(count)
        ]
        usage = {"prompt_tokens": 7, "total_tokens": 7}
        return [{"object": "list", "data": vectors, "model": body.get("model"), "usage": usage}]
    return list(documents)


def _completion(document: Json) -> Json:
    choices = []
    for choice in document["choices"]:
        said = choice.get("message") or choice.get("delta") or {}
        finish = choice.get("finish_reason")
        choices.append(
            {
                "index": choice["index"],
                "text": said.get("content") or "",
                "logprobs": None,
                "finish_reason": finish,
            }
        )
    return {**document, "object": "text_completion", "choices": choices}


def question_of(body: Json) -> str:
    """The question of a request that has an ``input``."""
    given = body["input"]
    if isinstance(given, list) and given and isinstance(given[0], str):
        return "\n".join(given)
    return question(body) if isinstance(given, str | list) else ""
