"""Measures and calibrates the tags of personal data on templates that were not learned from."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.encoder.encoder import OnnxEncoder
from gateway.encoder.tagger import EncoderTagger
from training.examples import Example
from training.pii_report import ANY, Counts, calibration, measured

_LEAST = 0.5

Kinds = dict[str, dict[str, float]]


def tagged(folder: Path, examples: Sequence[Example]) -> dict[str, Any]:
    """``kinds``: slope and bias by kind. ``precision``, ``recall``, ``f2`` over all kinds, patterns
    included, where an overlap counts as found."""
    return asyncio.run(_tagged(folder, examples))


async def _tagged(folder: Path, examples: Sequence[Example]) -> dict[str, Any]:
    encoder = OnnxEncoder(folder)
    try:
        kinds = await calibration(encoder, examples)
        recognizer = PresidioRecognizer(taggers=[EncoderTagger(encoder, kinds)])
        try:
            report = await measured(recognizer, examples, _LEAST)
        finally:
            recognizer.close()
    finally:
        encoder.close()
    every = Counts()
    for kind, counts in report.overlap.items():
        if kind != ANY:
            every += counts
    return {
        "kinds": kinds,
        "precision": every.precision,
        "recall": every.recall,
        "f2": every.f(2),
    }


def averaged(folds: Sequence[Kinds]) -> Kinds:
    """The mean of what the folds found for each kind."""
    made: Kinds = {}
    for kind in sorted({kind for fold in folds for kind in fold}):
        known = [fold[kind] for fold in folds if kind in fold]
        made[kind] = {
            key: round(sum(one[key] for one in known) / len(known), 3) for key in ("slope", "bias")
        }
    return made
