"""What every Encoder must do."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest

from gateway.encoder.encoder import OnnxEncoder
from gateway.ports.encoder import Encoder, Encoding
from gateway.testing.encoders import WordEncoder

Make = Callable[[], Encoder]
HEADS = {"injection", "toxic", "hate", "offensive", "chitchat", "knowledge", "task"}
EFFORTS = {"simple", "medium", "complex"}

TEXTS = [
    "",
    " \n\t ",
    "Hello",
    "Please write to Ada Lovelace in London.",
    "NAÏVE café — ‘quoted’ 東京 🙂 e\u0301",
    "half a pair: \ud83d and on",
    "a" * 3000,
    "One sentence. And another one! A third? " * 60,
    "line\n" * 400,
    "no end to this " * 300,
]


class Shipped:
    """The encoder that ships, loaded once for all tests."""

    def __init__(self) -> None:
        self.encoder = OnnxEncoder()

    def __call__(self) -> Encoder:
        return self.encoder


SHIPPED_ENCODER = Shipped()
every_encoder = pytest.mark.parametrize(
    "make",
    [
        pytest.param(WordEncoder, id="words"),
        pytest.param(
            SHIPPED_ENCODER,
            id="onnx",
        ),
    ],
)


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    SHIPPED_ENCODER.encoder.close()


def assert_same(one: Encoding, other: Encoding, tolerance: float = 0.0) -> None:
    assert len(one.windows) == len(other.windows)
    np.testing.assert_allclose(one.embedding, other.embedding, atol=tolerance, rtol=0)
    for left, right in zip(one.windows, other.windows, strict=True):
        assert (left.start, left.end) == (right.start, right.end)
        assert left.token_starts.tolist() == right.token_starts.tolist()
        np.testing.assert_allclose(left.logits, right.logits, atol=tolerance, rtol=0)
        np.testing.assert_allclose(left.tags, right.tags, atol=tolerance, rtol=0)


@every_encoder
def test_the_heads_that_detectors_read_are_there(make: Make) -> None:
    encoder = make()
    assert set(encoder.heads) >= HEADS | EFFORTS
    assert encoder.tags[:2] == ("INSTRUCTION", "O")
    assert len(set(encoder.tags)) == len(encoder.tags)


@every_encoder
@pytest.mark.parametrize("text", TEXTS)
async def test_arrays_have_the_shapes_that_are_promised(make: Make, text: str) -> None:
    encoder = make()
    encoding = await encoder.encode(text)
    assert len(encoding.windows) >= 1
    for window in encoding.windows:
        count = len(window.token_starts)
        assert window.token_ends.shape == (count,)
        assert window.tags.shape == (count, len(encoder.tags))
        assert window.logits.shape == (len(encoder.heads),)
        assert window.embedding.shape == encoding.embedding.shape
        assert np.linalg.norm(window.embedding) == pytest.approx(1.0, abs=1e-4)
        assert np.isfinite(window.logits).all()
        assert np.isfinite(window.tags).all()
    assert np.linalg.norm(encoding.embedding) == pytest.approx(1.0, abs=1e-4)


@every_encoder
@pytest.mark.parametrize("text", TEXTS)
async def test_windows_cover_the_text_in_order(make: Make, text: str) -> None:
    windows = (await make().encode(text)).windows
    assert windows[0].start == 0
    assert windows[-1].end == len(text)
    for before, after in pairwise(windows):
        assert before.start < after.start <= before.end + 1
        assert before.end < after.end
    for window in windows:
        starts, ends = window.token_starts.tolist(), window.token_ends.tolist()
        assert starts == sorted(starts)
        assert all(start < end <= window.end for start, end in zip(starts, ends, strict=True))
        assert all(start >= window.start for start in starts)


@every_encoder
@pytest.mark.parametrize("text", TEXTS)
async def test_no_visible_character_is_left_out(make: Make, text: str) -> None:
    windows = (await make().encode(text)).windows
    seen = np.zeros(len(text), dtype=bool)
    for window in windows:
        for start, end in zip(window.token_starts, window.token_ends, strict=True):
            seen[start:end] = True
    missed = [c for c, was in zip(text, seen, strict=True) if not was]
    assert not [c for c in missed if c.isalnum()]


@every_encoder
async def test_one_text_has_one_encoding(make: Make) -> None:
    encoder = make()
    text = "The same words, twice. " * 40
    assert_same(await encoder.encode(text, "a"), await encoder.encode(text, "b"))


@every_encoder
async def test_company_does_not_change_a_text(make: Make) -> None:
    """Other tenants' texts in the same run must leave no trace, not even in the last digit that
    a threshold could turn on."""
    encoder = make()
    text = "Please tell me the opening hours of the store in Berlin."
    alone = await encoder.encode(text, "alone")
    others = [f"Something else, number {i}, " + "and more of it " * (i % 9) for i in range(40)]
    together = await asyncio.gather(
        *(encoder.encode(other, "crowd") for other in others[:20]),
        encoder.encode(text, "crowd"),
        *(encoder.encode(other, "crowd") for other in others[20:]),
    )
    assert_same(alone, together[20], tolerance=1e-4)


@every_encoder
async def test_texts_alike_are_near_each_other(make: Make) -> None:
    encoder = make()
    one = await encoder.encode("How do I reset the password of my account?")
    near = await encoder.encode("How can I reset my account password?")
    far = await encoder.encode("Bake the bread for forty minutes in a hot oven.")
    assert one.embedding @ near.embedding > one.embedding @ far.embedding + 0.2


@every_encoder
async def test_a_cancelled_caller_does_not_hurt_the_others(make: Make) -> None:
    encoder = make()
    text = "A text that several callers ask for at once. " * 20
    tasks = [asyncio.create_task(encoder.encode(text, "shared")) for _ in range(4)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[2].cancel()
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
    assert isinstance(results[0], (asyncio.CancelledError, Encoding))
    assert isinstance(results[1], Encoding)
    assert isinstance(results[3], Encoding)
