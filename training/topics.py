"""Measures and calibrates how near a text comes to a handful of examples of a topic."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from gateway.encoder.detector_models import Similarity
from gateway.encoder.encoder import OnnxEncoder
from gateway.encoder.similarity import ORDINARY, nearest
from training.corpus import rows

_EXAMPLES = 5
_TEXTS = 12
_BACKGROUNDS = (0.0, 0.15, 0.3, 0.45, 0.6)
_FOUND = 0.9
"""Share of a topic's texts that its examples find at a probability of one half."""
_SEED = 5

Vectors = NDArray[np.float32]


def topics(folder: Path, data: Path) -> dict[str, Any]:
    """``similarity``: the constants with which CLINC150's intents are told apart best, five
    examples of the train split each, texts of the test split. ``auroc``: the mean over intents."""
    rng = random.Random(_SEED)
    known: dict[str, list[str]] = {}
    asked: dict[str, list[str]] = {}
    for row in rows(data / "intent/clinc150.jsonl"):
        if row["intent"] != "oos" and row["split"] in ("train", "test"):
            split = known if row["split"] == "train" else asked
            split.setdefault(row["intent"], []).append(row["text"])
    names = sorted(known)
    examples = [rng.sample(known[name], _EXAMPLES) for name in names]
    texts = [rng.sample(asked[name], _TEXTS) for name in names]
    vectors = asyncio.run(_embedded(folder, [*ORDINARY, *_flat(examples), *_flat(texts)]))
    ordinary, vectors = vectors[: len(ORDINARY)], vectors[len(ORDINARY) :]
    given, read = vectors[: len(names) * _EXAMPLES], vectors[len(names) * _EXAMPLES :]
    near = np.stack([nearest(read, one) for one in np.split(given, len(names))], axis=1)
    common = nearest(read, ordinary)[:, None]
    owner = np.repeat(np.arange(len(names)), _TEXTS)[:, None] == np.arange(len(names))
    best = max(_BACKGROUNDS, key=lambda share: _area(near - share * common, owner))
    values = near - best * common
    fitted = LogisticRegression(C=1e3).fit(values.reshape(-1, 1), owner.ravel())
    slope = float(fitted.coef_[0][0])
    half = float(np.quantile(values[owner], 1.0 - _FOUND))
    similarity = Similarity(round(slope, 3), round(-slope * half, 3), best)
    passed = (values >= half) & ~owner
    return {
        "similarity": {
            "slope": similarity.slope,
            "bias": similarity.bias,
            "background": best,
        },
        "auroc": round(_area(values, owner), 4),
        "others": round(float(passed.sum() / (~owner).sum()), 4),
    }


def _flat(groups: Sequence[Sequence[str]]) -> list[str]:
    return [text for group in groups for text in group]


async def _embedded(folder: Path, texts: Sequence[str]) -> Vectors:
    """[texts, dimensions]."""
    encoder = OnnxEncoder(folder)
    try:
        return np.stack([(await encoder.encode(text)).embedding for text in texts])
    finally:
        encoder.close()


def _area(values: NDArray[Any], owner: NDArray[np.bool_]) -> float:
    areas = [roc_auc_score(own, said) for own, said in zip(owner.T, values.T, strict=True)]
    return float(np.mean(areas))
