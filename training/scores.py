"""Scores texts exactly as the gateway does, with a model's own files."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from gateway.core.segments import Origin
from gateway.core.views import Viewer
from gateway.encoder.calibration import evidence
from gateway.encoder.channels import (
    DOCUMENT,
    INJECTION,
    INSTRUCTION,
    USER,
    strongest_passage,
    strongest_window,
)
from gateway.encoder.detector_models import strongest_wording, wording_spans
from gateway.encoder.encoder import OnnxEncoder
from gateway.encoder.ngrams import NgramModel
from gateway.encoder.passages import passages
from gateway.guards.injection import InjectionGuard, InjectionOptions
from gateway.guards.injection_signs import combined
from training.examples import DOCUMENT as DOCUMENT_TASK
from training.examples import Example

SILENT = -12.0
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Scored:
    """What each detector says of one text: ``rules``, ``ngrams`` and ``encoder`` for injection, and
    every head by its name."""

    task: str
    family: str
    label: str
    group: str
    length: int
    scores: dict[str, float] = field(default_factory=dict)
    fold: int = 0
    """The model that scored it: each has a scale of its own."""

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def score(
    encoder: OnnxEncoder, ngrams: dict[str, NgramModel], examples: Sequence[Example]
) -> list[Scored]:
    """The scores of all examples, in their order."""
    return asyncio.run(_score(encoder, ngrams, examples))


async def _score(
    encoder: OnnxEncoder, ngrams: dict[str, NgramModel], examples: Sequence[Example]
) -> list[Scored]:
    scorer = _Scorer(encoder, ngrams)
    made: list[Scored] = []
    for at in range(0, len(examples), _AT_ONCE):
        made += await asyncio.gather(*map(scorer.scored, examples[at : at + _AT_ONCE]))
    return made


class _Scorer:
    def __init__(self, encoder: OnnxEncoder, ngrams: dict[str, NgramModel]) -> None:
        self._encoder = encoder
        self._ngrams = ngrams
        self._rules = InjectionGuard(InjectionOptions(detectors=("rules",)))
        self._fold = Viewer().fold

    async def scored(self, example: Example) -> Scored:
        text = example.text
        encoding = await self._encoder.encode(text)
        heads = np.max([window.logits for window in encoding.windows], axis=0)
        scores = dict(zip(self._encoder.heads, map(float, heads), strict=True))
        channel = DOCUMENT if example.task == DOCUMENT_TASK else USER
        origin = Origin.TOOL if channel == DOCUMENT else Origin.USER
        signs = self._rules.judge(text, origin)
        scores["rules"] = evidence(combined(signs)) if signs else 0.0
        spans = wording_spans(channel, text)
        worded = strongest_wording(self._ngrams[channel], text, spans, self._fold)
        scores["ngrams"] = worded.logit if worded else SILENT
        if channel == USER:
            meant = strongest_window(encoding, self._encoder.heads.index(INJECTION))
            scores["encoder"] = meant.logit
        else:
            tag = self._encoder.tags.index(INSTRUCTION)
            said = strongest_passage(encoding, tag, passages(text))
            scores["encoder"] = said.logit if said else SILENT
        return Scored(example.task, example.family, example.label, example.group, len(text), scores)


def by_family(scored: Iterable[Scored]) -> dict[str, list[Scored]]:
    """The texts of each family, attacks and others apart (``name``, ``name (benign)``)."""
    families: dict[str, list[Scored]] = {}
    for one in scored:
        mixed = one.label == "benign" and one.task == DOCUMENT_TASK
        families.setdefault(f"{one.family} (clean)" if mixed else one.family, []).append(one)
    return families
