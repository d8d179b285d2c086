"""Whether the chunks of an exchange bear out the sentences of its answer: words, numbers and names
compared, and a small network that reads each sentence beside its evidence."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from gateway.core.knowledge import Chunk
from gateway.core.words import stem
from gateway.encoder.model_file import SHIPPED
from gateway.encoder.support_evidence import Evidence, evidence_for
from gateway.encoder.support_features import NAMES, FeatureReader
from gateway.encoder.support_model import PairNetwork, Rows, SupportFigures, read_figures
from gateway.encoder.support_source import Passage, Source, prepare
from gateway.encoder.support_text import unmarked
from gateway.encoder.support_words import WordReader, Words
from gateway.ports.support import Judgement, SupportSource

_STEMS = 50_000
_ABOUT: Final = 0.25
"""The share of a sentence's weight that a passage must have to be about the same thing."""
_CONFLICTS: Final = tuple(
    NAMES.index(name)
    for name in (
        "unseen_numbers",
        "numbers_elsewhere",
        "unseen_amounts",
        "names_elsewhere",
        "negation_more",
        "negation_less",
        "antonyms",
        "denied_values",
        "asserted_values",
    )
)
_SPEAKS: Final = 0.5
"""The share from which on a passage that says otherwise contradicts, and does not just not say."""

Score = Callable[[Rows, Sequence[tuple[str, str]]], Rows]
"""The probability that sentences are not borne out, for their figures and (evidence, sentence)."""


class _Scorer:
    """What both scorers share: words are compared on a thread of its own."""

    def __init__(self) -> None:
        self._reader = WordReader(lru_cache(_STEMS)(stem))
        self._features = FeatureReader(self._reader)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="support")

    async def open(self, chunks: Sequence[Chunk]) -> SupportSource:
        """See ``Support.open``. Raises ModelFileError when the model cannot be loaded."""
        passages = tuple(Passage(chunk.title, chunk.text) for chunk in chunks)
        loop = asyncio.get_running_loop()
        source = await loop.run_in_executor(self._thread, prepare, passages, self._reader)
        return _OpenSource(self, passages, source)

    async def judged(self, sentences: Sequence[str], source: Source) -> list[Judgement]:
        """One judgement for each sentence."""
        if not sentences:
            return []
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._judge, sentences, source)

    async def prepared(self, passages: Sequence[Passage]) -> Source:
        """These passages as a source."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, prepare, passages, self._reader)

    def close(self) -> None:
        """Ends the thread. Called once, at shutdown."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _judge(self, sentences: Sequence[str], source: Source) -> list[Judgement]:
        bare = [unmarked(sentence) for sentence in sentences]
        found = [(text, *self._read(text, source)) for text in bare]
        rows = np.stack(
            [self._features.row(text, words, evidence, source) for text, words, evidence in found]
        )
        pairs = [(evidence.text, text) for text, _, evidence in found]
        wrong = self._wrong(rows, pairs)
        return [
            _judgement(1.0 - float(score), evidence, row)
            for score, (_, _, evidence), row in zip(wrong, found, rows, strict=True)
        ]

    def _read(self, text: str, source: Source) -> tuple[Words, Evidence]:
        words = self._reader.read(text)
        return words, evidence_for(words, source)

    def _wrong(self, rows: Rows, pairs: Sequence[tuple[str, str]]) -> Rows:
        raise NotImplementedError


class SupportScorer(_Scorer):
    """The model that ships with the gateway. Its files are read when it is first used."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        super().__init__()
        self._folder = folder
        self._loading = threading.Lock()
        self._loaded: tuple[SupportFigures, PairNetwork] | None = None

    def _wrong(self, rows: Rows, pairs: Sequence[tuple[str, str]]) -> Rows:
        figures, network = self._load()
        return figures.full.probabilities(np.hstack([rows, network.read(pairs)]))

    def _load(self) -> tuple[SupportFigures, PairNetwork]:
        with self._loading:
            if self._loaded is None:
                figures = read_figures(self._folder)
                self._loaded = figures, PairNetwork(self._folder, figures.tokens, figures.files)
            return self._loaded


class LexicalSupport(_Scorer):
    """Words, numbers and names alone: quicker, and blinder, than the model."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        super().__init__()
        self._folder = folder
        self._figures: SupportFigures | None = None

    def _wrong(self, rows: Rows, pairs: Sequence[tuple[str, str]]) -> Rows:
        if self._figures is None:
            self._figures = read_figures(self._folder)
        return self._figures.lexical.probabilities(rows)


class _OpenSource:
    """The passages of one exchange; parts of them are made ready when they are asked about."""

    def __init__(self, scorer: _Scorer, passages: Sequence[Passage], source: Source) -> None:
        self._scorer = scorer
        self._passages = passages
        self._whole = source
        self._parts: dict[frozenset[int], Source] = {}

    async def judge(
        self, sentences: Sequence[str], among: frozenset[int] | None = None
    ) -> Sequence[Judgement]:
        """See ``SupportSource.judge``."""
        return await self._scorer.judged(sentences, await self._source(among))

    async def _source(self, among: frozenset[int] | None) -> Source:
        if among is None or len(among) == len(self._passages):
            return self._whole
        part = self._parts.get(among)
        if part is None:
            kept = [
                passage if index in among else Passage("", "")
                for index, passage in enumerate(self._passages)
            ]
            part = self._parts[among] = await self._scorer.prepared(kept)
        return part


def _judgement(score: float, evidence: Evidence, row: Rows) -> Judgement:
    best = evidence.best
    if best is None or evidence.best_share < _ABOUT:
        return Judgement(round(score, 4))
    conflict = evidence.covered >= _SPEAKS and any(row[index] > 0 for index in _CONFLICTS)
    return Judgement(
        round(score, 4), best.chunk, best.start, best.end, contradicted=score < 0.5 and conflict
    )
