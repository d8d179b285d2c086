"""Markers of answers: where they are missing, and what they point at."""

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.core.exchange import Exchange
from gateway.core.knowledge import Access, Chunk
from gateway.core.segments import Origin, Segment
from gateway.guards.citations import CitationsGuard, CitationsOptions
from gateway.testing.exchanges import make_exchange
from gateway.testing.support import ScriptedSupport, make_chunk

SECRET = Access(roles=frozenset({"finance"}))
CHUNKS = (
    make_chunk("Refunds take 14 days."),
    make_chunk("The office is in Madrid.", 2),
    make_chunk("The budget is 3 million.", 3, access=SECRET),
)


def exchange(chunks: Sequence[Chunk] | None = CHUNKS, roles: Sequence[str] = ()) -> Exchange:
    ex = make_exchange("Tell me.", roles=roles)
    ex.chunks = chunks
    return ex


def guard(scorer: ScriptedSupport | None = None, **options: Any) -> CitationsGuard:
    scorer = scorer or ScriptedSupport()
    return CitationsGuard(CitationsOptions(**options), support=scorer, lexical_support=scorer)


async def found(
    text: str, ex: Exchange | None = None, scorer: ScriptedSupport | None = None, **options: Any
) -> list[tuple[str, str]]:
    segment = Segment(text, Origin.MODEL, ("choices", 0, "content"))
    seen = await guard(scorer, **options).check([segment], ex or exchange())
    return [(f.category, text[f.start : f.end]) for f in seen if f.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Refunds take 14 days [1].", []),
        ("Refunds take 14 days. [1]", []),
        ("Refunds take 14 days.[1] The office is in Madrid [2].", []),
        ("Refunds take 14 days [1, 2]. Is that all?", []),
        ("Hello! I can help you with that.", []),
        ("Refunds take 14 days.", [("citations.missing", "Refunds take 14 days.")]),
        (
            "Refunds take 14 days. The office is in Madrid [2].",
            [("citations.missing", "Refunds take 14 days.")],
        ),
        ("Refunds take 14 days [7].", [("citations.unknown", "[7]")]),
        ("Refunds take 14 days [0].", [("citations.unknown", "[0]")]),
        ("The budget is 3 million [3].", [("citations.forbidden", "[3]")]),
    ],
)
async def test_markers_must_stand_and_point_at_passages(
    text: str, wrong: list[tuple[str, str]]
) -> None:
    assert await found(text) == wrong


async def test_a_passage_of_the_callers_roles_may_be_cited() -> None:
    assert await found("The budget is 3 million [3].", exchange(roles=["finance"])) == []


async def test_a_cited_passage_must_bear_the_sentence_out() -> None:
    support = ScriptedSupport({"30 days": 0.2})
    text = "Refunds take 30 days [1]. The office is in Madrid [2][1]."
    assert await found(text, scorer=support) == [
        ("citations.unsupported", "Refunds take 30 days [1].")
    ]
    assert {among for _, among in support.asked} == {frozenset({0}), frozenset({0, 1})}
    assert await found(text, scorer=support, support="off") == []


@pytest.mark.parametrize("chunks", [None, ()])
async def test_without_passages_there_is_nothing_to_cite(chunks: Sequence[Chunk] | None) -> None:
    assert await found("The list is [1] long.", exchange(chunks)) == []


async def test_one_marker_is_enough_with_any() -> None:
    text = "Refunds take 14 days. The office is in Madrid"
    assert await found(f"{text} [2].", require="any") == []
    assert await found(f"{text}.", require="any") == [("citations.missing", f"{text}.")]
    assert await found(f"{text}.", require="none") == []
    assert await found("Hello!", require="any") == []


@pytest.mark.parametrize(
    ("text", "options", "waits"),
    [
        ("Refunds take 14 ", {}, True),
        ("Refunds take 14 days. ", {}, True),
        ("Refunds take 14 days [1]. ", {}, False),
        ("Refunds take 14 days. [1] ", {}, False),
        ("Refunds take 14 days.\n", {}, False),
        ("Hello there! ", {}, False),
        ("Refunds take 14 days. ", {"require": "none", "support": "off"}, False),
        ("Refunds take 14 days.\n", {"require": "any"}, True),
        ("Refunds take 14 days [1].\n", {"require": "any"}, False),
        ("One line. \n" * 400, {"require": "any"}, False),
    ],
)
def test_the_guard_waits_for_a_marker_behind_a_sentence(
    text: str, options: dict[str, Any], waits: bool
) -> None:
    assert guard(**options).pending(text) is waits
