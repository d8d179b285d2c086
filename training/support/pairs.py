"""What the network learns from: evidence and sentence as tokens, with the words that are not borne
out."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gateway.encoder.support_evidence import evidence_for
from gateway.encoder.support_source import Passage, prepare
from gateway.encoder.support_text import needs_support
from gateway.encoder.support_words import WordReader
from training.corpus import rows
from training.support.data import Case, Said
from training.support.perturb import Perturber
from training.support.records import records

TOKENS = 112
"""Tokens of evidence and sentence together, at most."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Evidence and a sentence. ``kinds``: 0 for evidence, 1 for the sentence; ``wrong``: 1 for the
    tokens that are not borne out; ``label``: 1 when any is not."""

    ids: NDArray[np.int64]
    kinds: NDArray[np.int64]
    wrong: NDArray[np.float32]
    label: float
    weight: float = 1.0


class PairMaker:
    """Tokenises sentences with their evidence, as the gateway does."""

    def __init__(self, tokenizer: Tokenizer, reader: WordReader) -> None:
        tokenizer.no_padding()
        tokenizer.enable_truncation(TOKENS, strategy="longest_first")
        self._tokenizer = tokenizer
        self._reader = reader

    def pairs(self, said: Sequence[Said], weight: float = 1.0) -> list[Pair]:
        """One pair for each."""
        texts = [
            (evidence_for(self._reader.read(s.text), s.case.source).text, s.text[:400])
            for s in said
        ]
        read = self._tokenizer.encode_batch(texts)
        made = []
        for one, sentence in zip(read, said, strict=True):
            kinds = np.asarray(one.type_ids, dtype=np.int64)
            wrong = np.zeros(len(kinds), dtype=np.float32)
            for place, (start, end) in enumerate(one.offsets):
                if kinds[place] and end > start:
                    wrong[place] = any(start < b and end > a for a, b in sentence.spans)
            ids = np.asarray(one.ids, dtype=np.int64)
            made.append(Pair(ids, kinds, wrong, float(not sentence.supported), weight))
        return made


def made_from(said: Sequence[Said], perturber: Perturber, rng: random.Random) -> Iterator[Said]:
    """Sentences made from those that are supported: some that are not any more, some reworded."""
    good = [s for s in said if s.supported and s.asked]
    texts = [s.text for s in good]
    for sentence in good:
        near = " ".join(unit.text for unit in sentence.case.source.units)
        changed = perturber.against(sentence.text, near, texts)
        for kind, (text, span) in rng.sample(changed, min(2, len(changed))):
            yield replace(sentence, text=text, supported=False, kind=kind, spans=(span,), answer="")
        if rng.random() < 0.4:
            yield replace(
                sentence, text=perturber.reworded(sentence.text), kind="reworded", answer=""
            )
        if rng.random() < 0.06:
            other = rng.choice(texts)
            yield replace(
                sentence,
                text=other,
                supported=False,
                kind="other",
                spans=((0, len(other)),),
                answer="",
            )


def verbatim(cases: Iterable[Case], rng: random.Random, most: int) -> Iterator[Said]:
    """Sentences of the sources themselves, a little shortened at times."""
    for case in cases:
        units = [u for u in case.source.units if not u.keyed and needs_support(u.text)]
        for unit in rng.sample(units, min(most, len(units))):
            text = " ".join(unit.text.split())
            cut = text.rfind(",")
            if cut > 40 and rng.random() < 0.4:
                text = text[:cut] + "."
            if 20 < len(text) < 300:
                yield Said(case, text, True, kind="verbatim")


def invented(count: int, seed: int, reader: WordReader) -> Iterator[Said]:
    """What is said of records of our own."""
    for number, (record, claims) in enumerate(records(count, seed)):
        case = Case(f"record/{number}", "record", prepare([Passage("", record)], reader))
        for claim in claims:
            start = claim.text.rfind(claim.wrong)
            spans = ((start, start + len(claim.wrong)),) if claim.wrong else ()
            yield Said(case, claim.text, not claim.wrong, kind="record", spans=spans)


def prose(data: Path, reader: WordReader) -> Iterator[Case]:
    """Longer texts of other sets, to make sentences from."""
    for row in rows(data / "injection/benign_tasks.jsonl"):
        if row["source"].startswith("p3/") and len(row["text"]) > 500:
            yield Case(
                f"p3/{hash_of(row['text'])}", "prose", prepare([Passage("", row["text"])], reader)
            )
    for row in rows(data / "injection/bipia_contexts_train.jsonl"):
        text = str(row.get("text") or row.get("context") or "")
        if len(text) > 400:
            yield Case(f"bipia/{hash_of(text)}", "prose", prepare([Passage("", text)], reader))


def hash_of(text: str) -> int:
    """A number that stays the same from run to run."""
    return sum(ord(c) * (i % 97 + 1) for i, c in enumerate(text[:400]))
