"""The restore stage: values come back to the caller, wherever the model put them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest

from gateway.core.dialect import Piece
from gateway.core.exchange import Exchange, Outcome
from gateway.core.knowledge import Access, Chunk
from gateway.core.placeholders import PlaceholderSecret, open_vault, vault_of
from gateway.core.reply import Frame, Reply, frames_of
from gateway.core.segments import Json
from gateway.stages.restore import RestoreOptions, RestoreStage
from gateway.testing.chat import chunk, completion
from gateway.testing.exchanges import make_exchange
from gateway.wire.chat import ChatDialect

SECRET = PlaceholderSecret(b"0123456789abcdef")
NAME = 'Jane "J"\nDoe'


def opened(value: str = NAME, **more: Any) -> tuple[Exchange, str]:
    ex = make_exchange("hello", **more)
    ex.outcomes.append(Outcome("restore"))
    vault = open_vault(ex, SECRET)
    vault.begin(ex)
    return ex, vault.issue("PERSON", value)


async def restored(ex: Exchange, documents: Sequence[Json]) -> list[Json]:
    ex.reply = Reply(frames_of(list(documents)), source="test/model")
    await RestoreStage(RestoreOptions()).run(ex)
    return [frame.document async for frame in ex.reply.frames]


def deltas(documents: Sequence[Json], key: str = "content", choice: int = 0) -> str:
    said = [
        c["delta"].get(key) or ""
        for document in documents
        for c in document["choices"]
        if c["index"] == choice
    ]
    return "".join(said)


def arguments(documents: Sequence[Json], index: int = 0) -> str:
    calls = [
        call
        for document in documents
        for choice in document["choices"]
        for call in choice["delta"].get("tool_calls") or ()
    ]
    return "".join(c["function"].get("arguments", "") for c in calls if c["index"] == index)


def call_delta(text: str, index: int = 0) -> Json:
    return chunk("m", {"tool_calls": [{"index": index, "function": {"arguments": text}}]})


async def test_every_choice_and_every_text_of_a_whole_answer_is_restored() -> None:
    ex, mark = opened(body={"n": 2})
    document = completion("m", [f"I am {mark}.", f"You are {mark}."])
    document["choices"][0]["message"]["reasoning_content"] = f"Who is {mark}?"
    document["choices"][1]["message"]["refusal"] = f"Not for {mark}"
    (answer,) = await restored(ex, [document])
    first, second = (choice["message"] for choice in answer["choices"])
    assert first["content"] == f"I am {NAME}."
    assert first["reasoning_content"] == f"Who is {NAME}?"
    assert (second["content"], second["refusal"]) == (f"You are {NAME}.", f"Not for {NAME}")


async def test_tool_call_arguments_stay_valid_json() -> None:
    ex, mark = opened()
    raw = orjson.dumps({"to": mark, "again": f"<{mark}>"}).decode()
    (answer,) = await restored(ex, [completion("m", "", tool_calls=[("send", raw)])])
    read = answer["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert orjson.loads(read) == {"to": NAME, "again": f"<{NAME}>"}


async def test_the_input_of_a_custom_tool_is_plain_text() -> None:
    ex, mark = opened()
    document = completion("m", "")
    call = {"id": "1", "type": "custom", "custom": {"name": "run", "input": f"{{say {mark}"}}
    document["choices"][0]["message"]["tool_calls"] = [call]
    (answer,) = await restored(ex, [document])
    assert answer["choices"][0]["message"]["tool_calls"][0]["custom"]["input"] == f"{{say {NAME}"
    many, mark = opened(stream=True)
    delta = {"tool_calls": [{"index": 0, "custom": {"input": f"{{say {mark}"}}]}
    said = await restored(many, [chunk("m", delta), chunk("m", {}, finish="stop")])
    inner = said[0]["choices"][0]["delta"]["tool_calls"][0]["custom"]["input"]
    assert inner == f"{{say {NAME}"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_a_placeholder_may_be_split_over_any_number_of_deltas(size: int) -> None:
    ex, mark = opened(stream=True)
    text = f"Dear {mark}, you are {mark}"
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    documents = [chunk("m", {"content": part}) for part in parts]
    documents.append(chunk("m", {}, finish="stop"))
    said = await restored(ex, documents)
    assert deltas(said) == f"Dear {NAME}, you are {NAME}"
    assert said[-1]["choices"][0]["finish_reason"] == "stop"
    assert said[0]["choices"][0]["delta"]["content"] == "Dear "[:size]  # nothing waits for the end


async def test_streamed_tool_calls_side_by_side_are_each_restored() -> None:
    ex, mark = opened(stream=True)
    first, second = f'{{"a":"{mark}"}}', f'{{"b":"x {mark}"}}'
    documents = [
        call_delta(part, index)
        for pair in zip(first, second.ljust(len(first)), strict=False)
        for index, part in enumerate(pair)
    ]
    documents += [call_delta(second[len(first) :], 1), chunk("m", {}, finish="tool_calls")]
    said = await restored(ex, documents)
    assert orjson.loads(arguments(said, 0)) == {"a": NAME}
    assert orjson.loads(arguments(said, 1)) == {"b": f"x {NAME}"}


async def test_reasoning_is_complete_before_content_begins() -> None:
    ex, mark = opened(stream=True)
    documents = [
        chunk("m", {"reasoning_content": f"Hm, {mark[:-1]}"}),
        chunk("m", {"content": f"Hi {mark}"}),
        chunk("m", {}, finish="stop"),
    ]
    said = await restored(ex, documents)
    kinds = [next(iter(d["choices"][0]["delta"]), "end") for d in said]
    assert kinds[0] == "reasoning_content"
    assert kinds.index("content") > max(i for i, k in enumerate(kinds) if k.startswith("reas"))
    assert deltas(said, "reasoning_content") == f"Hm, {NAME}"


async def test_what_is_held_goes_out_when_a_stream_just_stops() -> None:
    ex, mark = opened(stream=True)
    said = await restored(ex, [chunk("m", {"content": f"Hi {mark[:-3]}"})])
    assert deltas(said) == f"Hi {mark[:-3]}"


async def test_an_answer_that_is_to_be_json_stays_json() -> None:
    body = {"response_format": {"type": "json_object"}}
    ex, mark = opened(body=body)
    (whole,) = await restored(ex, [completion("m", f'{{"name":"{mark}"}}')])
    assert orjson.loads(whole["choices"][0]["message"]["content"]) == {"name": NAME}
    ex, mark = opened(body=body, stream=True)
    documents = [chunk("m", {"content": c}) for c in f'{{"name":"{mark}"}}']
    said = await restored(ex, [*documents, chunk("m", {}, finish="stop")])
    assert orjson.loads(deltas(said)) == {"name": NAME}


async def test_placeholders_of_others_stay_what_they_are() -> None:
    _, foreign = opened("someone else")
    ex, mark = opened("me", body={"user": "another"})
    assert foreign != mark
    (answer,) = await restored(ex, [completion("m", f"{foreign} {mark}")])
    assert answer["choices"][0]["message"]["content"] == f"{foreign} me"


async def test_log_probabilities_that_spell_placeholders_are_withheld() -> None:
    ex, mark = opened(stream=True)
    document = chunk("m", {"content": mark})
    document["choices"][0]["logprobs"] = {"content": [{"token": mark}]}
    said = await restored(ex, [document, chunk("m", {}, finish="stop")])
    assert mark not in str(said)


async def test_documents_without_placeholders_pass_as_their_own_bytes() -> None:
    ex, _ = opened(stream=True)
    raw = b'{"choices": [{"index": 0, "delta": {"content": "plain."}}], "x": 1.0}'

    async def frames() -> AsyncIterator[Frame]:
        yield Frame(raw)

    ex.reply = Reply(frames(), source="test/model")
    await RestoreStage(RestoreOptions()).run(ex)
    assert [frame.raw async for frame in ex.reply.frames] == [raw]


async def test_citations_show_the_documents_as_the_caller_may_see_them() -> None:
    ex, mark = opened()
    access = Access(public=True)
    ex.chunks = [Chunk("1", "d", "v", "t", None, None, f"Ask {mark}.", access)]
    await restored(ex, [completion("m", "ok")])
    assert ex.chunks[0].text == f"Ask {NAME}."


async def test_an_exchange_without_placeholders_is_left_alone() -> None:
    ex = make_exchange("x")
    ex.outcomes.append(Outcome("restore"))
    frames = frames_of([completion("m", "ok")])
    ex.reply = Reply(frames, source="test/model")
    await RestoreStage(RestoreOptions()).run(ex)
    assert ex.reply.frames is frames


async def test_the_values_are_let_go_of_before_anything_is_stored() -> None:
    ex, _ = opened()
    await RestoreStage(RestoreOptions()).close(ex, None)
    assert vault_of(ex) is None
    assert NAME not in repr(ex)


class RepeatingDialect(ChatDialect):
    """Chat whose documents may repeat what was said, as typed events do."""

    def pieces(self, document: Json) -> list[Piece]:
        found = super().pieces(document)
        return [replace(p, echo=True) for p in found] if document.get("repeats") else found


async def test_a_text_that_repeats_its_lane_is_restored_as_a_whole() -> None:
    ex, mark = opened(stream=True, dialect=RepeatingDialect())
    documents = [chunk("m", {"content": part}) for part in ("I am ", mark[:9], mark[9:-1])]
    repeats = {**chunk("m", {"content": f"I am {mark[:-1]}"}), "repeats": True}
    said = await restored(ex, [*documents, repeats, chunk("m", {}, finish="stop")])
    texts = [d["choices"][0]["delta"].get("content") for d in said]
    assert texts[-2] == f"I am {NAME}"
    assert "".join(texts[:-2]) == f"I am {NAME}"


async def test_a_text_that_repeats_nothing_is_a_text_like_any_other() -> None:
    ex, mark = opened(stream=True, dialect=RepeatingDialect())
    repeats = {**chunk("m", {"content": mark}, finish="stop"), "repeats": True}
    assert deltas(await restored(ex, [repeats])) == NAME
