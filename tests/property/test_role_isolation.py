"""No role ever sees a chunk it may not: whatever is stored, asked, replaced and removed."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.embedded.store import EmbeddedKnowledge, EmbeddedOptions
from gateway.core.knowledge import Access, Document
from gateway.stages.retrieve import RetrieveOptions, RetrieveStage
from gateway.testing.exchanges import make_exchange
from gateway.testing.knowledge import MemoryKnowledge

Step = tuple[str, str, str, Access, list[str]]

ROLES = st.frozensets(
    st.sampled_from(["support", "finance", "hr", "*", "", "public", '"', "%", "[]", "null"])
)
ACCESS = st.builds(Access, public=st.booleans(), roles=ROLES)
WORDS = st.sampled_from(["refund", "payroll", "budget", "credit", "goodwill", "OR", '"', "*", "é"])
TEXT = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
TENANT = st.sampled_from(["one", "two"])
PUT = st.tuples(st.just("put"), TENANT, st.sampled_from("abcd"), ACCESS, st.lists(TEXT, max_size=3))
REMOVE: st.SearchStrategy[Step] = st.tuples(
    st.just("remove"), TENANT, st.sampled_from("abcd"), ACCESS, st.just(list[str]())
)
STEPS = st.lists(st.one_of(PUT, PUT, REMOVE), max_size=8)


@pytest.mark.parametrize("kind", ["memory", "embedded"])
@settings(max_examples=40, deadline=None)
@given(steps=STEPS, tenant=TENANT, roles=ROLES, question=TEXT)
def test_no_role_sees_a_chunk_it_may_not(
    kind: str, steps: list[Step], tenant: str, roles: frozenset[str], question: str
) -> None:
    async def scenario() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store: MemoryKnowledge | EmbeddedKnowledge = (
                MemoryKnowledge(min_overlap=0)
                if kind == "memory"
                else EmbeddedKnowledge(
                    EmbeddedOptions(path=Path(folder, "k.sqlite3"), min_overlap=0, timeout=20)
                )
            )
            try:
                await check(store, steps, tenant, roles, question)
            finally:
                await store.aclose()

    asyncio.run(scenario())


async def check(
    store: MemoryKnowledge | EmbeddedKnowledge,
    steps: list[Step],
    tenant: str,
    roles: frozenset[str],
    question: str,
) -> None:
    held: dict[tuple[str, str], tuple[Access, list[str]]] = {}
    for action, owner, name, access, texts in steps:
        if action == "put":
            document = Document(name, "v", f"{owner} {name}", None, None, access)
            await store.put(owner, document, texts)
            held[owner, name] = (access, texts)
        else:
            assert await store.remove(owner, name) is ((owner, name) in held)
            held.pop((owner, name), None)
    ex = make_exchange(question, tenant=tenant, roles=roles)
    await RetrieveStage(RetrieveOptions(rerank_to=50), knowledge=store).run(ex)
    assert ex.chunks is not None
    for chunk in ex.chunks:
        access, texts = held[tenant, chunk.document]
        assert access.public or access.roles & roles
        assert chunk.access == access
        assert chunk.text == texts[int(chunk.id.partition("#")[2])]
