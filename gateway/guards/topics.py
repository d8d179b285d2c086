"""Subjects that the house does not talk about, told by their words or by example sentences."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.phrases import Hit, PhraseMatcher
from gateway.core.segments import Segment
from gateway.encoder.detector_models import DetectorModels
from gateway.encoder.similarity import Examples, Near
from gateway.ports.encoder import Encoder

_PER_PHRASE = 0.6
_LEAST = 0.01
"""Scores below it are not reported at all."""


class Topic(Options):
    phrases: tuple[str, ...] = ()
    """Words and phrases that give the topic away."""
    examples: tuple[str, ...] = ()
    """Sentences about the topic, best five or more that differ; texts that mean something like them
    are found without sharing a word with them."""

    @model_validator(mode="after")
    def _says_something(self) -> "Topic":
        if not any(example.strip() for example in (*self.phrases, *self.examples)):
            raise ValueError("a topic needs phrases or examples; list some or remove it")
        return self


def _list_as_phrases(topic: object) -> object:
    return {"phrases": topic} if isinstance(topic, list | tuple) else topic


class TopicsOptions(Options):
    topics: dict[
        str,
        Annotated[
            Topic,
            BeforeValidator(_list_as_phrases, json_schema_input_type=Topic | tuple[str, ...]),
        ],
    ] = Field(min_length=1)
    """Denied topics by name. A plain list stands for ``phrases``."""


class TopicsGuard:
    """Denied topics, told by their words and phrases or by example sentences.

    One phrase of a topic scores 0.6, two different ones 0.84, three 0.94: a threshold of 0.5 asks
    for one, of 0.8 for two. Examples score a probability. The higher of the two counts.
    """

    name = "topics"
    inline = True
    pure = True
    Options = TopicsOptions

    def __init__(
        self,
        options: TopicsOptions,
        *,
        encoder: Encoder | None = None,
        detector_models: DetectorModels | None = None,
    ) -> None:
        """Raises ValueError for a phrase without any letter or digit."""
        topics = options.topics
        self._matcher = PhraseMatcher({name: topic.phrases for name, topic in topics.items()})
        groups = {name: topic.examples for name, topic in topics.items() if topic.examples}
        self._wants_examples = bool(groups)
        self._encoder = encoder
        self._examples = None
        if groups and encoder is not None:
            models = detector_models or DetectorModels()
            self._examples = Examples(encoder, groups, models.similarity)
        self.inline = not groups

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per segment and topic; its category is the topic's name, its span goes from
        the first phrase to the last, or is what comes nearest to the examples.

        Raises RuntimeError when a topic has examples and no encoder is installed.
        """
        found = [self._by_phrases(index, segment.text) for index, segment in enumerate(segments)]
        if self._wants_examples:
            scope = ex.principal.tenant if ex.principal is not None else ""
            near = await asyncio.gather(*(self._near(segment.text, scope) for segment in segments))
            for index, topics in enumerate(near):
                _merge(found[index], index, topics)
        return [finding for topics in found for finding in topics.values()]

    def pending(self, text: str) -> bool:
        """Whether the text ends between the words of a phrase."""
        return self._matcher.open(text)

    def _by_phrases(self, index: int, text: str) -> dict[str, Finding]:
        topics: dict[str, list[Hit]] = {}
        for hit in self._matcher.find(text):
            topics.setdefault(hit.label, []).append(hit)
        found = {}
        for topic, hits in topics.items():
            phrases = sorted({hit.phrase for hit in hits})
            found[topic] = Finding(
                category=topic,
                score=round(1.0 - (1.0 - _PER_PHRASE) ** len(phrases), 4),
                segment=index,
                start=min(hit.start for hit in hits),
                end=max(hit.end for hit in hits),
                reason=", ".join(phrases[:8]),
            )
        return found

    async def _near(self, text: str, scope: str) -> Mapping[str, Near]:
        if self._encoder is None or self._examples is None:
            raise RuntimeError("topics: examples need the encoder, which is not installed")
        if not text.strip():
            return {}
        await self._examples.ready()
        return self._examples.near(await self._encoder.encode(text, scope))


def _merge(found: dict[str, Finding], index: int, topics: Mapping[str, Near]) -> None:
    for topic, near in topics.items():
        score = round(near.probability, 4)
        if score >= _LEAST and (topic not in found or found[topic].score < score):
            found[topic] = Finding(topic, score, index, near.start, near.end, "examples")
