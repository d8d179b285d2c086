"""The small models beside the encoder: n-grams, combiners, calibrations; read from one folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gateway.encoder.calibration import Combiner, Platt
from gateway.encoder.channels import DOCUMENT, USER, Seen
from gateway.encoder.model_file import ModelFiles
from gateway.encoder.ngrams import NgramModel
from gateway.encoder.passages import Spans, passages

_PART = 120
"""Words of a text that are scored together: an attack must not drown in a long text."""
_STEP = 80
_LEAST_LETTERS = 8
"""Characters of a passage that may be an order."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """When two texts are about the same thing.

    ``near`` is the mean cosine of a text to its two nearest examples, less ``background`` times
    that to its nearest ordinary sentences; the probability is sigmoid(slope * near + bias). The
    defaults were fitted on CLINC150 with all-MiniLM-L6-v2: one intent, by five examples, against
    149 others.
    """

    slope: float = 20.0
    bias: float = -6.5
    background: float = 0.3

    @property
    def platt(self) -> Platt:
        return Platt(self.slope, self.bias)


@dataclass(frozen=True, slots=True)
class Routing:
    """What the classifier of requests asks for. ``chitchat`` is the least probability of small talk
    at which a request counts as that: a question taken for small talk gets no documents."""

    chitchat: float = 0.95


@dataclass(frozen=True, slots=True)
class DetectorModels:
    """What detectors need besides the encoder.

    ``ngrams`` and ``combiners`` by channel (``user``, ``document``), ``heads`` by the name of an
    encoder's head; a head without a calibration of its own is taken at its word.
    """

    ngrams: Mapping[str, NgramModel] = field(default_factory=dict)
    combiners: Mapping[str, tuple[Combiner, ...]] = field(default_factory=dict)
    heads: Mapping[str, Platt] = field(default_factory=dict)
    similarity: Similarity = Similarity()
    routing: Routing = Routing()

    @classmethod
    def load(cls, model: ModelFiles) -> "DetectorModels":
        """Reads ``ngrams-user.npz`` and ``ngrams-document.npz``, those of them that are there, and
        the manifest's ``calibration``: ``user`` and ``document`` (a list of combiners, one for each
        set of scores), ``heads`` (``slope`` and ``bias`` by head), ``similarity``, ``routing``.

        Raises ValueError for a file or an entry that is not what it should be.
        """
        stored = model.calibration
        files = {channel: model.path(f"ngrams-{channel}.npz") for channel in (USER, DOCUMENT)}
        try:
            return cls(
                ngrams={c: NgramModel.load(path) for c, path in files.items() if path.exists()},
                combiners={
                    channel: tuple(map(Combiner.of, stored[channel]))
                    for channel in (USER, DOCUMENT)
                    if channel in stored
                },
                heads={name: Platt(**values) for name, values in stored.get("heads", {}).items()},
                similarity=Similarity(**stored.get("similarity", {})),
                routing=Routing(**stored.get("routing", {})),
            )
        except TypeError as error:
            raise ValueError(f"{model.folder}: the manifest's calibration: {error}") from error

    def probability(self, head: str, logit: float) -> float:
        """The calibrated probability of one head."""
        return self.heads.get(head, Platt()).probability(logit)


def wording_spans(channel: str, text: str) -> Spans:
    """The stretches of a text that n-grams are scored on: some 120 words that overlap in the user's
    channel, passages in a document's."""
    if channel == DOCUMENT:
        spans = passages(text)
        long = spans[spans[:, 1] - spans[:, 0] >= _LEAST_LETTERS]
        return long if len(long) else spans
    marks = [0, *(at for at, char in enumerate(text) if char in " \n\t"), len(text)]
    last = len(marks) - 1
    firsts = range(0, max(1, last - (_PART - _STEP)), _STEP)
    ends = [(marks[first], marks[min(first + _PART, last)]) for first in firsts]
    return np.array(ends, dtype=np.int64)


def strongest_wording(
    model: NgramModel, text: str, spans: Spans, fold: Callable[[str], str]
) -> Seen | None:
    """The stretch of a text whose wording scores highest; None when there is none. ``fold`` is
    ``Viewer.fold``."""
    if not len(spans):
        return None
    scores = model.scores([fold(text[start:end]) for start, end in spans.tolist()])
    best = int(np.argmax(scores))
    return Seen(float(scores[best]), int(spans[best, 0]), int(spans[best, 1]))
