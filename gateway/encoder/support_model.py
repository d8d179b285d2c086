"""The files of the support model: a network for pairs of evidence and sentence, and the figures of
the logistic models that read it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gateway.encoder.model_file import ModelFileError, verify
from gateway.encoder.session import session_options
from gateway.encoder.support_features import NAMES

MANIFEST: Final = "support.json"
NETWORK: Final = "support.onnx"
TOKENIZER: Final = "tokenizer.json"
READ: Final = ("whole", "strongest_word", "strong_words", "mean_words")
"""What is read of the network for one sentence: its own logit, the highest of its words, the mean
of its five highest, and the mean of all."""
_STRONG = 5
_CHARACTERS = 400
"""Characters of a sentence that the network is shown."""

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model over figures by name: sigmoid of ``bias`` plus the weighted figures."""

    weights: Rows
    bias: float

    @classmethod
    def of(cls, stored: Mapping[str, Any], names: Sequence[str]) -> "Logistic":
        """Raises ValueError when the stored figures are not the ones that are computed."""
        weights = stored["weights"]
        if set(weights) != set(names):
            raise ValueError(f"figures {sorted(set(weights) ^ set(names))} do not match")
        return cls(np.array([weights[n] for n in names], np.float32), float(stored["bias"]))

    def probabilities(self, rows: Rows) -> Rows:
        """[rows] for figures [rows, names]."""
        logits = np.clip(rows @ self.weights + self.bias, -30.0, 30.0)
        return np.asarray(1.0 / (1.0 + np.exp(-logits)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class SupportFigures:
    """The logistic models of the manifest: ``lexical`` over words alone, ``full`` over the network
    too. Both give the probability that a sentence is not borne out."""

    version: str
    tokens: int
    lexical: Logistic
    full: Logistic
    files: Mapping[str, str]


def read_figures(folder: Path) -> SupportFigures:
    """The manifest in ``folder``. Raises ModelFileError when it is not one."""
    path = folder / MANIFEST
    try:
        stored = json.loads(path.read_bytes())
        return SupportFigures(
            version=str(stored["version"]),
            tokens=int(stored["tokens"]),
            lexical=Logistic.of(stored["lexical"], NAMES),
            full=Logistic.of(stored["full"], (*NAMES, *READ)),
            files=dict(stored["files"]),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(
            f"{path}: not the support model of this version of Gatehouse ({error}); reinstall the "
            "gatehouse package, or rebuild the files with `make models DATA=…`"
        ) from error


class PairNetwork:
    """Reads pairs of evidence and sentence. Uses the thread that asks for it."""

    def __init__(self, folder: Path, tokens: int, files: Mapping[str, str]) -> None:
        """``files``: the SHA-256 of each. Raises ModelFileError for files that are missing or not
        what the manifest says."""
        for name, digest in files.items():
            verify(folder, name, digest)
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            self._session = ort.InferenceSession(
                str(folder / NETWORK), session_options(), providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelFileError(
                f"{folder}: the support model cannot be loaded: {error}"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(tokens, strategy="longest_first")

    def read(self, pairs: Sequence[tuple[str, str]]) -> Rows:
        """[pairs, len(READ)] for (evidence, sentence)."""
        encoded = self._tokenizer.encode_batch(
            [(_clean(one), _clean(other[:_CHARACTERS])) for one, other in pairs]
        )
        rows = np.zeros((len(pairs), len(READ)), dtype=np.float32)
        # One by one is a quarter quicker than together: nothing is padded, and it fits the cache.
        for row, one in enumerate(encoded):
            kinds = np.array([one.type_ids], dtype=np.int64)
            fed = {
                "input_ids": np.array([one.ids], dtype=np.int64),
                "attention_mask": np.ones_like(kinds),
                "token_type_ids": kinds,
            }
            whole, words = self._session.run(("whole", "words"), fed)
            rows[row] = summary(float(whole[0]), words[0][kinds[0] > 0][:-1])
        return rows


def summary(whole: float, words: NDArray[np.floating[Any]]) -> Rows:
    """The figures of READ for a sentence's logit and those of its words."""
    if not len(words):
        return np.array([whole, whole, whole, whole], dtype=np.float32)
    strong = np.sort(words)[-_STRONG:]
    return np.array([whole, strong[-1], strong.mean(), words.mean()], dtype=np.float32)


def _clean(text: str) -> str:
    """Half of a surrogate pair, which JSON may carry, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
