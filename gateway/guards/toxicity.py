"""Texts that demean or insult people."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.segments import Segment
from gateway.core.views import Viewer
from gateway.encoder.detector_models import DetectorModels
from gateway.guards.readings import Reading, disguised_readings, plain_reading, richest
from gateway.ports.encoder import Encoder, Window

Category = Literal["hate", "offensive", "other"]

_LEAST = 0.01
"""Scores below it are not reported at all."""
_PIECE = 8_000
"""Characters that are looked through for disguises in one go."""
_LONG = 8_000
"""Characters from which that is done in a thread of its own."""


class ToxicityOptions(Options):
    categories: tuple[Category, ...] = Field(default=("hate", "offensive", "other"), min_length=1)
    """What to look for: ``hate`` (against people for what they are), ``offensive`` (insults and
    slurs), ``other`` (toxic in another way)."""


class ToxicityGuard:
    """Hate, insults and other toxic language, as probabilities.

    Reads English, and what leet letters, look-alike letters or an encoding conceal. Dialects are
    more often taken for offensive than they are: flag first, and look at what was flagged.
    """

    name = "toxicity"
    inline = False
    Options = ToxicityOptions

    def __init__(
        self, options: ToxicityOptions, *, encoder: Encoder, detector_models: DetectorModels
    ) -> None:
        self._wanted = frozenset(options.categories)
        self._viewer = Viewer()
        self._encoder = encoder
        self._models = detector_models
        self._toxic, self._hate, self._offensive = (
            encoder.heads.index(head) for head in ("toxic", "hate", "offensive")
        )

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """At most one finding per segment and category, of the window that scores highest."""
        scope = ex.principal.tenant if ex.principal is not None else ""
        found = await asyncio.gather(
            *(self._judged(index, segment.text, scope) for index, segment in enumerate(segments))
        )
        return [finding for findings in found for finding in findings]

    async def _judged(self, index: int, text: str, scope: str) -> list[Finding]:
        if not text.strip():
            return []
        if len(text) > _LONG:
            readings = await asyncio.to_thread(self._readings, text)
        else:
            readings = self._readings(text)
        encodings = await asyncio.gather(
            *(self._encoder.encode(reading.text, scope) for reading in readings)
        )
        best: dict[str, Finding] = {}
        for reading, encoding in zip(readings, encodings, strict=True):
            for window in encoding.windows:
                for category, score in self._scores(window):
                    if score < _LEAST or (category in best and best[category].score >= score):
                        continue
                    span = reading.locate(window.start, window.end)
                    reason = "" if reading.name == "plain" else reading.name
                    best[category] = Finding(
                        f"toxicity.{category}", round(score, 4), index, *span, reason
                    )
        return list(best.values())

    def _scores(self, window: Window) -> Iterator[tuple[Category, float]]:
        """The probability of each category asked for; ``other`` only where nothing else explains
        the toxicity."""
        hate = self._models.probability("hate", float(window.logits[self._hate]))
        offensive = self._models.probability("offensive", float(window.logits[self._offensive]))
        toxic = self._models.probability("toxic", float(window.logits[self._toxic]))
        if "hate" in self._wanted:
            yield "hate", hate
        if "offensive" in self._wanted:
            yield "offensive", offensive
        if "other" in self._wanted and toxic > max(hate, offensive):
            yield "other", toxic

    def _readings(self, text: str) -> list[Reading]:
        found: list[Reading] = []
        for start in range(0, len(text), _PIECE):
            found += disguised_readings(self._viewer.views(text[start : start + _PIECE]), start)
        return [plain_reading(self._viewer, text), *richest(found)]
