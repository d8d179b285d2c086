"""The answers of RAGTruth, sentence by sentence, with what they rest on."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gateway.core.words import stem
from gateway.encoder.support_source import Passage, Source, prepare
from gateway.encoder.support_text import MARKER, needs_support, sentences_of, unmarked
from gateway.encoder.support_words import WordReader
from training.corpus import rows

TASKS = ("qa", "summary", "data2txt")
_PASSAGE = re.compile(r"(?:^|\n\n)passage \d+:")
_CHUNK = 900
"""Characters of a chunk that an article is cut into."""
_TOUCH = 3
"""Characters of a sentence that a labelled span must touch."""


@dataclass(frozen=True, slots=True)
class Case:
    """A source with its chunks made ready. ``id`` keeps all that was said about it together."""

    id: str
    task: str
    source: Source


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence about a case. ``supported`` says whether its source bears it out; ``answer``
    which answer it is of, empty for sentences that we made; ``asked`` whether it needs support."""

    case: Case
    text: str
    supported: bool
    answer: str = ""
    asked: bool = True
    kind: str = "said"
    spans: tuple[tuple[int, int], ...] = ()
    """Characters of the text that the source does not bear out."""


def word_reader() -> WordReader:
    """A reader that remembers stems."""
    return WordReader(lru_cache(100_000)(stem))


def cases(data: Path, reader: WordReader) -> Iterator[tuple[Case, list[Said]]]:
    """Every source of the folder with all sentences of its answers, in order."""
    for task in TASKS:
        for row in rows(data / f"faithfulness/ragtruth_{task}_train.jsonl"):
            case = Case(f"{task}/{row['source_id']}", task, prepare(_passages(row), reader))
            said = []
            for number, answer in enumerate(row["responses"]):
                spans = [(label["start"], label["end"]) for label in answer["labels"]]
                said += list(_sentences(case, f"{case.id}/{number}", answer["response"], spans))
            yield case, said


def _passages(row: dict[str, object]) -> list[Passage]:
    source = row["source"]
    if isinstance(source, str):
        return [Passage("", part) for part in _cut(source)]
    assert isinstance(source, dict)
    if "passages" in source:
        parts = _PASSAGE.split(source["passages"])
        return [Passage("", part.strip()) for part in parts if part.strip()]
    return [Passage("", json.dumps(source, ensure_ascii=False))]


def _cut(text: str) -> list[str]:
    chunks: list[str] = []
    start = 0
    for span in sentences_of(text):
        if span.end - start > _CHUNK:
            chunks.append(text[start : span.end])
            start = span.end
    if text[start:].strip():
        chunks.append(text[start:])
    return chunks


def _sentences(case: Case, answer: str, text: str, spans: list[tuple[int, int]]) -> Iterator[Said]:
    for place in sentences_of(text):
        touched = tuple(
            (max(0, start - place.start), min(end, place.end) - place.start)
            for start, end in spans
            if min(end, place.end) - max(start, place.start) >= min(_TOUCH, end - start)
        )
        sentence = text[place.start : place.end]
        asked = needs_support(sentence)
        if MARKER.search(sentence):
            yield Said(case, unmarked(sentence), not touched, answer, asked)
        else:
            yield Said(case, sentence, not touched, answer, asked, spans=touched)
