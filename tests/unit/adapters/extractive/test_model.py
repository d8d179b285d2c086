"""The extractive answerer as a ChatModel."""

from collections.abc import Sequence

import orjson
import pytest

from gateway.adapters.extractive.model import ExtractiveModel, ExtractiveOptions
from gateway.core.clock import SystemClock
from gateway.core.errors import UpstreamError, UpstreamRejected
from gateway.core.knowledge import Access, Chunk
from gateway.core.reply import ABSTAIN_TEXT
from gateway.core.segments import Json
from gateway.core.tokens import estimate
from gateway.ports.chat_model import ModelCall
from gateway.wire.chat import ChatDialect

REFUNDS = Chunk(
    "refunds#0",
    "refunds",
    "v",
    "Refund policy",
    "https://e.test/refunds",
    "refunds.md",
    "# Refund policy > Time\n\nCustomers have 30 days to ask for a refund. Boots must be clean.",
    Access(public=True),
)
QUESTION = "How long do customers have to ask for a refund?"
QUOTED = "Customers have 30 days to ask for a refund [1]."


async def ask(
    question: str = QUESTION,
    chunks: Sequence[Chunk] | None = (REFUNDS,),
    *,
    stream: bool = False,
    endpoint: str = "chat/completions",
    **fields: object,
) -> list[Json]:
    body: Json = {"model": "x", "messages": [{"role": "user", "content": question}], **fields}
    call = ModelCall(endpoint, "any", body, None, stream, question, chunks)
    model = ExtractiveModel(ExtractiveOptions(), clock=SystemClock())
    frames = await model.answer(call)
    documents = [orjson.loads(frame.raw) async for frame in frames]
    await model.aclose()
    return documents


def text_of(documents: list[Json], choice: int = 0) -> str:
    pieces = (piece for document in documents for piece in ChatDialect().pieces(document))
    return "".join(piece.text for piece in pieces if piece.choice == choice)


async def test_whole_answer_quotes_and_cites() -> None:
    (document,) = await ask()
    assert document["object"] == "chat.completion"
    assert document["model"] == "extractive"
    assert document["system_fingerprint"] == "gatehouse-extractive"
    assert document["choices"][0]["finish_reason"] == "stop"
    assert text_of([document]) == QUOTED
    assert document["usage"]["prompt_tokens"] == estimate(QUESTION)
    assert document["usage"]["completion_tokens"] == estimate(QUOTED)


async def test_stream_says_the_same_word_by_word() -> None:
    documents = await ask(stream=True)
    assert {document["object"] for document in documents} == {"chat.completion.chunk"}
    assert len({document["id"] for document in documents}) == 1
    assert documents[0]["choices"][0]["delta"]["role"] == "assistant"
    assert documents[-1]["choices"][0]["finish_reason"] == "stop"
    assert len(documents) > 8
    assert text_of(documents) == QUOTED
    assert all("usage" not in document for document in documents)


async def test_stream_ends_with_usage_when_asked() -> None:
    documents = await ask(stream=True, stream_options={"include_usage": True})
    assert documents[-1]["choices"] == []
    assert documents[-1]["usage"]["completion_tokens"] == estimate(QUOTED)
    assert all(document["usage"] is None for document in documents[:-1])


@pytest.mark.parametrize("stream", [False, True])
async def test_n_choices_are_all_answered(stream: bool) -> None:
    documents = await ask(stream=stream, n=3)
    assert [text_of(documents, choice) for choice in range(3)] == [QUOTED] * 3


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
async def test_token_limit_cuts_between_words(stream: bool, field: str) -> None:
    limit: Json = {field: 5}
    documents = await ask(stream=stream, **limit)
    assert text_of(documents) == "Customers have 30"
    assert documents[-1]["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("field", "value"), [("n", 0), ("n", "2"), ("n", 500), ("max_tokens", -1), ("n", True)]
)
async def test_senseless_number_is_the_clients_error(field: str, value: object) -> None:
    wrong: Json = {field: value}
    with pytest.raises(UpstreamRejected) as caught:
        await ask(**wrong)
    assert caught.value.body["error"]["param"] == field


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("question", "chunks"),
    [
        (QUESTION, ()),
        ("Who won the 1998 world cup?", (REFUNDS,)),
        ("What is this year's payroll budget?", (REFUNDS,)),
        ("", (REFUNDS,)),
    ],
)
async def test_unsupported_question_abstains(
    stream: bool, question: str, chunks: Sequence[Chunk]
) -> None:
    assert text_of(await ask(question, chunks, stream=stream)) == ABSTAIN_TEXT


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("Hello!", "extractive answerer"),
        ("thanks a lot", "welcome"),
        ("who are you?", "extractive answerer"),
        ("bye", "Goodbye"),
        ("Tell me a joke", "Configure a model provider"),
    ],
)
async def test_small_talk_is_short_and_honest(question: str, part: str) -> None:
    assert part in text_of(await ask(question, None))


@pytest.mark.parametrize("chunks", [(REFUNDS,), ()])
async def test_json_object_is_valid_json(chunks: Sequence[Chunk]) -> None:
    answer = orjson.loads(
        text_of(await ask(chunks=chunks, response_format={"type": "json_object"}))
    )
    assert answer["answer"] == (QUOTED if chunks else ABSTAIN_TEXT)
    assert [c["chunk_id"] for c in answer["citations"]] == [c.id for c in chunks]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "fields",
    [
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}},
        {"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "required"},
    ],
)
async def test_what_it_cannot_do_is_a_polite_refusal(stream: bool, fields: Json) -> None:
    documents = await ask(stream=stream, **fields)
    pieces = [piece for document in documents for piece in ChatDialect().pieces(document)]
    assert {piece.channel for piece in pieces if piece.text} == {"refusal"}


async def test_optional_tools_do_not_keep_it_from_answering() -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    assert text_of(await ask(tools=tools, tool_choice="auto")) == QUOTED


async def test_other_endpoints_are_another_providers_business() -> None:
    with pytest.raises(UpstreamError) as caught:
        await ask(endpoint="embeddings")
    assert not caught.value.retryable
