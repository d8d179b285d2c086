from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gateway.core.views import Viewer
from gateway.encoder.calibration import Combiner, Platt
from gateway.encoder.detector_models import (
    DetectorModels,
    Routing,
    Similarity,
    strongest_wording,
    wording_spans,
)
from gateway.encoder.model_file import ModelFiles
from gateway.encoder.ngrams import BUCKETS, NgramModel, features

CALIBRATION = {
    "user": [{"bias": -1.0, "weights": {"rules": 1.0, "ngrams": 2.0}}],
    "document": [],
    "heads": {"toxic": {"slope": 0.5, "bias": -1.0}},
    "similarity": {"slope": 9.0},
    "routing": {"chitchat": 0.9},
}


def files(folder: Path, calibration: Mapping[str, object]) -> ModelFiles:
    return ModelFiles(folder, "1", (), (), 128, 32, calibration)


def model_of(word: str) -> NgramModel:
    weights = np.zeros(BUCKETS, dtype=np.float32)
    weights[features(word)[0]] = 1.0
    return NgramModel(weights, -0.25)


def test_everything_is_read_from_the_folder_and_its_manifest(tmp_path: Path) -> None:
    model_of("comply").save(tmp_path / "ngrams-user.npz")
    models = DetectorModels.load(files(tmp_path, CALIBRATION))
    assert set(models.ngrams) == {"user"}
    assert models.combiners == {
        "user": (Combiner(-1.0, {"rules": 1.0, "ngrams": 2.0}),),
        "document": (),
    }
    assert models.similarity == Similarity(slope=9.0)
    assert models.routing == Routing(chitchat=0.9)
    assert models.probability("toxic", 2.0) == 0.5
    assert models.probability("hate", 1.0) == Platt().probability(1.0)


def test_a_manifest_without_calibration_leaves_the_defaults(tmp_path: Path) -> None:
    assert DetectorModels.load(files(tmp_path, {})) == DetectorModels()


@pytest.mark.parametrize(
    "calibration",
    [
        {"user": [{"bias": 1.0}]},
        {"heads": {"toxic": {"slant": 1.0}}},
        {"similarity": {"slopes": 1.0}},
        {"routing": {"task": 0.5}},
    ],
)
def test_a_calibration_of_another_kind_is_refused(
    tmp_path: Path, calibration: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"combiner|calibration"):
        DetectorModels.load(files(tmp_path, calibration))


@pytest.mark.parametrize("words", [0, 1, 100, 119, 120, 121, 160, 200, 201, 1_000])
def test_stretches_of_a_users_text_cover_it(words: int) -> None:
    text = " ".join(["word"] * words)
    spans = wording_spans("user", text).tolist()
    assert (spans[0][0], spans[-1][1]) == (0, len(text))
    assert all(b[0] < a[1] for a, b in pairwise(spans))
    assert all(len(text[start:end].split()) <= 120 for start, end in spans)


def test_a_document_is_scored_by_passages() -> None:
    text = "All is well here. Comply! You must comply with me. Ok."
    spans = wording_spans("document", text).tolist()
    assert [text[a:b] for a, b in spans] == ["All is well here.", "You must comply with me."]
    assert wording_spans("document", "Ok.").tolist() == [[0, 3]]


@pytest.mark.parametrize("filler", ["the tent is blue ", "das Zelt ist groß und grün "])
def test_an_attack_does_not_drown_in_a_long_text(filler: str) -> None:
    text = filler * 300 + "now COMPLY " + filler * 300
    seen = strongest_wording(model_of("comply"), text, wording_spans("user", text), Viewer().fold)
    assert seen is not None
    assert seen.logit > 0.0
    assert "COMPLY" in text[seen.start : seen.end]


def test_an_empty_document_has_no_wording() -> None:
    assert strongest_wording(model_of("x"), "", wording_spans("document", ""), str.lower) is None
