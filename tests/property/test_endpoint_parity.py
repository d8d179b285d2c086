"""``stream: true`` never changes what is released, whatever the endpoint."""

from collections.abc import AsyncIterator, Callable

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core.dialect import Dialect
from gateway.core.exchange import Exchange, Outcome
from gateway.core.findings import Then
from gateway.core.reply import Frame
from gateway.core.rules import Layer
from gateway.core.segments import Json
from gateway.stages.gate import Gate
from gateway.testing.dialects import native
from gateway.testing.exchanges import make_exchange
from gateway.wire.completions import CompletionsDialect
from gateway.wire.messages import MessagesDialect
from gateway.wire.responses import ResponsesDialect
from tests.property.test_stream_parity import TEXTS, rules, split

DIALECTS: dict[str, Callable[[], Dialect]] = {
    "completions": CompletionsDialect,
    "responses": ResponsesDialect,
    "messages": MessagesDialect,
}
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=8)
THEN = st.tuples(
    st.sampled_from([Then.BLOCK, Then.ABSTAIN, Then.MASK, Then.FLAG]),
    st.sampled_from([Then.MASK, Then.BLOCK, Then.FLAG]),
)
Said = tuple[str, str, list[str]]
"""Reasoning, content and the arguments of the tool calls."""


def chat(said: Said, sizes: list[int], endpoint: str) -> list[Json]:
    """What was said as the chat deltas that the endpoint's documents are made from."""
    reasoning, content, arguments = said
    documents: list[Json] = []

    def emit(delta: Json, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        documents.append({"id": "x", "choices": [choice]})

    emit({"role": "assistant"})
    if endpoint != "completions":
        for part in split(reasoning, sizes):
            emit({"reasoning_content": part})
    for part in split(content, sizes):
        emit({"content": part})
    for number, text in enumerate(arguments if endpoint != "completions" else ()):
        emit({"tool_calls": [{"index": number, "id": f"c{number}", "function": {"name": "f"}}]})
        for part in split(text, sizes):
            emit({"tool_calls": [{"index": number, "function": {"arguments": part}}]})
    emit({}, "stop")
    return documents


def documents_of(endpoint: str, said: Said, sizes: list[int], *, stream: bool) -> list[Json]:
    if endpoint != "completions" or stream:
        return native(endpoint, {"stream": stream, "model": "m"}, chat(said, sizes, endpoint))
    choice = {"index": 0, "text": said[1], "finish_reason": "stop"}
    return [{"id": "x", "object": "text_completion", "choices": [choice]}]


async def raw_gated(documents: list[Json], ex: Exchange, then: tuple[Then, Then]) -> list[Json]:
    """The documents that the gate lets out."""

    async def frames() -> AsyncIterator[Frame]:
        for document in documents:
            yield Frame(document=document)

    gate = Gate(Layer.OUTPUT, rules(*then), ex, Outcome("guard[output]"), "I don't know.")
    return [frame.document async for frame in gate.through(frames())]


async def gated(
    endpoint: str, documents: list[Json], ex: Exchange, then: tuple[Then, Then]
) -> Json:
    sent = await raw_gated(documents, ex, then)
    finish = [f for document in sent if (f := ex.dialect.finish(document))]
    read: Json = {"content": "", "reasoning": "", "calls": [], "finish": finish[-1:]}
    READERS[endpoint](sent, read)
    return read


def read_completions(sent: list[Json], read: Json) -> None:
    read["content"] = "".join(c["text"] for d in sent for c in d["choices"])


def read_responses(sent: list[Json], read: Json) -> None:
    streamed: Json = {"content": "", "reasoning": "", "calls": {}}
    for document in sent:
        kind = document.get("type")
        if kind == "response.output_text.delta":
            streamed["content"] += document["delta"]
        elif kind == "response.reasoning_summary_text.delta":
            streamed["reasoning"] += document["delta"]
        elif kind == "response.function_call_arguments.delta":
            calls = streamed["calls"]
            index = document["output_index"]
            calls[index] = calls.get(index, "") + document["delta"]
        elif kind == "response.output_text.done":
            assert streamed["content"] == document["text"]
        elif kind == "response.function_call_arguments.done":
            assert streamed["calls"].get(document["output_index"], "") == document["arguments"]
    last = sent[-1].get("response", sent[-1])
    for item in last["output"]:
        for part in item.get("content", ()):
            read["content"] += part["text"]
        for part in item.get("summary", ()):
            read["reasoning"] += part["text"]
        if item["type"] == "function_call":
            read["calls"].append(item["arguments"])
    if "response" in sent[-1]:
        assert streamed["content"] == read["content"]
        assert list(streamed["calls"].values()) == read["calls"]
        assert streamed["reasoning"] == read["reasoning"]


def read_messages(sent: list[Json], read: Json) -> None:
    calls: dict[int, str] = {}
    for document in sent:
        delta = document.get("delta", {})
        read["content"] += delta.get("text", "")
        read["reasoning"] += delta.get("thinking", "")
        if "partial_json" in delta:
            calls[document["index"]] = calls.get(document["index"], "") + delta["partial_json"]
        for block in document.get("content", ()):
            read["content"] += block.get("text", "")
            read["reasoning"] += block.get("thinking", "")
            if block["type"] == "tool_use":
                read["calls"].append(orjson.dumps(block["input"]).decode())
    read["calls"] += calls.values()


READERS: dict[str, Callable[[list[Json], Json], None]] = {
    "completions": read_completions,
    "responses": read_responses,
    "messages": read_messages,
}


def exchange(endpoint: str, *, stream: bool) -> Exchange:
    return make_exchange(dialect=DIALECTS[endpoint](), body={"prompt": "x"}, stream=stream)


def as_arguments(text: str) -> str:
    return orjson.dumps({"q": text}).decode()


TWO_CALLS: Said = ("", "", ['{"q":""}', '{"q":"secret-12"}'])


@pytest.mark.parametrize("endpoint", DIALECTS)
@settings(deadline=None, max_examples=100)
@given(
    said=st.tuples(TEXTS, TEXTS, st.lists(TEXTS.map(as_arguments), max_size=2)),
    sizes=SIZES,
    then=THEN,
)
@example(
    said=("", "", ['{"q":""}', '{"q":"secret-12"}']), sizes=[1], then=(Then.ABSTAIN, Then.MASK)
)
@example(said=("", "", ['{"q":""}', '{"q":"secret-12"}']), sizes=[1], then=(Then.BLOCK, Then.MASK))
async def test_the_same_text_is_released_whole_and_streamed(
    endpoint: str, said: Said, sizes: list[int], then: tuple[Then, Then]
) -> None:
    once, many = exchange(endpoint, stream=False), exchange(endpoint, stream=True)
    whole = documents_of(endpoint, said, sizes, stream=False)
    streamed = documents_of(endpoint, said, sizes, stream=True)
    expected = await gated(endpoint, whole, once, then)
    assert await gated(endpoint, streamed, many, then) == expected
    assert many.verdict == once.verdict


@pytest.mark.parametrize("endpoint", DIALECTS)
@settings(deadline=None, max_examples=50)
@given(text=TEXTS, sizes=SIZES)
async def test_what_nothing_is_found_in_is_released_as_it_is(
    endpoint: str, text: str, sizes: list[int]
) -> None:
    text = text.replace("secret", "x").replace("@", "x").replace("BEGIN", "x")
    documents = documents_of(endpoint, ("", text, []), sizes, stream=True)
    ex = exchange(endpoint, stream=True)
    read = await gated(endpoint, documents, ex, (Then.BLOCK, Then.BLOCK))
    assert read["content"] == text
    assert read["finish"] == ["stop"]
