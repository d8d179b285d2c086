"""Subjects that the house does not talk about, told by their words."""

from collections.abc import Sequence

from pydantic import Field, field_validator

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.phrases import Hit, PhraseMatcher
from gateway.core.segments import Segment

_PER_PHRASE = 0.6


class TopicsOptions(Options):
    topics: dict[str, tuple[str, ...]] = Field(min_length=1)
    """Denied topics by name, each with words and phrases that give it away."""

    @field_validator("topics")
    @classmethod
    def _each_has_phrases(cls, topics: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        empty = [name for name, phrases in topics.items() if not phrases]
        if empty:
            raise ValueError(f"topic {empty[0]!r} has no phrases; list some or remove it")
        return topics


class TopicsGuard:
    """Denied topics, told by their words and phrases.

    One phrase of a topic scores 0.6, two different ones 0.84, three 0.94: a threshold of 0.5 asks
    for one, of 0.8 for two.
    """

    name = "topics"
    inline = True
    Options = TopicsOptions

    def __init__(self, options: TopicsOptions) -> None:
        """Raises ValueError for a phrase without any letter or digit."""
        self._matcher = PhraseMatcher(options.topics)

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per segment and topic, from the first phrase to the last; its category is
        the topic's name."""
        findings = []
        for index, segment in enumerate(segments):
            topics: dict[str, list[Hit]] = {}
            for hit in self._matcher.find(segment.text):
                topics.setdefault(hit.label, []).append(hit)
            for topic, hits in topics.items():
                phrases = sorted({hit.phrase for hit in hits})
                findings.append(
                    Finding(
                        category=topic,
                        score=round(1.0 - (1.0 - _PER_PHRASE) ** len(phrases), 4),
                        segment=index,
                        start=min(hit.start for hit in hits),
                        end=max(hit.end for hit in hits),
                        reason=", ".join(phrases[:8]),
                    )
                )
        return findings

    def pending(self, text: str) -> bool:
        """Whether the text ends between the words of a phrase."""
        return self._matcher.open(text)
