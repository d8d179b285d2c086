"""What a text is about, told from a handful of example sentences and without any training."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.encoder.detector_models import Similarity
from gateway.ports.encoder import Encoder, Encoding

_NEAREST = 2
"""Examples that a text is compared with: one alone may be near by chance."""

ORDINARY = (
    "Can you help me with something?",
    "Thanks, that is all I needed to know.",
    "What time does it open tomorrow?",
    "I could not find it on your page.",
    "Please write it again in shorter sentences.",
    "How do I change the settings of my account?",
    "What do you think about this idea?",
    "The meeting was moved to Thursday afternoon.",
    "Give me a list of the most important points.",
    "Where did you read that?",
    "My parcel has not arrived yet.",
    "How far is it from here to the station?",
    "It rained all day, so we stayed at home.",
    "Explain to me how this works.",
    "Translate this sentence into Spanish.",
    "Which of the two is better for a beginner?",
    "I would like to speak to somebody about my order.",
    "What is the capital of that country?",
    "We cooked soup with the vegetables from the garden.",
    "Sort this table by the second column.",
    "Who wrote the book that the film is based on?",
    "The children learned to swim last summer.",
    "Why does my program stop with this error?",
    "How much would it cost for three people?",
    "She plays the piano in a small orchestra.",
    "Remind me to call my sister in the evening.",
    "Is there anything else I should pay attention to?",
    "He bought a second-hand bicycle and repaired it.",
    "Summarise the text above in two sentences.",
    "The old bridge was closed for repairs.",
    "What does this word mean?",
    "Draft a friendly reply to this message.",
)
"""Sentences about nothing in particular: what a text has in common with them says nothing about its
subject."""


@dataclass(frozen=True, slots=True)
class Near:
    """How near a text comes to examples, as a probability, and the characters that do."""

    probability: float
    start: int
    end: int


class Examples:
    """Groups of example sentences by name, encoded when they are first needed."""

    def __init__(
        self, encoder: Encoder, groups: Mapping[str, Sequence[str]], similarity: Similarity
    ) -> None:
        """``groups``: at least one sentence each."""
        self._encoder = encoder
        self._groups = groups
        self._similarity = similarity
        self._known: Mapping[str, NDArray[np.float32]] | None = None
        self._background = np.zeros((0, 0), dtype=np.float32)
        self._reading: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Encodes the examples, once. Those who come meanwhile wait for the same work, which goes
        on when one of them gives up."""
        if self._known is not None:
            return
        loop = asyncio.get_running_loop()
        reading = self._reading
        if reading is None or reading.done() or reading.get_loop() is not loop:
            reading = self._reading = loop.create_task(self._read())
        await asyncio.shield(reading)

    def near(self, encoding: Encoding) -> Mapping[str, Near]:
        """For each group the window of a text that comes nearest to it. Wants ``ready``."""
        assert self._known is not None  # noqa: S101 - the caller awaited ready()
        windows = encoding.windows
        vectors = np.stack([window.embedding for window in windows])
        common = self._similarity.background * nearest(vectors, self._background)
        found = {}
        for name, examples in self._known.items():
            nearness = nearest(vectors, examples) - common
            best = int(np.argmax(nearness))
            probability = self._similarity.platt.probability(float(nearness[best]))
            found[name] = Near(probability, windows[best].start, windows[best].end)
        return found

    async def _read(self) -> None:
        sentences = [*ORDINARY, *(s for group in self._groups.values() for s in group)]
        encodings = await asyncio.gather(*map(self._encoder.encode, sentences))
        vectors = dict(zip(sentences, (one.embedding for one in encodings), strict=True))
        self._background = np.stack([vectors[sentence] for sentence in ORDINARY])
        self._known = {
            name: np.stack([vectors[sentence] for sentence in group])
            for name, group in self._groups.items()
        }


def nearest(vectors: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """[vectors], the mean cosine of each to the two of ``others`` that are nearest to it."""
    cosines = vectors @ others.T
    count = min(_NEAREST, cosines.shape[1])
    nearest: NDArray[np.float32] = np.sort(cosines, axis=1)[:, -count:].mean(axis=1)
    return nearest
