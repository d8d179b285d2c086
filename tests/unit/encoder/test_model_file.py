"""Models that cannot be used say why, where, and what to do."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.encoder.model_file import MANIFEST, ModelFileError, open_model


def manifest(**changes: Any) -> dict[str, Any]:
    return {
        "version": "1",
        "files": {"net.bin": hashlib.sha256(b"weights").hexdigest()},
        "heads": ["injection"],
        "tags": ["INSTRUCTION", "O"],
        "window": {"tokens": 128, "overlap": 32},
        "calibration": {"injection": 1.5},
        **changes,
    }


def folder(path: Path, document: Any) -> Path:
    (path / "net.bin").write_bytes(b"weights")
    (path / MANIFEST).write_text(json.dumps(document))
    return path


def test_a_sound_model_is_read(tmp_path: Path) -> None:
    model = open_model(folder(tmp_path, manifest()))
    assert (model.heads, model.window, model.overlap) == (("injection",), 128, 32)
    assert model.calibration == {"injection": 1.5}
    assert model.path("net.bin") == tmp_path / "net.bin"


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"nowhere: there is no manifest.json.*make models"):
        open_model(tmp_path / "nowhere")


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    model = folder(tmp_path, manifest())
    (model / "net.bin").write_bytes(b"weight5")
    with pytest.raises(ModelFileError, match=r"net\.bin: the SHA-256 is .*, the manifest says"):
        open_model(model)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    model = folder(tmp_path, manifest())
    (model / "net.bin").unlink()
    with pytest.raises(ModelFileError, match=r"net\.bin: cannot be read \(No such file"):
        open_model(model)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "not a manifest of this version"),
        ({"files": {}}, "not a manifest of this version"),
        (manifest(window={"tokens": "many", "overlap": 1}), "not a manifest of this version"),
        (manifest(window={"tokens": 20, "overlap": 9}), "cannot overlap by 9"),
        (manifest(files={"../net.bin": "0"}), "is not the name of a file"),
    ],
)
def test_a_wrong_manifest_is_told(tmp_path: Path, document: Any, message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        open_model(folder(tmp_path, document))


def test_what_is_not_json_is_told(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(ModelFileError, match=r"manifest\.json: cannot be read"):
        open_model(tmp_path)
