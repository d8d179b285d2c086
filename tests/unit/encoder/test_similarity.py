import asyncio

import numpy as np
import pytest

from gateway.encoder.detector_models import Similarity
from gateway.encoder.similarity import ORDINARY, Examples
from gateway.ports.encoder import Encoding, Window

PLAIN = Similarity(slope=4.0, bias=-2.0, background=0.0)


class Compass:
    """Texts are angles in degrees; words are 90."""

    heads = ()
    tags = ()

    def __init__(self) -> None:
        self.runs = 0
        self.go = asyncio.Event()
        self.go.set()

    async def encode(self, text: str, scope: str = "") -> Encoding:
        self.runs += 1
        await self.go.wait()
        turns = text.split() if text[0].isdigit() else ["90"]
        windows = [self._window(i, np.deg2rad(float(turn))) for i, turn in enumerate(turns)]
        return Encoding(windows, windows[0].embedding)

    def _window(self, at: int, angle: float) -> Window:
        vector = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
        nothing = np.zeros(0, dtype=np.int32)
        none = np.zeros((0, 0), dtype=np.float32)
        return Window(at, at + 1, vector, none.reshape(-1), nothing, nothing, none)


async def nearness(text: str, similarity: Similarity, *examples: str) -> tuple[float, int]:
    encoder = Compass()
    group = Examples(encoder, {"it": examples}, similarity)
    await group.ready()
    near = group.near(await encoder.encode(text))["it"]
    return near.probability, near.start


@pytest.mark.parametrize(
    ("text", "examples", "logit"),
    [
        ("0", ("0",), 2.0),
        ("0", ("0", "60"), 1.0),
        ("0", ("0", "60", "180"), 1.0),
        ("0", ("180",), -6.0),
    ],
)
async def test_the_two_nearest_examples_count(
    text: str, examples: tuple[str, ...], logit: float
) -> None:
    probability, _ = await nearness(text, PLAIN, *examples)
    assert probability == pytest.approx(1.0 / (1.0 + np.exp(-logit)), abs=1e-3)


async def test_what_is_near_to_everything_is_near_to_nothing() -> None:
    with_background = Similarity(slope=4.0, bias=-2.0, background=1.0)
    plain, _ = await nearness("90", PLAIN, "90")
    less, _ = await nearness("90", with_background, "90")
    assert (plain > 0.8, less < 0.2) == (True, True)


async def test_one_window_on_the_subject_is_enough() -> None:
    probability, start = await nearness("180 0 180", PLAIN, "0")
    assert (probability > 0.8, start) == (True, 1)


async def test_callers_at_the_same_time_share_the_work_and_one_may_give_up() -> None:
    encoder = Compass()
    encoder.go.clear()
    group = Examples(encoder, {"it": ("0", "30")}, PLAIN)
    waiting = [asyncio.create_task(group.ready()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    encoder.go.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    await group.ready()
    assert encoder.runs == len(ORDINARY) + 2


async def test_a_failure_is_tried_again() -> None:
    class Failing(Compass):
        async def encode(self, text: str, scope: str = "") -> Encoding:
            if self.runs == 0:
                self.runs += 1
                raise OSError("not yet")
            return await super().encode(text, scope)

    group = Examples(Failing(), {"it": ("0",)}, PLAIN)
    with pytest.raises(OSError, match="not yet"):
        await group.ready()
    await group.ready()
    assert set(group.near(await Compass().encode("0"))) == {"it"}
