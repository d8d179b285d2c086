"""An encoder without a network, for tests of what reads encodings."""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

import numpy as np

from gateway.ports.encoder import Encoding, Floats, Window

HEADS = (
    "injection",
    "toxic",
    "hate",
    "offensive",
    "chitchat",
    "knowledge",
    "task",
    "simple",
    "medium",
    "complex",
)
TAGS = ("INSTRUCTION", "O", "B-PERSON", "I-PERSON", "B-LOCATION", "I-LOCATION")

_token = re.compile(r"\w+|[^\w\s]").finditer
_STRONG = 6.0
"""The logit of a tag that a rule gives to a word; all others have its negative."""


class WordEncoder:
    """An Encoder that goes by words alone, without regard to their case.

    ``logits`` gives, for each head, what a word adds to the logit of a window that has it; a head
    without such a word says ``rest``. ``words`` gives the tag of a word: ``{"ada": "B-PERSON"}``.
    A word has the tag ``INSTRUCTION`` in addition when it stands in ``orders``. Texts that share
    words have embeddings that are near each other. Windows have ``window`` words and overlap by
    ``overlap``. ``calls`` lists what was asked for, with its scope.
    """

    def __init__(
        self,
        logits: Mapping[str, Mapping[str, float]] | None = None,
        words: Mapping[str, str] | None = None,
        orders: Iterable[str] = (),
        *,
        rest: float = -_STRONG,
        heads: Sequence[str] = HEADS,
        tags: Sequence[str] = TAGS,
        dimensions: int = 64,
        window: int = 126,
        overlap: int = 32,
    ) -> None:
        """Raises ValueError for a head or a tag that there is not."""
        for head in logits or ():
            if head not in heads:
                raise ValueError(f"no head {head!r}; there are: {', '.join(heads)}")
        for tag in (words or {}).values():
            if tag not in tags:
                raise ValueError(f"no tag {tag!r}; there are: {', '.join(tags)}")
        self.heads = tuple(heads)
        self.tags = tuple(tags)
        self.calls: list[tuple[str, str]] = []
        self._logits = [dict((logits or {}).get(head, {})) for head in heads]
        self._words = dict(words or {})
        self._orders = frozenset(orders)
        self._rest = rest
        self._dimensions = dimensions
        self._window = window
        self._overlap = overlap

    async def encode(self, text: str, scope: str = "") -> Encoding:
        """The encoding of ``text``, the same on every machine."""
        self.calls.append((text, scope))
        found = [(m.group().lower(), m.start(), m.end()) for m in _token(text)]
        windows = []
        at = 0
        while True:
            last = at + self._window >= len(found)
            windows.append(self._read(text, found[at : at + self._window], at == 0, last))
            if last:
                break
            at += self._window - self._overlap
        mean = np.mean([window.embedding for window in windows], axis=0)
        return Encoding(tuple(windows), _unit(mean))

    def _read(
        self, text: str, found: Sequence[tuple[str, int, int]], first: bool, last: bool
    ) -> Window:
        words = [word for word, _, _ in found]
        embedding = np.zeros(self._dimensions, dtype=np.float32)
        embedding[0] = 1e-3  # a text without words has a direction too
        for word in words:
            digest = int.from_bytes(
                blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "big"
            )
            embedding[digest % self._dimensions] += 1.0 if digest >> 63 else -1.0
        tags = np.full((len(words), len(self.tags)), -_STRONG, dtype=np.float32)
        for row, word in enumerate(words):
            tags[row, self.tags.index(self._words.get(word, "O"))] = _STRONG
            if word in self._orders:
                tags[row, self.tags.index("INSTRUCTION")] = _STRONG
        return Window(
            start=0 if first else found[0][1],
            end=len(text) if last else found[-1][2],
            embedding=_unit(embedding),
            logits=np.array([self._logit(given, words) for given in self._logits], dtype="f4"),
            token_starts=np.array([start for _, start, _ in found], dtype=np.int32),
            token_ends=np.array([end for _, _, end in found], dtype=np.int32),
            tags=tags,
        )

    def _logit(self, given: Mapping[str, float], words: Sequence[str]) -> float:
        known = {word for word in words if word in given}
        return sum(given[word] for word in known) if known else self._rest


def _unit(vector: Floats) -> Floats:
    return (vector / np.linalg.norm(vector)).astype(np.float32)
