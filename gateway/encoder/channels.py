"""What an encoding says about attacks, by the channel that a text came through.

A user gives orders by right, so that only the intent to take over counts: the head ``injection``
over the whole window. A document has no business giving orders: the tag ``INSTRUCTION``, averaged
over each passage.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.encoder.passages import Spans
from gateway.ports.encoder import Encoding

USER = "user"
DOCUMENT = "document"
INJECTION = "injection"
"""The head of the user's channel."""
INSTRUCTION = "INSTRUCTION"
"""The tag of the document's channel."""
_LEAST_TOKENS = 3
"""An order has at least a verb and what it is about."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A logit, and the characters ``start`` to ``end`` of the text that it is about."""

    logit: float
    start: int
    end: int


def strongest_window(encoding: Encoding, head: int) -> Seen:
    """The window in which this head, an index of ``Encoder.heads``, speaks up most."""
    window = max(encoding.windows, key=lambda window: float(window.logits[head]))
    return Seen(float(window.logits[head]), window.start, window.end)


def strongest_passage(encoding: Encoding, tag: int, spans: Spans) -> Seen | None:
    """The passage whose tokens have the highest mean logit of this tag, a column of
    ``Encoder.tags``.

    Passages of less than three tokens do not count, unless there are no others. A token that
    stands in several windows counts once, with the mean. None when no token is in any passage.
    """
    starts, logits = _tokens(encoding, tag)
    if not len(starts) or not len(spans):
        return None
    owner = np.searchsorted(spans[:, 0], starts, side="right") - 1
    inside = (owner >= 0) & (starts < spans[owner, 1])
    owner, logits = owner[inside], logits[inside]
    if not len(owner):
        return None
    tokens = np.bincount(owner, minlength=len(spans))
    means = np.bincount(owner, weights=logits, minlength=len(spans)) / np.maximum(tokens, 1)
    enough = tokens >= min(_LEAST_TOKENS, int(tokens.max()))
    best = int(np.argmax(np.where(enough, means, -np.inf)))
    return Seen(float(means[best]), int(spans[best, 0]), int(spans[best, 1]))


def _tokens(encoding: Encoding, tag: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where each token of the text starts, and its logit; those without characters are left out."""
    starts = np.concatenate([window.token_starts for window in encoding.windows])
    ends = np.concatenate([window.token_ends for window in encoding.windows])
    logits = np.concatenate([window.tags[:, tag] for window in encoding.windows])
    real = ends > starts
    places, at = np.unique(starts[real].astype(np.int64), return_inverse=True)
    if not len(places):
        return places, np.zeros(0)
    return places, np.bincount(at, weights=logits[real]) / np.bincount(at)
