"""What the guards of grounded answers share: the claims that an answer makes, and the exchange's
passages made ready to judge them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.core.exchange import Exchange
from gateway.core.knowledge import Chunk
from gateway.core.segments import Origin, Segment
from gateway.encoder.support_text import LONGEST, TRAILING, needs_support, sentences_of
from gateway.ports.support import Support, SupportSource

REACH = LONGEST + 256
"""Characters before a window that a guard of sentences must see."""

_STATE = "gateway.support"


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer that must rest on a passage. ``start`` and ``end`` are characters of
    the segment's text."""

    segment: int
    start: int
    end: int
    text: str


def answers_in(segments: Sequence[Segment]) -> Iterator[tuple[int, Segment]]:
    """What the model says to the caller, with its index: no reasoning, no refusals, no calls."""
    for index, segment in enumerate(segments):
        if segment.origin is not Origin.MODEL:
            continue
        channel = segment.path[2] if len(segment.path) > 2 else "content"
        if not isinstance(channel, str) or not channel.startswith(("reasoning", "refusal")):
            yield index, segment


def claims_in(index: int, segment: Segment) -> Iterator[Claim]:
    """The claims of a segment that are judged now; earlier and later ones have their own turn."""
    until = len(segment.text) if segment.until is None else segment.until
    for span in sentences_of(segment.text):
        text = segment.text[span.start : span.end]
        # A marker behind the full stop may come with the next window, and is no news of its own.
        end = span.start + len(TRAILING.sub("", text))
        if end > segment.fresh and span.start < until and needs_support(text):
            yield Claim(index, span.start, end, segment.text[span.start : end])


async def source_of(ex: Exchange, chunks: Sequence[Chunk], support: Support) -> SupportSource:
    """The exchange's passages, made ready once for all guards that ask the same scorer."""
    key = f"{_STATE}.{id(support)}"
    known = ex.state.get(key)
    if known is not None and known[0] is chunks:
        source: SupportSource = known[1]
        return source
    source = await support.open(chunks)
    ex.state[key] = (chunks, source)
    return source
