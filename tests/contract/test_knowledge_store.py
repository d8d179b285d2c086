"""What every KnowledgeStore does, over the fake and over the embedded store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.adapters.embedded.store import EmbeddedKnowledge, EmbeddedOptions
from gateway.core.knowledge import Access, Document
from gateway.testing.knowledge import MemoryKnowledge

Store = MemoryKnowledge | EmbeddedKnowledge

PUBLIC = Access(public=True)
SUPPORT = Access(roles=frozenset({"support"}))
NOBODY = Access()
NO_ROLES: frozenset[str] = frozenset()


@pytest.fixture(params=["memory", "embedded"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    made: Store = (
        MemoryKnowledge()
        if request.param == "memory"
        else EmbeddedKnowledge(EmbeddedOptions(path=tmp_path / "knowledge.sqlite3"))
    )
    yield made
    await made.aclose()


def doc(id: str, access: Access = PUBLIC, version: str = "v1", title: str = "Title") -> Document:
    return Document(id, version, title, f"https://example.test/{id}", f"{id}.md", access)


async def test_chunk_carries_everything_its_document_says(store: Store) -> None:
    access = Access(roles=frozenset({"a", "b"}))
    await store.put("t", doc("refunds", access, title="Refund policy"), ["thirty days refund"])
    (chunk,) = await store.search("t", "refund policy", frozenset({"b"}), 5)
    assert chunk.id == "refunds#0"
    assert chunk.document == "refunds"
    assert chunk.version == "v1"
    assert chunk.title == "Refund policy"
    assert chunk.url == "https://example.test/refunds"
    assert chunk.path == "refunds.md"
    assert chunk.text == "thirty days refund"
    assert chunk.access == access
    assert chunk.score > 0


@pytest.mark.parametrize(
    ("access", "roles", "seen"),
    [
        (PUBLIC, NO_ROLES, True),
        (PUBLIC, frozenset({"support"}), True),
        (SUPPORT, frozenset({"support", "x"}), True),
        (SUPPORT, NO_ROLES, False),
        (SUPPORT, frozenset({"Support"}), False),
        (SUPPORT, frozenset({"suppor%"}), False),
        (NOBODY, frozenset({"support"}), False),
        (NOBODY, frozenset({"", "*", "public"}), False),
    ],
)
async def test_search_sees_only_what_roles_allow(
    store: Store, access: Access, roles: frozenset[str], seen: bool
) -> None:
    await store.put("t", doc("d", access), ["goodwill credit limits"])
    found = await store.search("t", "goodwill credit", roles, 10)
    assert bool(found) is seen


async def test_forbidden_chunks_do_not_crowd_out_visible_ones(store: Store) -> None:
    for number in range(60):
        await store.put("t", doc(f"secret{number}", SUPPORT), ["goodwill credit goodwill credit"])
    await store.put("t", doc("open"), ["a goodwill credit among many other words of this text"])
    found = await store.search("t", "goodwill credit", NO_ROLES, 3)
    assert [chunk.document for chunk in found] == ["open"]


async def test_tenants_never_see_each_other(store: Store) -> None:
    await store.put("one", doc("d"), ["goodwill credit"])
    assert await store.search("two", "goodwill credit", NO_ROLES, 10) == []
    assert await store.documents("two") == []
    assert await store.remove("two", "d") is False
    assert len(await store.documents("one")) == 1


async def test_put_replaces_chunks_version_and_access(store: Store) -> None:
    await store.put("t", doc("d"), ["old refund wording", "second refund passage"])
    await store.put("t", doc("d", SUPPORT, "v2"), ["new refund wording"])
    assert await store.search("t", "refund wording", NO_ROLES, 10) == []
    (chunk,) = await store.search("t", "refund wording", frozenset({"support"}), 10)
    assert (chunk.text, chunk.version) == ("new refund wording", "v2")
    assert await store.documents("t") == [doc("d", SUPPORT, "v2")]


async def test_removed_document_is_gone(store: Store) -> None:
    await store.put("t", doc("d"), ["refund wording"])
    assert await store.remove("t", "d") is True
    assert await store.remove("t", "d") is False
    assert await store.search("t", "refund wording", NO_ROLES, 10) == []
    assert await store.documents("t") == []


async def test_documents_are_listed_by_id(store: Store) -> None:
    for name in ("b", "c", "a"):
        await store.put("t", doc(name), ["x"])
    assert [document.id for document in await store.documents("t")] == ["a", "b", "c"]


async def test_better_match_comes_first(store: Store) -> None:
    await store.put("t", doc("weak"), ["a refund is mentioned, and express delivery of skis"])
    await store.put("t", doc("strong"), ["refund deadline"])
    await store.put("t", doc("off"), ["opening hours of the shop"])
    found = await store.search("t", "refund deadline delivery", NO_ROLES, 10)
    assert found[0].document == "strong" or found[0].score >= found[-1].score
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


@pytest.mark.parametrize("top_k", [0, 1, 3, 50, 10_000])
async def test_top_k_is_kept_and_capped_at_fifty(store: Store, top_k: int) -> None:
    await store.put("t", doc("d"), [f"refund deadline number {n}" for n in range(70)])
    found = await store.search("t", "refund deadline", NO_ROLES, top_k)
    assert len(found) == min(top_k, 50)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "the of and is",
        "Who won the 1998 world cup?",
        "refund of the 1998 world cup in France",
        "日本語",
        "\x00",
        "\ud800",
    ],
)
async def test_off_topic_question_finds_nothing(store: Store, question: str) -> None:
    await store.put("t", doc("d"), ["Customers have 30 days to ask for a refund."])
    assert await store.search("t", question, NO_ROLES, 10) == []


@pytest.mark.parametrize(
    "question",
    [
        'refund" OR "deadline',
        "refund deadline*",
        "text:refund AND NOT deadline",
        "NEAR(refund deadline)",
        "refund -deadline ^ { } ( ) + : ''",
        "refund'); DROP TABLE documents; -- deadline",
        "refund deadline \x00",
        "REFUND déadline",
    ],
)
async def test_user_text_is_never_query_syntax(store: Store, question: str) -> None:
    await store.put("t", doc("d"), ["refund deadline"])
    await store.search("t", question, NO_ROLES, 10)
    found = await store.search("t", "refund deadline", NO_ROLES, 10)
    assert [chunk.document for chunk in found] == ["d"]


async def test_inflected_words_match(store: Store) -> None:
    await store.put("t", doc("d"), ["Refunds are shipped within days."])
    assert await store.search("t", "refunded shipping", NO_ROLES, 10)


async def test_very_long_question_is_answered(store: Store) -> None:
    await store.put("t", doc("d"), ["refund deadline"])
    await store.search("t", " ".join(f"word{n}" for n in range(5_000)), NO_ROLES, 10)
