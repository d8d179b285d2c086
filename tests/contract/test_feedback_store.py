"""What every FeedbackStore must do."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.memory.feedback import MemoryFeedbackStore
from gateway.adapters.sqlite.feedback import SqliteFeedbackStore
from gateway.ports.feedback_store import Feedback, FeedbackStore

FIRST = Feedback("dec_1", "k1", "acme", "up", 1.5)
SECOND = Feedback("dec_2", "k1", "acme", "down", 2.5, "wrong_answer", "It's ☂ 'quoted'\n\t")
THIRD = Feedback("dec_1", "k2", "other", "down", 3.5, withheld=True)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FeedbackStore]:
    made: FeedbackStore
    memory = request.param == "memory"
    made = MemoryFeedbackStore() if memory else SqliteFeedbackStore(tmp_path / "a" / "audit.db")
    yield made
    await made.aclose()


async def test_feedback_comes_back_as_it_was(store: FeedbackStore) -> None:
    for feedback in (FIRST, SECOND, THIRD):
        await store.put(feedback)
    assert list(await store.newest(9)) == [FIRST, SECOND, THIRD]


async def test_the_later_feedback_of_a_key_replaces_the_earlier(store: FeedbackStore) -> None:
    await store.put(replace(FIRST, comment="good", label="other"))
    await store.put(THIRD)
    changed = replace(FIRST, rating="down", at=9.0)
    await store.put(changed)
    assert list(await store.about("dec_1")) == [THIRD, changed]


async def test_putting_the_same_twice_keeps_one(store: FeedbackStore) -> None:
    await store.put(FIRST)
    await store.put(FIRST)
    assert list(await store.about("dec_1")) == [FIRST]


async def test_about_an_unknown_decision_there_is_nothing(store: FeedbackStore) -> None:
    await store.put(FIRST)
    assert list(await store.about("dec_9")) == []


async def test_newest_by_tenant_and_rating(store: FeedbackStore) -> None:
    for feedback in (FIRST, SECOND, THIRD):
        await store.put(feedback)
    assert list(await store.newest(2)) == [SECOND, THIRD]
    assert list(await store.newest(0)) == []
    assert list(await store.newest(9, tenant="acme")) == [FIRST, SECOND]
    assert list(await store.newest(9, rating="down")) == [SECOND, THIRD]
    assert list(await store.newest(9, tenant="acme", rating="down")) == [SECOND]
