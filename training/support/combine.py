"""Puts the figures about words and what the network read together into one probability."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from gateway.encoder.support_evidence import evidence_for
from gateway.encoder.support_features import NAMES, FeatureReader
from gateway.encoder.support_model import READ, summary
from gateway.encoder.support_words import WordReader
from training.support.data import TASKS, Said

Rows = NDArray[np.float32]
OPERATING = 0.5
"""The threshold that figures are given at: the classes are weighed alike, so it is the balance."""


def lexical_rows(said: Sequence[Said], reader: WordReader) -> Rows:
    """[sentences, len(NAMES)]."""
    features = FeatureReader(reader)
    rows = []
    for sentence in said:
        words = reader.read(sentence.text)
        source = sentence.case.source
        rows.append(features.row(sentence.text, words, evidence_for(words, source), source))
    return np.array(rows, dtype=np.float32)


def network_rows(whole: Sequence[float], words: Sequence[Sequence[float]]) -> Rows:
    """[sentences, len(READ)]."""
    return np.array(
        [summary(one, np.asarray(each)) for one, each in zip(whole, words, strict=True)],
        dtype=np.float32,
    )


def fitted(
    rows: Rows, wrong: NDArray[np.bool_], weights: NDArray[np.float64], names: Sequence[str]
) -> dict[str, Any]:
    """A logistic model over figures by name; the two classes weigh alike."""
    weights = weights / np.where(wrong, weights[wrong].sum(), weights[~wrong].sum())
    mean, scale = rows.mean(0), np.maximum(rows.std(0), 1e-3)
    model = LogisticRegression(C=0.3, max_iter=5000)
    model.fit((rows - mean) / scale, wrong, sample_weight=weights * len(rows) / 2)
    slopes = model.coef_[0] / scale
    bias = float(model.intercept_[0] - (slopes * mean).sum())
    return {
        "weights": {n: round(float(w), 5) for n, w in zip(names, slopes, strict=True)},
        "bias": round(bias, 5),
    }


def probabilities(model: dict[str, Any], rows: Rows, names: Sequence[str]) -> NDArray[np.float64]:
    """What ``fitted`` gives for rows."""
    weights = np.array([model["weights"][name] for name in names])
    return np.asarray(1.0 / (1.0 + np.exp(-(rows @ weights + model["bias"]))))


def out_of_fold(
    rows: Rows,
    wrong: NDArray[np.bool_],
    weights: NDArray[np.float64],
    folds: NDArray[np.int64],
    names: Sequence[str],
) -> NDArray[np.float64]:
    """Probabilities of a model that saw no sentence of the same fold."""
    made = np.zeros(len(rows))
    for fold in np.unique(folds):
        others = (folds != fold) & (weights > 0)
        model = fitted(rows[others], wrong[others], weights[others], names)
        made[folds == fold] = probabilities(model, rows[folds == fold], names)
    return made


def measured(said: Sequence[Said], scores: NDArray[np.float64]) -> dict[str, Any]:
    """Figures by sentence and by answer (the worst sentence counts), over all and by task.
    Sentences that the guards skip count as borne out. ``best`` is the balanced accuracy at the best
    threshold for these very sentences, ``balanced`` at the operating one."""
    scores = np.where([s.asked for s in said], scores, 0.0)
    wrong = np.array([not s.supported for s in said])
    tasks = np.array([s.case.task for s in said])
    answers: dict[str, list[int]] = {}
    for index, sentence in enumerate(said):
        answers.setdefault(sentence.answer, []).append(index)
    worst = np.array([scores[places].max() for places in answers.values()])
    bad = np.array([wrong[places].any() for places in answers.values()])
    kinds = np.array([answer.partition("/")[0] for answer in answers])
    figures: dict[str, Any] = {}
    for name in ("all", *TASKS):
        here = np.ones(len(tasks), bool) if name == "all" else tasks == name
        there = np.ones(len(kinds), bool) if name == "all" else kinds == name
        figures[name] = {
            "sentence": _figures(wrong[here], scores[here]),
            "answer": _figures(bad[there], worst[there]),
        }
    return figures


def _figures(wrong: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, float]:
    thresholds = np.unique(np.quantile(scores, np.linspace(0.01, 0.99, 99)))
    best, at = max((float(balanced_accuracy_score(wrong, scores >= t)), t) for t in thresholds)
    flagged = scores >= OPERATING
    return {
        "count": len(wrong),
        "wrong": int(wrong.sum()),
        "auroc": round(float(roc_auc_score(wrong, scores)), 4),
        "best": round(best, 4),
        "best_at": round(float(at), 3),
        "balanced": round(float(balanced_accuracy_score(wrong, flagged)), 4),
        "recall": round(float(flagged[wrong].mean()), 4),
        "false_positives": round(float(flagged[~wrong].mean()), 4),
    }


ALL = (*NAMES, *READ)
