"""Texts as the network reads them: token ids, where each stands, and how it was written."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gateway.encoder.model_file import ModelFileError
from gateway.encoder.shapes import shapes_of


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of one text without the marks at its ends; all arrays are [tokens].

    ``starts`` and ``ends`` count characters of the text as it was written.
    """

    ids: NDArray[np.int64]
    shapes: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)


class TextTokenizer:
    """Splits texts of any length. Safe to use from several threads.

    ``first`` and ``last`` are the ids of the marks that stand at the ends of a window.
    """

    def __init__(self, path: Path) -> None:
        """Raises ModelFileError when ``path`` is not a tokenizer with these two marks."""
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:
            raise ModelFileError(f"{path}: not a tokenizer ({error})") from error
        first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        if first is None or last is None:
            raise ModelFileError(f"{path}: a tokenizer without [CLS] and [SEP]")
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self.first = int(first)
        self.last = int(last)

    def read(self, text: str) -> Tokens:
        """The tokens of ``text``; none when it has no visible character."""
        # Half of a surrogate pair, which JSON may carry, becomes a question mark.
        whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
        read = self._tokenizer.encode(whole, add_special_tokens=False)
        offsets = np.array(read.offsets, dtype=np.int32).reshape(-1, 2)
        starts, ends = offsets[:, 0].copy(), offsets[:, 1].copy()
        ids = np.array(read.ids, dtype=np.int64)
        return Tokens(ids, shapes_of(text, starts, ends), starts, ends)
