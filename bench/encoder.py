"""What reading a text costs, and what many texts at once gain.

    python -m bench.encoder [--model FOLDER] [--threads N]

Prints Markdown: milliseconds from asking to having the encoding, by the length of the text, one at
a time; then texts per second with 32 callers, and with one. No text is read twice, so the encoder's
memory helps nobody. ``least`` is the quickest of all, which tells of the machine when nothing else
runs on it.
"""

import argparse
import asyncio
import random
import time
from pathlib import Path
from statistics import quantiles

from gateway.encoder.encoder import OnnxEncoder
from gateway.encoder.model_file import SHIPPED

_VOCABULARY = (
    "the order has not arrived and my name is on it please look at the invoice from last week "
    "when we agreed to send another parcel with ten blue jackets for the new shop in town today"
)
_LENGTHS = {"10 words": 10, "40 words": 40, "256 tokens": 254, "1,000 tokens": 998}
"""Each word is one token; two more mark the ends."""
_CALLERS = 32


class Texts:
    """Texts of a given number of words, never the same one twice."""

    def __init__(self) -> None:
        self._rng = random.Random(11)
        self._words = _VOCABULARY.split()

    def next(self, words: int) -> str:
        return " ".join(self._rng.choice(self._words) for _ in range(words))


async def _alone(encoder: OnnxEncoder, texts: Texts, words: int, seconds: float) -> list[float]:
    """Milliseconds of each text, one after the other."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < 5:
        text = texts.next(words)
        began = time.perf_counter()
        await encoder.encode(text)
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


async def _rate(
    encoder: OnnxEncoder, texts: Texts, words: int, callers: int, seconds: float
) -> float:
    """Texts per second that ``callers`` get, each asking again as soon as it has an answer."""
    done = 0
    end = time.perf_counter() + seconds

    async def call() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await encoder.encode(texts.next(words))
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    return done / (time.perf_counter() - began)


async def _measure(encoder: OnnxEncoder, seconds: float) -> None:
    texts = Texts()
    began = time.perf_counter()
    await encoder.encode("first")
    print(f"Loading and the first text: {(time.perf_counter() - began) * 1e3:.0f} ms\n")
    print("| one text | least | p50 | p95 |")
    print("|---|---:|---:|---:|")
    for label, words in _LENGTHS.items():
        taken = await _alone(encoder, texts, words, seconds)
        cuts = quantiles(taken, n=20)
        print(f"| {label} | {min(taken):.2f} | {cuts[9]:.2f} | {cuts[18]:.2f} |")
    print(f"\n| texts per second | one caller | {_CALLERS} callers | gain |")
    print("|---|---:|---:|---:|")
    for label, words in list(_LENGTHS.items())[:3]:
        one, many = 0.0, 0.0
        for _ in range(2):  # by turns, so that what else runs here meets both
            one = max(one, await _rate(encoder, texts, words, 1, seconds))
            many = max(many, await _rate(encoder, texts, words, _CALLERS, seconds))
        print(f"| {label} | {one:.0f} | {many:.0f} | {many / one:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each row")
    options = parser.parse_args()
    encoder = OnnxEncoder(options.model, threads=options.threads, memory_bytes=0)
    try:
        asyncio.run(_measure(encoder, options.seconds))
    finally:
        encoder.close()


if __name__ == "__main__":
    main()
