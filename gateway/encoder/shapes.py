"""How words were written: the case of letters that the network's own alphabet does not know."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SPECIAL = 0
"""Marks that the tokenizer adds, and padding."""
LOWER = 1
TITLE = 2
"""A capital and then small letters; also a capital by itself."""
UPPER = 3
MIXED = 4
"""Capitals inside, as in ``iPhone`` or ``McDonald``."""
DIGIT = 5
"""At least one digit."""
OTHER = 6
"""Punctuation, signs, and letters of scripts that know no capitals."""


def shape_of(piece: str) -> int:
    """The case class of a piece of a word, 1 to 6. Accents that stand apart do not count."""
    if piece.isalpha():
        return _case_of(piece)
    if any(map(str.isdigit, piece)):
        return DIGIT
    letters = "".join(filter(str.isalpha, piece))
    return _case_of(letters) if letters else OTHER


def _case_of(letters: str) -> int:
    if letters.islower():
        return LOWER
    if letters.istitle():
        return TITLE
    if letters.isupper():
        return UPPER
    return OTHER if letters.lower() == letters.upper() else MIXED


def shapes_of(
    text: str,
    starts: NDArray[np.integer] | Sequence[int],
    ends: NDArray[np.integer] | Sequence[int],
) -> NDArray[np.int64]:
    """The case class of each token, [tokens]. ``starts`` and ``ends`` are the characters of
    ``text``, as it was written, that each token covers."""
    known: dict[str, int] = {}
    shapes = []
    pairs = zip(np.asarray(starts).tolist(), np.asarray(ends).tolist(), strict=True)
    for start, end in pairs:
        piece = text[start:end]
        shape = known.get(piece)
        if shape is None:
            shape = known[piece] = shape_of(piece)
        shapes.append(shape)
    return np.array(shapes, dtype=np.int64)
