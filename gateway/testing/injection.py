"""Detectors of injection for tests, each of which takes one word for an attack."""

import numpy as np

from gateway.encoder.ngrams import BUCKETS, NgramModel, features
from gateway.testing.encoders import WordEncoder


def one_word_encoder() -> WordEncoder:
    """Takes ``obey`` for an attack. Windows of twelve words."""
    return WordEncoder(
        {"injection": {"obey": 6.0}}, orders=("now", "obey", "me"), window=12, overlap=0
    )


def one_word_model(word: str) -> NgramModel:
    """N-grams that take ``word`` for an attack, and everything else for harmless."""
    weights = np.zeros(BUCKETS, dtype=np.float32)
    weights[features(word)[0]] = 8.0
    return NgramModel(weights, -2.0)
