"""A tiny tokenizer and a network of a few lines, so that batches can be watched."""

import hashlib
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from gateway.encoder.model_file import MANIFEST
from gateway.encoder.reading import Ids
from gateway.encoder.session import Outputs

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "poison", "w", "."]
POISON = WORDS.index("poison")


def make_tokenizer(path: Path) -> Path:
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(path))
    return path


class WatchedNetwork:
    """Says of each window how many of its tokens it saw. Fails at a poisoned text, waits while
    ``gate`` is closed, dies when ``deadly``."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()
        self.deadly = False

    def __call__(self, ids: Ids, mask: Ids, shapes: Ids) -> Outputs:
        self.begun.set()
        assert self.gate.wait(20)
        self.batches.append((ids.shape[0], ids.shape[1]))
        if self.deadly:
            raise KeyboardInterrupt
        if (ids == POISON).any():
            raise ValueError("poisoned")
        count = mask.sum(1, keepdims=True).astype(np.float32)
        unit = np.zeros((len(ids), 4), dtype=np.float32)
        unit[:, 0] = 1.0
        return Outputs(unit, count, (ids * mask)[..., None].astype(np.float32))


@pytest.fixture
def network() -> WatchedNetwork:
    return WatchedNetwork()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model without a network."""
    (tmp_path / "encoder.onnx").write_bytes(b"none")
    make_tokenizer(tmp_path / "tokenizer.json")
    names = ("encoder.onnx", "tokenizer.json")
    digests = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in names}
    document = {
        "version": "test",
        "files": digests,
        "heads": ["count"],
        "tags": ["id"],
        "window": {"tokens": 12, "overlap": 2},
        "calibration": {},
    }
    (tmp_path / MANIFEST).write_text(json.dumps(document))
    return tmp_path
