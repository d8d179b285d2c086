"""Judges grounded answers: which sentences the passages bear out, and which citations are right."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.knowledge import Chunk
from gateway.core.words import stems
from gateway.encoder.support_text import (
    MARKER,
    markers_of,
    needs_support,
    sentences_of,
    unmarked,
)
from gateway.ports.support import Judgement, Support, SupportSource

_BORNE_OUT: Final = 0.5
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Grounding:
    """Counts over the claims of an answer: sentences that must rest on a passage.

    ``cited``: pairs of a claim and a passage it points at; ``citing``: those that are right.
    ``covered``: claims that a passage they point at bears out.
    """

    claims: int = 0
    supported: int = 0
    contradicted: int = 0
    cited: int = 0
    citing: int = 0
    covered: int = 0
    unsupported: tuple[str, ...] = ()
    """The claims that no passage bears out."""


class AnswerJudge:
    """Reads answers beside the passages they were made from."""

    def __init__(self, support: Support) -> None:
        self._support = support

    async def judge(self, answer: str, chunks: Sequence[Chunk]) -> Grounding:
        """Raises what the scorer raises when its model cannot be loaded."""
        claims = claims_of(answer)
        if not claims:
            return Grounding()
        if not chunks:
            cited = sum(len(set(numbers)) for _, numbers in claims)
            texts = tuple(text for text, _ in claims)
            return Grounding(claims=len(claims), cited=cited, unsupported=texts)
        source = await self._support.open(chunks)
        texts = tuple(text for text, _ in claims)
        whole = await source.judge(texts)
        cited = citing = covered = 0
        for text, numbers in claims:
            pairs = sorted(set(numbers))
            right = await _right(source, text, [n - 1 for n in pairs if 1 <= n <= len(chunks)])
            cited, citing = cited + len(pairs), citing + right
            covered += right > 0
        return Grounding(
            claims=len(claims),
            supported=sum(seen.score >= _BORNE_OUT for seen in whole),
            contradicted=sum(seen.contradicted for seen in whole),
            cited=cited,
            citing=citing,
            covered=covered,
            unsupported=tuple(
                text for text, seen in zip(texts, whole, strict=True) if seen.score < _BORNE_OUT
            ),
        )


async def _right(source: SupportSource, claim: str, passages: Sequence[int]) -> int:
    """How many of these passages bear a claim out, each by itself."""
    found = [(await source.judge([claim], frozenset([passage])))[0] for passage in passages]
    return sum(judgement.score >= _BORNE_OUT for judgement in found)


def claims_of(answer: str) -> list[tuple[str, list[int]]]:
    """The sentences of an answer that must rest on a passage, without markers, each with the
    numbers of the passages it points at, inside it or right behind it."""
    claims: list[tuple[str, list[int]]] = []
    for span in sentences_of(answer):
        text = answer[span.start : span.end]
        lead = MARKER.match(text)
        if lead is not None and claims and not unmarked(text):
            claims[-1][1].extend(markers_of(text))
        elif needs_support(text):
            claims.append((unmarked(text), markers_of(text)))
    return claims


class WordSupport:
    """Support by plain shares: how much of a sentence's content words one passage has, and whether
    it has all of its numbers. Blind to meaning, and the same for ever."""

    LEAST: Final = 0.6
    """The share of content words that a passage must have."""

    async def open(self, chunks: Sequence[Chunk]) -> SupportSource:
        return _WordSource([(_words(c.title), _words(c.text), _numbers(c.text)) for c in chunks])


class _WordSource:
    def __init__(
        self, passages: Sequence[tuple[frozenset[str], frozenset[str], frozenset[str]]]
    ) -> None:
        self._passages = passages

    async def judge(
        self, sentences: Sequence[str], among: frozenset[int] | None = None
    ) -> Sequence[Judgement]:
        return [self._judged(unmarked(sentence), among) for sentence in sentences]

    def _judged(self, sentence: str, among: frozenset[int] | None) -> Judgement:
        words, numbers = _words(sentence), _numbers(sentence)
        best = Judgement(0.0)
        for index, (title, text, known) in enumerate(self._passages):
            if among is not None and index not in among:
                continue
            share = len(words & (title | text)) / len(words) if words else 0.0
            if share >= WordSupport.LEAST and numbers <= known:
                score = share
            else:
                score = min(share, _BORNE_OUT) * 0.9
            if score > best.score:
                best = Judgement(score, index)
        return best


def _words(text: str) -> frozenset[str]:
    return frozenset(stems(text))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(number.replace(",", "") for number in _NUMBER.findall(text))
