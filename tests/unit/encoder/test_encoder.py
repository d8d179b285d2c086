"""One reading for many callers, none of whom can hurt another."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from gateway.core.errors import Overloaded
from gateway.encoder.batcher import Batcher
from gateway.encoder.encoder import OnnxEncoder
from gateway.encoder.model_file import ModelFileError
from gateway.encoder.reading import Ids
from gateway.encoder.session import Outputs
from gateway.encoder.tokenizer import TextTokenizer


class Watched(Protocol):
    """The network of the conftest."""

    batches: list[tuple[int, int]]
    gate: threading.Event
    begun: threading.Event
    deadly: bool

    def __call__(self, ids: Ids, mask: Ids, shapes: Ids) -> Outputs: ...


Make = Callable[..., OnnxEncoder]


@pytest.fixture
def make(folder: Path, network: Watched) -> Iterator[Make]:
    made: list[OnnxEncoder] = []

    def make(threads: int = 1, memory_bytes: int = 2**20) -> OnnxEncoder:
        encoder = OnnxEncoder(
            folder, threads=threads, memory_bytes=memory_bytes, open_network=lambda _: network
        )
        made.append(encoder)
        return encoder

    yield make
    network.gate.set()
    for encoder in made:
        encoder.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def held_up(encoder: OnnxEncoder, network: Watched) -> asyncio.Task[object]:
    """A text that keeps the only thread busy until the gate opens."""
    network.gate.clear()
    network.begun.clear()
    task: asyncio.Task[object] = asyncio.create_task(encoder.encode("bad", "busy"))
    await until(network.begun.is_set)
    return task


async def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    encoder = OnnxEncoder(tmp_path / "nowhere")
    assert encoder.healthy
    with pytest.raises(ModelFileError, match="there is no manifest"):
        await encoder.encode("good")
    encoder.close()


async def test_a_lone_text_is_read_at_once(make: Make, network: Watched) -> None:
    encoding = await make().encode("good bad")
    assert encoding.windows[0].logits.tolist() == [4.0]
    assert encoding.windows[0].tags[:, 0].tolist() == [4.0, 5.0]
    assert network.batches == [(1, 4)]


async def test_waiting_texts_share_a_run(make: Make, network: Watched) -> None:
    encoder = make()
    busy = await held_up(encoder, network)
    tasks = [asyncio.create_task(encoder.encode(f"w {'good' * n}")) for n in range(1, 6)]
    await asyncio.sleep(0)
    network.gate.set()
    await asyncio.gather(busy, *tasks)
    assert network.batches == [(1, 3), (5, 4)]


async def test_callers_of_one_text_share_its_reading(make: Make, network: Watched) -> None:
    encoder = make()
    busy = await held_up(encoder, network)
    tasks = [asyncio.create_task(encoder.encode("good good")) for _ in range(5)]
    await asyncio.sleep(0)
    network.gate.set()
    await busy
    one, *others = await asyncio.gather(*tasks)
    assert all(other is one for other in others)
    assert network.batches == [(1, 3), (1, 4)]


async def test_a_text_is_remembered_for_its_scope_alone(make: Make, network: Watched) -> None:
    encoder = make()
    first = await encoder.encode("good", "a")
    assert await encoder.encode("good", "a") is first
    assert await encoder.encode("good", "b") is not first
    assert len(network.batches) == 2


async def test_scopes_do_not_share_what_is_under_way(make: Make, network: Watched) -> None:
    encoder = make()
    busy = await held_up(encoder, network)
    tasks = [asyncio.create_task(encoder.encode("good", scope)) for scope in ("a", "b")]
    await asyncio.sleep(0)
    network.gate.set()
    await busy
    one, two = await asyncio.gather(*tasks)
    assert one is not two


async def test_a_cancelled_caller_leaves_the_others_their_encoding(
    make: Make, network: Watched
) -> None:
    encoder = make()
    busy = await held_up(encoder, network)
    tasks = [asyncio.create_task(encoder.encode("good")) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    await asyncio.sleep(0)
    network.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await busy
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1] is results[2]


async def test_a_text_that_nobody_waits_for_is_not_read(make: Make, network: Watched) -> None:
    encoder = make()
    busy = await held_up(encoder, network)
    tasks = [asyncio.create_task(encoder.encode("good good good")) for _ in range(2)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    network.gate.set()
    await busy
    await encoder.encode("w")
    assert network.batches == [(1, 3), (1, 3)]


async def test_a_text_given_up_by_all_can_be_asked_for_again(make: Make, network: Watched) -> None:
    encoder = make()
    busy = await held_up(encoder, network)
    task = asyncio.create_task(encoder.encode("good"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    again = asyncio.create_task(encoder.encode("good"))
    await asyncio.sleep(0)
    network.gate.set()
    await busy
    assert (await again).windows[0].logits.tolist() == [3.0]


async def test_a_failure_reaches_its_callers_and_nobody_else(make: Make, network: Watched) -> None:
    encoder = make()
    busy = await held_up(encoder, network)
    texts = ["good w", "poison w", "bad w", "poison w"]
    tasks = [asyncio.create_task(encoder.encode(text)) for text in texts]
    await asyncio.sleep(0)
    network.gate.set()
    await busy
    good, one, bad, two = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(one, ValueError)
    assert isinstance(two, ValueError)
    assert not isinstance(good, BaseException)
    assert not isinstance(bad, BaseException)
    assert encoder.healthy


async def test_a_failure_is_not_remembered(make: Make, network: Watched) -> None:
    encoder = make()
    for _ in range(2):
        with pytest.raises(ValueError, match="poisoned"):
            await encoder.encode("poison")
    assert len(network.batches) == 2


async def test_a_dead_thread_hangs_nobody(make: Make, network: Watched) -> None:
    encoder = make()
    busy = await held_up(encoder, network)
    waiting = asyncio.create_task(encoder.encode("good good good good"))
    await asyncio.sleep(0)
    network.deadly = True
    network.gate.set()
    results = await asyncio.wait_for(
        asyncio.gather(busy, waiting, return_exceptions=True), timeout=10
    )
    assert all(isinstance(result, BaseException) for result in results)
    await until(lambda: not encoder.healthy)
    with pytest.raises(RuntimeError, match="no thread left"):
        await encoder.encode("bad bad")


async def test_what_waits_is_read_before_the_end(make: Make, network: Watched) -> None:
    encoder = make()
    busy = await held_up(encoder, network)
    task = asyncio.create_task(encoder.encode("good good"))
    await asyncio.sleep(0)
    closing = asyncio.create_task(asyncio.to_thread(encoder.close))
    await asyncio.sleep(0.01)
    network.gate.set()
    await closing
    await busy
    assert (await task).windows[0].logits.tolist() == [4.0]
    with pytest.raises(RuntimeError, match="closed"):
        await encoder.encode("bad bad")


async def test_closing_twice_is_no_harm(make: Make) -> None:
    encoder = make()
    await encoder.encode("good")
    encoder.close()
    encoder.close()


async def test_a_long_text_comes_in_windows_that_were_read_together(make: Make) -> None:
    text = "good bad w . " * 30
    encoding = await make().encode(text)
    seen = {int(at) for window in encoding.windows for at in window.token_starts}
    assert seen == {at for at, letter in enumerate(text) if at == 0 or text[at - 1] == " "}
    assert all(len(window.token_starts) <= 10 for window in encoding.windows)


async def test_several_threads_read_each_text_once(make: Make, network: Watched) -> None:
    encoder = make(threads=3)
    texts = [f"{'good ' * (n % 7)}bad {'w ' * n}" for n in range(60)]
    encodings = await asyncio.gather(*(encoder.encode(text) for text in texts))
    for text, encoding in zip(texts, encodings, strict=True):
        starts = {int(at) for window in encoding.windows for at in window.token_starts}
        assert len(starts) == len(text.split())


def test_one_encoder_serves_several_event_loops(make: Make) -> None:
    encoder = make()
    first = asyncio.run(encoder.encode("good"))
    assert asyncio.run(encoder.encode("good")) is first
    assert asyncio.run(encoder.encode("bad")) is not first


def test_too_much_that_waits_is_refused(folder: Path, network: Watched) -> None:
    network.gate.clear()
    tokenizer = TextTokenizer(folder / "tokenizer.json")
    batcher = Batcher(network, tokenizer, window=12, overlap=2, max_characters=100)
    batcher.submit("w " * 200)  # more than the limit by itself, but nothing waits
    assert network.begun.wait(10)
    late = batcher.submit("good " * 15)
    with pytest.raises(Overloaded) as refused:
        batcher.submit("bad " * 15)
    assert refused.value.headers["retry-after"] == "1"
    network.gate.set()
    assert len(late.future.result(10).windows) > 0
    batcher.close()


def test_what_cannot_be_read_in_time_fails_at_the_end(folder: Path, network: Watched) -> None:
    network.gate.clear()
    tokenizer = TextTokenizer(folder / "tokenizer.json")
    batcher = Batcher(network, tokenizer, window=12, overlap=2)
    batcher.submit("w")
    assert network.begun.wait(10)
    waiting = batcher.submit("good good")
    batcher.close(timeout=0.05)
    with pytest.raises(RuntimeError, match="closed"):
        waiting.future.result(5)
    network.gate.set()
