from collections.abc import Sequence

import pytest

from gateway.core.breaker import Breaker
from gateway.core.errors import UpstreamError
from gateway.core.exchange import Exchange
from gateway.core.observed import ObservedFrames, usage_of
from gateway.core.reply import frames_of
from gateway.core.segments import Json
from gateway.testing.chat import chunk, completion, tool_chunks, usage_chunk
from gateway.testing.clock import ManualClock
from gateway.testing.exchanges import make_exchange

COUNTED = usage_chunk("m", 7, 5)
STOP = chunk("m", {}, finish="stop")


async def observed(
    documents: Sequence[Json], *, asked: bool = False
) -> tuple[Exchange, list[Json]]:
    fields: Json = {"stream_options": {"include_usage": True}} if asked else {}
    ex = make_exchange("Hello you", body=fields, stream="chunk" in documents[0]["object"])
    source = frames_of(list(documents))
    frames = ObservedFrames(ex, source, await anext(source), Breaker(5, 30.0, ManualClock()))
    return ex, [frame.document async for frame in frames]


@pytest.mark.parametrize("asked", [False, True])
async def test_usage_is_observed_and_only_passed_on_when_asked_for(asked: bool) -> None:
    documents = [chunk("m", {"content": "one"}), STOP, COUNTED]
    ex, seen = await observed(documents, asked=asked)
    assert seen == (documents if asked else documents[:2])
    assert (ex.usage.prompt, ex.usage.completion, ex.usage.exact) == (7, 5, True)
    assert ex.finish == "stop"


async def test_usage_beside_choices_is_never_left_out() -> None:
    last = {**chunk("m", {"content": "x"}, finish="stop"), "usage": COUNTED["usage"]}
    ex, seen = await observed([last])
    assert seen == [last]
    assert ex.usage.total == 12


ESTIMATES: list[tuple[list[Json], int]] = [
    ([chunk("m", {"content": "x" * 30}), chunk("m", {"content": "y" * 10})], 10),
    ([chunk("m", {"role": "assistant", "content": "é" * 20})], 10),
    ([chunk("m", {"content": "é" * 20})], 10),
    (tool_chunks("m", [("f", "x" * 40)]), 10),
    ([completion("m", ["x" * 20, "y" * 20], usage=None)], 10),
]


@pytest.mark.parametrize(("documents", "tokens"), ESTIMATES)
async def test_usage_is_estimated_when_the_provider_does_not_count(
    documents: list[Json], tokens: int
) -> None:
    ex, _ = await observed(documents)
    assert (ex.usage.completion, ex.usage.exact) == (tokens, False)
    assert ex.usage.prompt == 3


@pytest.mark.parametrize("broken", [{"choices": [None]}, {"choices": 3}, {"choices": ["x"]}])
async def test_documents_that_are_no_answer_are_the_providers_failure(broken: Json) -> None:
    with pytest.raises(UpstreamError):
        await observed([{"object": "chunk", **broken}])


USAGES: list[tuple[object, tuple[int, int] | None]] = [
    ({"prompt_tokens": 1, "completion_tokens": 2}, (1, 2)),
    ({"input_tokens": 1, "output_tokens": 2}, (1, 2)),
    ({"prompt_tokens": 4}, (4, 0)),
    ({"prompt_tokens": "many"}, None),
    ({}, None),
    ([1], None),
]


@pytest.mark.parametrize(("usage", "counts"), USAGES)
def test_usage_objects(usage: object, counts: tuple[int, int] | None) -> None:
    found = usage_of(usage)
    assert (None if found is None else (found.prompt, found.completion)) == counts
