"""Fits the linear models over n-grams, one for each channel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from gateway.core.views import Viewer
from gateway.encoder.channels import DOCUMENT as DOCUMENT_CHANNEL
from gateway.encoder.channels import USER as USER_CHANNEL
from gateway.encoder.detector_models import wording_spans
from gateway.encoder.ngrams import BUCKETS, NgramModel, table
from training.examples import DOCUMENT, ROUTE, USER, Example

_STRENGTH = 8.0
"""The inverse of how much large weights are held down."""
_INSIDE = 0.6
"""Share of a passage from which it counts as a part of the planted text."""
_PER_TEXT = 6
"""Passages of one document at most, those of its order apart."""


def wordings(examples: Sequence[Example]) -> dict[str, NgramModel]:
    """The models by channel."""
    viewer = Viewer()
    texts: dict[str, list[str]] = {USER_CHANNEL: [], DOCUMENT_CHANNEL: []}
    labels: dict[str, list[bool]] = {USER_CHANNEL: [], DOCUMENT_CHANNEL: []}
    for example in examples:
        if example.task in (USER, ROUTE):
            for start, end in _few(wording_spans(USER_CHANNEL, example.text).tolist(), 2):
                texts[USER_CHANNEL].append(viewer.fold(example.text[start:end]))
                labels[USER_CHANNEL].append(example.label == "attack")
        elif example.task == DOCUMENT:
            ordered: list[tuple[int, int]] = []
            clean: list[tuple[int, int]] = []
            for start, end in wording_spans(DOCUMENT_CHANNEL, example.text).tolist():
                inside = sum(
                    max(0, min(end, span.end) - max(start, span.start)) for span in example.spans
                )
                (ordered if inside > _INSIDE * (end - start) else clean).append((start, end))
            for label, spans in ((True, ordered), (False, _few(clean, _PER_TEXT))):
                for start, end in spans:
                    texts[DOCUMENT_CHANNEL].append(viewer.fold(example.text[start:end]))
                    labels[DOCUMENT_CHANNEL].append(label)
    return {channel: _fitted(texts[channel], labels[channel]) for channel in texts}


def _few(spans: Sequence[tuple[int, int]], count: int) -> Sequence[tuple[int, int]]:
    """Some of the spans, evenly spread, the first and the last among them."""
    if len(spans) <= count:
        return spans
    return [spans[int(at)] for at in np.linspace(0, len(spans) - 1, count)]


def _fitted(texts: Sequence[str], labels: Sequence[bool]) -> NgramModel:
    found = table(texts)
    matrix = csr_matrix((found.values, (found.rows, found.indices)), shape=(len(texts), BUCKETS))
    model = LogisticRegression(
        C=_STRENGTH, class_weight="balanced", solver="liblinear", random_state=0, max_iter=200
    )
    model.fit(matrix, np.array(labels))
    weights: NDArray[np.float32] = model.coef_[0].astype(np.float32)
    return NgramModel(weights, float(model.intercept_[0]))
