"""Reads texts: what they are about, what kind they are of, and what each word of them is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A stretch of a text that was read in one go: characters ``start`` to ``end``.

    ``embedding``: [dimensions], of length 1. ``logits``: [heads], in the order of
    ``Encoder.heads``. ``token_starts`` and ``token_ends``: [tokens], characters of the whole text.
    ``tags``: [tokens, tags], logits in the order of ``Encoder.tags``.
    """

    start: int
    end: int
    embedding: Floats
    logits: Floats
    token_starts: NDArray[np.int32]
    token_ends: NDArray[np.int32]
    tags: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Everything the encoder read in one text, in windows that overlap; at least one.

    ``embedding``: [dimensions], the mean of the windows', of length 1.
    """

    windows: Sequence[Window]
    embedding: Floats


class Encoder(Protocol):
    """A text encoder with several heads. Works off the event loop; concurrent callers share runs,
    and callers that ask for one text at the same time share its encoding."""

    @property
    def heads(self) -> tuple[str, ...]:
        """What each entry of ``Window.logits`` is about: ``injection``, ``toxic``, ``hate``,
        ``offensive``, ``chitchat``, ``knowledge``, ``task``, ``simple``, ``medium``,
        ``complex``."""
        ...

    @property
    def tags(self) -> tuple[str, ...]:
        """What each column of ``Window.tags`` is: ``INSTRUCTION`` (a logit of its own), ``O``,
        ``B-PERSON``, ``I-PERSON`` … (one softmax over all of these)."""
        ...

    async def encode(self, text: str, scope: str = "") -> Encoding:
        """The encoding of ``text``. It is remembered for callers of the same ``scope`` (a tenant)
        alone, so that no one can tell by the clock what others have sent."""
        ...
