"""Measures and calibrates the tags of personal data on templates that were not learned from."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.encoder.encoder import OnnxEncoder
from gateway.encoder.tagger import EncoderTagger
from training.examples import Example
from training.pii_report import ANY, Counts, calibration, measured, points

LEAN = 0.5
"""What the tagger takes from the logit of "nothing", for recall counts twice."""
_LEAST = 0.5

Kinds = dict[str, dict[str, float]]
Points = dict[str, list[tuple[float, bool]]]


def points_of(folder: Path, examples: Sequence[Example]) -> Points:
    """What the tagger of a fold marks in texts that it has not learned from, and whether that is
    right, by kind."""
    return asyncio.run(_points(folder, examples))


async def _points(folder: Path, examples: Sequence[Example]) -> Points:
    encoder = OnnxEncoder(folder)
    try:
        return await points(encoder, examples, LEAN)
    finally:
        encoder.close()


def calibrated(folds: Sequence[Points]) -> Kinds:
    """Slope and bias by kind, fitted on what the taggers of all folds marked."""
    pooled: Points = {}
    for found in folds:
        for kind, pairs in found.items():
            pooled.setdefault(kind, []).extend(pairs)
    return calibration(pooled)


def counted(folder: Path, examples: Sequence[Example], kinds: Kinds) -> dict[str, Counts]:
    """How many labels of each kind, as the set has them, the tagger of a fold finds, with the
    patterns, where an overlap counts as found."""
    return asyncio.run(_counted(folder, examples, kinds))


async def _counted(folder: Path, examples: Sequence[Example], kinds: Kinds) -> dict[str, Counts]:
    encoder = OnnxEncoder(folder)
    recognizer = PresidioRecognizer(taggers=[EncoderTagger(encoder, kinds, LEAN)])
    try:
        report = await measured(recognizer, examples, _LEAST)
    finally:
        recognizer.close()
        encoder.close()
    return {kind: counts for kind, counts in report.overlap.items() if kind != ANY}


def figures_of(folds: Sequence[Mapping[str, Counts]]) -> dict[str, Any]:
    """Precision, recall and F2 of the texts of all folds together, of each kind and of all."""
    every = Counts()
    kinds: dict[str, Counts] = {}
    for fold in folds:
        for kind, counts in fold.items():
            total = kinds.setdefault(kind, Counts())
            total += counts
            every += counts
    made = {kind: {"labels": c.labels, **_figures(c)} for kind, c in sorted(kinds.items())}
    return {**_figures(every), "kinds": made}


def _figures(counts: Counts) -> dict[str, float]:
    found = {"precision": counts.precision, "recall": counts.recall, "f2": counts.f(2)}
    return {key: round(value, 4) for key, value in found.items()}
