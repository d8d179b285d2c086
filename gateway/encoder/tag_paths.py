"""From what the network says of each token to the likeliest spans over whole words.

The tags are those of Ramshaw and Marcus (1995): ``B-`` begins a span, ``I-`` goes on with it, ``O``
is neither. Of all ways to tag the words, the likeliest in which nothing goes on that was not begun
is taken (Viterbi 1967), with no weights on what follows what.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.ports.encoder import Floats, Window

Places = NDArray[np.intp]
_TINY = 1e-9
_MAY_BEGIN = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Where the tags of each kind stand in ``Window.tags``."""

    kinds: tuple[str, ...]
    outside: int
    begins: Places
    insides: Places

    @classmethod
    def of(cls, tags: Sequence[str]) -> "Columns":
        """Raises ValueError for tags that are no ``O`` with pairs of ``B-`` and ``I-``."""
        kinds = tuple(tag[2:] for tag in tags if tag.startswith("B-"))
        try:
            return cls(
                kinds,
                tags.index("O"),
                np.array([tags.index(f"B-{kind}") for kind in kinds], dtype=np.intp),
                np.array([tags.index(f"I-{kind}") for kind in kinds], dtype=np.intp),
            )
        except ValueError:
            raise ValueError(
                f"tags of entities need an O, and an I- for each B-: there are {', '.join(tags)}"
            ) from None


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a text, marks being words of their own.

    ``starts`` and ``ends``: [words], in characters. ``shares``: [words, kinds], the probability
    that the word is of a kind, the rest being that it is of none. ``begins``: [words, kinds], what
    part of that is for a span that begins here.
    """

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    shares: Floats
    begins: Floats

    @classmethod
    def of(
        cls, text: str, windows: Sequence[Window], columns: Columns, lean: float = 0.0
    ) -> "Words":
        """``lean`` is taken from the logit of ``O``."""
        starts, ends, logits = _merged(windows)
        if not len(starts):
            none = np.zeros((0, len(columns.kinds)), dtype=np.float32)
            return cls(starts, ends, none, none)
        chosen = np.concatenate(([columns.outside], columns.begins, columns.insides))
        scores = logits[:, chosen]
        scores[:, 0] -= lean
        scores -= scores.max(axis=1, keepdims=True)
        parts = np.exp(scores)
        parts /= parts.sum(axis=1, keepdims=True)
        count = len(columns.kinds)
        begin, either = parts[:, 1 : count + 1], parts[:, 1 : count + 1] + parts[:, count + 1 :]
        first = _first_tokens(text, starts, ends)
        sizes = np.diff(np.append(first, len(starts)))
        return cls(
            starts[first],
            ends[np.append(first[1:], len(starts)) - 1],
            (np.add.reduceat(either, first, axis=0) / sizes[:, None]).astype(np.float32),
            begin[first] / np.maximum(either[first], _TINY),
        )

    def spans(self, least: float) -> Iterator[tuple[int, int, int, float]]:
        """Kind (its place), first word, past the last word, mean probability of the words.

        Words whose shares together are below ``least`` are of no kind.
        """
        likely = np.flatnonzero(self.shares.sum(axis=1) >= least)
        if not len(likely):
            return
        for run in np.split(likely, np.flatnonzero(np.diff(likely) > 1) + 1):
            first, last = int(run[0]), int(run[-1]) + 1
            for kind, start, end in _path(self.shares[first:last], self.begins[first:last]):
                start, end = start + first, end + first
                yield kind, start, end, float(self.shares[start:end, kind].mean())


def _merged(
    windows: Sequence[Window],
) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    """The tokens of all windows in order, each once: as the window has it in whose middle it lies
    most. Where two windows overlap, that is a cut through the middle of what they share."""
    if len(windows) == 1:
        (window,) = windows
        return window.token_starts, window.token_ends, window.tags
    pieces = []
    low = 0  # the first token of a window that is taken from it
    for window, after in zip(windows, [*windows[1:], None], strict=True):
        starts = window.token_starts
        half = 0
        high = len(starts)
        if after is not None and len(after.token_starts):
            shared = int(np.searchsorted(starts, after.token_starts[0]))
            half = (len(starts) - shared) // 2
            high = shared + half
        pieces.append((window, low, high))
        low = half
    return (
        np.concatenate([window.token_starts[a:b] for window, a, b in pieces]),
        np.concatenate([window.token_ends[a:b] for window, a, b in pieces]),
        np.concatenate([window.tags[a:b] for window, a, b in pieces]),
    )


def _first_tokens(text: str, starts: NDArray[np.int32], ends: NDArray[np.int32]) -> Places:
    """The tokens with which words begin: all but those that go on with letters or digits."""
    touching = starts[1:] == ends[:-1]
    first = np.ones(len(starts), dtype=bool)
    for place in np.flatnonzero(touching):
        first[place + 1] = not (
            text[starts[place + 1]].isalnum() and text[ends[place] - 1].isalnum()
        )
    return np.flatnonzero(first)


def _path(shares: Floats, begins: Floats) -> Iterator[tuple[int, int, int]]:
    """The spans of the likeliest way to tag some words: kind, first word, past the last."""
    count, kinds = shares.shape
    outside = np.log(np.maximum(1.0 - shares.sum(axis=1), _TINY))
    # A span may begin with a word that was said to go on, if nothing else explains the word.
    begin = np.log(np.maximum(shares * np.maximum(begins, _MAY_BEGIN), _TINY))
    inside = np.log(np.maximum(shares * (1.0 - begins), _TINY))
    # What each state came from, as its place among begin, inside and, last, outside.
    came = np.zeros((count, 2 * kinds + 1), dtype=np.intp)
    own = np.arange(kinds)
    state = np.concatenate((begin[0], np.full(kinds, -np.inf), outside[:1]))
    for word in range(1, count):
        best = int(state.argmax())
        continued = np.where(state[:kinds] >= state[kinds : 2 * kinds], own, own + kinds)
        came[word, :kinds] = came[word, -1] = best
        came[word, kinds : 2 * kinds] = continued
        state = np.concatenate(
            (
                state[best] + begin[word],
                state[continued] + inside[word],
                [state[best] + outside[word]],
            )
        )
    at = int(state.argmax())
    end = 0
    spans = []
    for word in range(count - 1, -1, -1):
        if at < 2 * kinds:
            end = end or word + 1
            if at < kinds:
                spans.append((at, word, end))
                end = 0
        at = int(came[word, at])
    yield from reversed(spans)
