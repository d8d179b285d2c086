"""The retrieve stage."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.core.errors import KnowledgeUnavailable
from gateway.core.exchange import Status
from gateway.core.knowledge import Access, Chunk, Document
from gateway.core.pipeline import Pipeline
from gateway.stages.retrieve import OnUnavailable, RetrieveOptions, RetrieveStage
from gateway.testing.exchanges import make_exchange
from gateway.testing.knowledge import MemoryKnowledge

SECRET = Access(roles=frozenset({"finance"}))


async def filled() -> MemoryKnowledge:
    knowledge = MemoryKnowledge()
    for n in range(10):
        document = Document(f"d{n}", "v", "Refunds", None, None, Access(public=True))
        await knowledge.put("default", document, ["Customers may ask for a refund."])
    return knowledge


class LeakyKnowledge(MemoryKnowledge):
    """A store whose role filter is broken."""

    async def search(
        self, tenant: str, question: str, roles: frozenset[str], top_k: int
    ) -> Sequence[Chunk]:
        found = await super().search(tenant, question, roles, top_k)
        return [replace(found[0], access=SECRET), *found[1:]]


async def test_chunks_are_the_best_of_those_found() -> None:
    knowledge = await filled()
    ex = make_exchange("Can customers ask for a refund?", roles={"support"})
    await RetrieveStage(RetrieveOptions(top_k=8, rerank_to=3), knowledge=knowledge).run(ex)
    assert ex.chunks is not None
    assert len(ex.chunks) == 3
    assert knowledge.searches == [
        ("default", "Can customers ask for a refund?", frozenset({"support"}), 8)
    ]


async def test_roles_come_from_the_principal_and_never_from_the_request() -> None:
    knowledge = await filled()
    ex = make_exchange("refund", body={"user": "finance", "roles": ["finance"]}, tenant="other")
    await RetrieveStage(RetrieveOptions(), knowledge=knowledge).run(ex)
    assert knowledge.searches[0][0] == "other"
    assert knowledge.searches[0][2] == frozenset()
    assert ex.chunks == ()


async def test_chunk_that_the_store_should_not_have_returned_is_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    knowledge = LeakyKnowledge()
    for n in range(3):
        document = Document(f"d{n}", "v", "Refunds", None, None, Access(public=True))
        await knowledge.put("default", document, ["Customers may ask for a refund."])
    ex = make_exchange("ask for refund")
    pipeline = Pipeline("p", [RetrieveStage(RetrieveOptions(), knowledge=knowledge)])
    await pipeline.run(ex)
    assert ex.chunks is not None
    assert [chunk.document for chunk in ex.chunks] == ["d1", "d2"]
    assert ex.outcomes[0].status is Status.REWRITTEN
    assert "not the caller's" in caplog.text


async def test_store_outage_refuses_by_default() -> None:
    knowledge = MemoryKnowledge()
    knowledge.failing = True
    ex = make_exchange("refund")
    with pytest.raises(KnowledgeUnavailable):
        await RetrieveStage(RetrieveOptions(), knowledge=knowledge).run(ex)
    assert ex.chunks is None


async def test_store_outage_abstains_when_told_to_and_says_so_in_the_record() -> None:
    knowledge = MemoryKnowledge()
    knowledge.failing = True
    ex = make_exchange("refund")
    options = RetrieveOptions(on_unavailable=OnUnavailable.ABSTAIN)
    await Pipeline("p", [RetrieveStage(options, knowledge=knowledge)]).run(ex)
    assert ex.chunks == ()
    assert ex.outcomes[0].status is Status.ERROR_OPEN


async def test_exchange_without_a_caller_is_refused() -> None:
    ex = make_exchange("refund")
    ex.principal = None
    with pytest.raises(KnowledgeUnavailable):
        await RetrieveStage(RetrieveOptions(), knowledge=MemoryKnowledge()).run(ex)


async def test_chunks_below_the_least_score_are_left_out() -> None:
    ex = make_exchange("ask for refund")
    await RetrieveStage(RetrieveOptions(min_score=1e9), knowledge=await filled()).run(ex)
    assert ex.chunks == ()


async def test_empty_question_asks_nothing() -> None:
    knowledge = await filled()
    ex = make_exchange("  ")
    await RetrieveStage(RetrieveOptions(), knowledge=knowledge).run(ex)
    assert ex.chunks == ()
    assert knowledge.searches == []
