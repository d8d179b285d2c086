"""The cite stage."""

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.core.exchange import Exchange
from gateway.core.knowledge import Access, Chunk
from gateway.core.reply import ABSTAIN_TEXT, Frame, Reply, frames_of
from gateway.core.segments import Json
from gateway.stages.cite import CiteOptions, CiteStage
from gateway.testing.chat import chunk, completion
from gateway.testing.exchanges import make_exchange

PUBLIC = Access(public=True)


def passages(count: int = 3, access: Access = PUBLIC) -> list[Chunk]:
    return [
        Chunk(f"d#{n}", "d", "v", f"Title {n}", f"https://e.test/{n}", "d.md", f"text {n}", access)
        for n in range(1, count + 1)
    ]


async def cited(
    documents: list[Json],
    chunks: Sequence[Chunk] | None,
    *,
    stream: bool = False,
    abstained: bool = False,
    roles: Sequence[str] = (),
) -> tuple[Exchange, list[Frame]]:
    ex = make_exchange("How long?", stream=stream, roles=roles)
    ex.chunks = chunks
    ex.reply = Reply(frames_of(documents), "test", abstained=abstained)
    await CiteStage(CiteOptions()).run(ex)
    return ex, [frame async for frame in ex.reply.frames]


def citations(document: Json) -> list[Any]:
    choice = document["choices"][0]
    inner = choice.get("message") or choice.get("delta") or {}
    return [c["chunk_id"] for c in inner.get("context", {}).get("citations", [])]


def streamed(*texts: str) -> list[Json]:
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": text} for text in texts]
    return [*(chunk("m", delta) for delta in deltas), chunk("m", {}, finish="stop")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 days [1].", ["d#1"]),
        ("30 days [2].", ["d#1", "d#2"]),
        ("a [3] b [1]", ["d#1", "d#2", "d#3"]),
        ("30 days [1] [9] [0].", ["d#1"]),
        ("no marker at all", ["d#1", "d#2", "d#3"]),
        ("only a wrong one [12]", ["d#1", "d#2", "d#3"]),
        (ABSTAIN_TEXT, []),
        (f" {ABSTAIN_TEXT}\n", []),
        ("", []),
    ],
)
async def test_whole_answer_cites_so_that_positions_match_markers(
    text: str, expected: list[str]
) -> None:
    ex, frames = await cited([completion("m", text)], passages())
    assert citations(frames[0].document) == expected
    assert frames[0].document["choices"][0]["message"]["content"] == text
    assert ex.reply is not None
    assert ex.reply.abstained is (text.strip() == ABSTAIN_TEXT)


async def test_citation_has_the_azure_shape() -> None:
    _, frames = await cited([completion("m", "x [1]")], passages(1))
    assert frames[0].document["choices"][0]["message"]["context"] == {
        "citations": [
            {
                "content": "text 1",
                "title": "Title 1",
                "url": "https://e.test/1",
                "filepath": "d.md",
                "chunk_id": "d#1",
            }
        ]
    }


async def test_stream_starts_with_all_citations() -> None:
    documents = streamed("30 ", "days ", "[1].")
    _, frames = await cited(documents, passages(), stream=True)
    assert citations(frames[0].document) == ["d#1", "d#2", "d#3"]
    assert [frame.document for frame in frames[1:]] == documents


@pytest.mark.parametrize("cuts", [1, 5, 46])
async def test_abstaining_stream_has_no_citations(cuts: int) -> None:
    parts = [ABSTAIN_TEXT[i : i + cuts] for i in range(0, len(ABSTAIN_TEXT), cuts)]
    documents = streamed(*parts)
    ex, frames = await cited(documents, passages(), stream=True)
    assert [frame.document for frame in frames] == documents
    assert ex.reply is not None
    assert ex.reply.abstained


async def test_stream_that_only_starts_like_an_abstention_is_cited() -> None:
    _, frames = await cited(streamed("I don't", " mind [1]."), passages(), stream=True)
    assert citations(frames[0].document) == ["d#1", "d#2", "d#3"]


async def test_stream_without_text_has_no_citations() -> None:
    documents = [chunk("m", {"role": "assistant"}), chunk("m", {}, finish="content_filter")]
    _, frames = await cited(documents, passages(), stream=True)
    assert [frame.document for frame in frames] == documents


@pytest.mark.parametrize("stream", [False, True])
async def test_gateways_own_abstention_has_no_citations(stream: bool) -> None:
    documents = streamed("other words") if stream else [completion("m", "other words")]
    _, frames = await cited(documents, passages(), stream=stream, abstained=True)
    assert [frame.document for frame in frames] == documents


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("chunks", [None, ()])
async def test_answer_without_passages_is_left_alone(
    stream: bool, chunks: Sequence[Chunk] | None
) -> None:
    documents = streamed("hi") if stream else [completion("m", "hi")]
    _, frames = await cited(documents, chunks, stream=stream)
    assert [frame.document for frame in frames] == documents


@pytest.mark.parametrize("stream", [False, True])
async def test_citation_the_caller_may_not_see_is_left_out(
    stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    secret = passages(1, Access(roles=frozenset({"finance"})))
    documents = streamed("x [1]") if stream else [completion("m", "x [1]")]
    _, frames = await cited(documents, secret, stream=stream, roles=["support"])
    assert all(citations(frame.document) == [] for frame in frames)
    assert "not the caller's" in caplog.text
    _, frames = await cited(documents, secret, stream=stream, roles=["finance"])
    assert citations(frames[0].document) == ["d#1"]
