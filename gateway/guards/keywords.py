"""Words that the house does not want to see."""

from collections.abc import Sequence

from pydantic import Field

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.phrases import PhraseMatcher
from gateway.core.segments import Segment


class KeywordsOptions(Options):
    words: tuple[str, ...] = Field(min_length=1)
    """Words or phrases to find, whatever their case and accents; ``diagnos*`` is a beginning."""
    category: str = "keyword"
    """The category of the findings."""


class KeywordsGuard:
    """Words and phrases from a list."""

    name = "keywords"
    inline = True
    pure = True
    Options = KeywordsOptions

    def __init__(self, options: KeywordsOptions) -> None:
        """Raises ValueError for a word without any letter or digit."""
        self._matcher = PhraseMatcher({options.category: options.words})

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding of score 1 for each place a word stands at; its reason is the list's word."""
        return [
            Finding(hit.label, 1.0, index, hit.start, hit.end, hit.phrase)
            for index, segment in enumerate(segments)
            for hit in self._matcher.find(segment.text)
        ]

    def pending(self, text: str) -> bool:
        """Whether the text ends between the words of a phrase."""
        return self._matcher.open(text)
