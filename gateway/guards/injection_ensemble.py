"""One score out of what fails differently: wordings, n-grams, and the encoder."""

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import inf

from gateway.core.views import Viewer
from gateway.encoder.calibration import Combiner, combiner_for, evidence
from gateway.encoder.channels import (
    DOCUMENT,
    INJECTION,
    INSTRUCTION,
    USER,
    Seen,
    strongest_passage,
    strongest_window,
)
from gateway.encoder.detector_models import DetectorModels, strongest_wording, wording_spans
from gateway.encoder.ngrams import NgramModel
from gateway.encoder.passages import passages
from gateway.guards.readings import Reading
from gateway.ports.encoder import Encoder, Encoding

_SILENT = -12.0
"""The logit of a detector that found nothing to read."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The probability that a text is an attack, where in it that shows, and who says so."""

    score: float
    start: int
    end: int
    detectors: tuple[str, ...]


class Ensemble:
    """The learned detectors of the injection guard, combined with its rules."""

    def __init__(
        self,
        combiners: Mapping[str, Combiner],
        ngrams: Mapping[str, NgramModel],
        encoder: Encoder | None,
        *,
        missing: str = "",
    ) -> None:
        """``combiners`` and ``ngrams`` by channel. ``missing`` says why nothing can be judged."""
        self._viewer = Viewer()
        self._combiners = combiners
        self._ngrams = ngrams
        self._encoder = encoder
        self._missing = missing
        self.reads = bool(combiners or missing)
        """Whether there is more to ask than the rules."""
        self.waits = encoder is not None
        if encoder is not None:
            self._head = encoder.heads.index(INJECTION)
            self._tag = encoder.tags.index(INSTRUCTION)

    @classmethod
    def of(
        cls, asked: AbstractSet[str], encoder: Encoder | None, models: DetectorModels | None
    ) -> "Ensemble":
        """An ensemble of those detectors that are installed.

        Raises ValueError when the models cannot combine them.
        """
        here = asked & {"rules"}
        if models is not None and "ngrams" in asked and models.ngrams:
            here |= {"ngrams"}
        if models is not None and encoder is not None and "encoder" in asked:
            here |= {"encoder"}
        if here <= {"rules"}:
            missing = "" if here else f"none of the detectors {sorted(asked)} is installed"
            return cls({}, {}, None, missing=missing)
        assert models is not None  # noqa: S101 - or there were no others than rules
        combiners = {}
        for channel in (USER, DOCUMENT):
            combiner = combiner_for(models.combiners.get(channel, ()), here)
            if combiner is None:
                raise ValueError(
                    f"injection: the installed models have no combiner of {sorted(here)} for the "
                    f"{channel} channel; change `detectors`, or install models that have"
                )
            combiners[channel] = combiner
        ngrams = models.ngrams if "ngrams" in here else {}
        return cls(combiners, ngrams, encoder if "encoder" in here else None)

    def wording(self, channel: str, text: str) -> Seen | None:
        """What the n-grams say; None when there are none. Pure computation."""
        model = self._ngrams.get(channel)
        if model is None:
            return None
        return strongest_wording(model, text, wording_spans(channel, text), self._viewer.fold)

    async def judge(
        self,
        channel: str,
        rules: float,
        readings: Sequence[Reading],
        wordings: Sequence[Seen | None],
        scope: str,
        least: float = 0.0,
    ) -> Judgement | None:
        """The reading of a text that looks most like an attack; None when there is no reading.
        Readings that cannot score ``least``, whatever the encoder would say, it is not asked about.
        Raises RuntimeError when no detector is installed."""
        if self._missing:
            raise RuntimeError(f"injection: {self._missing}")
        seen = list(zip(readings, wordings, strict=True))
        if self._encoder is None:
            judged = [self._combine(channel, rules, *two, None) for two in seen]
        else:
            seen = [two for two in seen if self._score(channel, rules, two[1], inf) >= least]
            meanings = await self._meanings(channel, [reading.text for reading, _ in seen], scope)
            judged = [
                self._combine(channel, rules, *two, meaning)
                for two, meaning in zip(seen, meanings, strict=True)
            ]
        return max(judged, key=lambda one: one.score, default=None)

    async def _meanings(self, channel: str, texts: Sequence[str], scope: str) -> list[Seen | None]:
        if not texts or self._encoder is None:
            return []
        encode = self._encoder.encode
        encodings = await asyncio.gather(*(encode(text, scope) for text in texts))
        return [self._meaning(channel, *two) for two in zip(texts, encodings, strict=True)]

    def _meaning(self, channel: str, text: str, encoding: Encoding) -> Seen | None:
        if channel == USER:
            return strongest_window(encoding, self._head)
        return strongest_passage(encoding, self._tag, passages(text))

    def _combine(
        self,
        channel: str,
        rules: float,
        reading: Reading,
        wording: Seen | None,
        meaning: Seen | None,
    ) -> Judgement:
        seen = {"ngrams": wording, "encoder": meaning}
        where = meaning or wording or Seen(_SILENT, 0, len(reading.text))
        named = tuple(
            name if reading.name == "plain" else f"{name} ({reading.name})"
            for name, one in seen.items()
            if one is not None and one.logit > 0.0
        )
        score = self._score(channel, rules, wording, _SILENT if meaning is None else meaning.logit)
        return Judgement(score, *reading.locate(where.start, where.end), named)

    def _score(self, channel: str, rules: float, wording: Seen | None, meaning: float) -> float:
        """The combined probability; ``meaning`` is the encoder's logit, infinite for the most that
        it could say."""
        scores = {
            "rules": evidence(rules),
            "ngrams": _SILENT if wording is None else wording.logit,
            "encoder": meaning,
        }
        return round(self._combiners[channel].probability(scores), 4)
