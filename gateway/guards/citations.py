"""The answer cites nothing, or what it cites does not bear it out."""

from collections.abc import Iterator, Sequence
from typing import Literal

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.knowledge import Chunk
from gateway.core.options import Options
from gateway.core.segments import Segment
from gateway.encoder.support_text import MARKER, is_closed, markers_of, needs_support, sentences_of
from gateway.guards.grounding import REACH, Claim, answers_in, claims_in, source_of
from gateway.ports.support import Support

_LEAST = 0.05
"""Scores below it are not reported at all."""
_WAIT = 2_000
"""Characters of a line in which the marker of a sentence is waited for."""
_OPENING = 2_000
"""Characters of an answer that have a marker, with ``require: any``."""


class CitationsOptions(Options):
    require: Literal["every_sentence", "any", "none"] = "every_sentence"
    """Where markers must stand: after every sentence that says something, somewhere in the first
    2,000 characters of an answer that says something, or nowhere."""
    support: Literal["model", "lexical", "off"] = "model"
    """How it is told whether the passages that a sentence points at bear it out: by the small
    network, by words alone, or not at all."""


class CitationsGuard:
    """Sentences without a marker, and markers that point at no passage, at one that the caller may
    not see, or at one that does not bear out the sentence.

    A marker is ``[2]`` or ``[1, 3]``, inside the sentence or right behind it. Says nothing when
    nothing was retrieved. Missing, unknown and forbidden passages score 1; a passage that does not
    bear a sentence out scores as in ``faithfulness``.
    """

    name = "citations"
    inline = False
    reach = REACH
    Options = CitationsOptions

    def __init__(
        self, options: CitationsOptions, *, support: Support, lexical_support: Support
    ) -> None:
        self._require = options.require
        scorers = {"model": support, "lexical": lexical_support, "off": None}
        self._support = scorers[options.support]

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per missing or wrong marker."""
        if not ex.chunks:
            return []
        findings: list[Finding] = []
        cited: list[tuple[Claim, frozenset[int]]] = []
        for index, segment in answers_in(segments):
            findings += _wrong(index, segment, ex, ex.chunks)
            if self._require == "any" and segment.offset == segment.fresh == 0:
                findings += _nowhere(index, segment)
            for claim in claims_in(index, segment):
                numbers = _numbers_of(claim, segment.text)
                if not numbers and self._require == "every_sentence":
                    where = claim.segment, claim.start, claim.end
                    findings.append(Finding("citations.missing", 1.0, *where, "no marker"))
                known = frozenset(n - 1 for n in numbers if 1 <= n <= len(ex.chunks))
                if known:
                    cited.append((claim, known))
        if self._support is not None and cited:
            findings += await self._unsupported(cited, ex, ex.chunks, self._support)
        return findings

    def pending(self, text: str) -> bool:
        """Whether the text ends inside a sentence, or behind one whose marker may still follow."""
        if not is_closed(text):
            return True
        if self._require == "none" and self._support is None:
            return False
        if self._require == "any" and len(text) < _OPENING and not MARKER.search(text):
            return True
        tail = text[-_WAIT:].rpartition("\n")[2]
        if not tail.strip() or len(tail) == _WAIT:
            return False
        last = tail[sentences_of(tail)[-1].start :]
        return needs_support(last) and not MARKER.search(last)

    async def _unsupported(
        self,
        cited: Sequence[tuple[Claim, frozenset[int]]],
        ex: Exchange,
        chunks: Sequence[Chunk],
        support: Support,
    ) -> list[Finding]:
        source = await source_of(ex, chunks, support)
        groups: dict[frozenset[int], list[Claim]] = {}
        for claim, known in cited:
            groups.setdefault(known, []).append(claim)
        findings: list[Finding] = []
        for known, claims in groups.items():
            names = ", ".join(f"[{number + 1}] {chunks[number].id}" for number in sorted(known))
            for claim, seen in zip(
                claims, await source.judge([c.text for c in claims], known), strict=True
            ):
                score = round(1.0 - seen.score, 4)
                if score >= _LEAST:
                    where = claim.segment, claim.start, claim.end
                    findings.append(Finding("citations.unsupported", score, *where, names))
        return findings


def _wrong(
    index: int, segment: Segment, ex: Exchange, chunks: Sequence[Chunk]
) -> Iterator[Finding]:
    """Markers that point at no passage, or at one that is not the caller's."""
    roles = ex.principal.roles if ex.principal else frozenset[str]()
    for match in MARKER.finditer(segment.text):
        for number in markers_of(match[0]):
            if not 1 <= number <= len(chunks):
                reason = f"there is no passage [{number}]"
                yield Finding("citations.unknown", 1.0, index, *match.span(), reason)
            elif not chunks[number - 1].access.allows(roles):
                reason = f"passage [{number}] is not the caller's"
                yield Finding("citations.forbidden", 1.0, index, *match.span(), reason)


def _nowhere(index: int, segment: Segment) -> Iterator[Finding]:
    claims = list(claims_in(index, segment))
    if claims and not MARKER.search(segment.text):
        yield Finding("citations.missing", 1.0, index, claims[0].start, claims[-1].end, "no marker")


def _numbers_of(claim: Claim, text: str) -> list[int]:
    """The passages that a claim points at, inside it or right behind it."""
    numbers = markers_of(claim.text)
    at = claim.end
    while (match := MARKER.match(text, at + 1 if text[at : at + 1] == " " else at)) is not None:
        numbers += markers_of(match[0])
        at = match.end()
    return numbers
