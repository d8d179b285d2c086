"""How the network is trained: first on pairs that we make, then on answers that people labelled."""

import logging
import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from gateway.encoder.support_words import WordReader
from training.support.data import Case, Said
from training.support.network import Plan, Support, fit
from training.support.pairs import Pair, PairMaker, invented, made_from, prose, verbatim
from training.support.perturb import Perturber

log = logging.getLogger(__name__)

FOLDS = 3
LAYERS = (0, 1, 2, 3)
"""Layers of the base that are kept: what more of them would bring does not fit into the time."""
EPOCHS = 3
_FIRST = 27_000
"""Pairs of the first part."""
_MADE, _INVENTED, _VERBATIM = 2_200, 700, 300
"""Pairs that each epoch of the second part adds to the labelled ones, at half their weight."""


def fold_of(case: Case) -> int:
    """The fold that leaves a source out, with all that was said about it."""
    return zlib.crc32(case.id.encode()) % FOLDS


@dataclass(frozen=True, slots=True)
class Trainer:
    """Trains networks from the base model in the folder ``base``. What was trained is kept in
    ``kept``, so that work that was broken off goes on there."""

    base: Path
    data: Path
    kept: Path
    reader: WordReader
    maker: PairMaker

    def first(self) -> Support:
        """A network that compares evidence and sentence, from pairs of our own making alone."""

        def pairs() -> list[list[Pair]]:
            rng = random.Random(3)
            texts = list(verbatim(list(prose(self.data, self.reader)), rng, 5))
            said = texts + list(made_from(texts, Perturber(5), rng))
            said += list(invented(450, 11, self.reader))
            rng.shuffle(said)
            return [self.maker.pairs(said[:_FIRST])]

        return self._network("first", None, pairs, Plan(rate=1e-4))

    def second(self, name: str, said: Sequence[Said]) -> Support:
        """The network, trained on labelled answers and on what is made from them."""
        first = self.first()
        return self._network(name, first, lambda: self._epochs(said), Plan(rate=7e-5))

    def _epochs(self, said: Sequence[Said]) -> list[list[Pair]]:
        labelled = self.maker.pairs([s for s in said if s.asked])
        sources = {s.case.id: s.case for s in said}
        epochs = []
        for number in range(EPOCHS):
            rng = random.Random(100 + number)
            made = list(made_from(said, Perturber(50 + number), rng))
            made = rng.sample(made, min(len(made), _MADE))
            made += rng.sample(list(invented(60, 200 + number, self.reader)), _INVENTED)
            made += list(verbatim(sources.values(), rng, 4))[:_VERBATIM]
            epochs.append(labelled + self.maker.pairs(made, 0.5))
        return epochs

    def _network(
        self, name: str, start: Support | None, pairs: Callable[[], list[list[Pair]]], plan: Plan
    ) -> Support:
        model = Support(self.base, LAYERS)
        path = self.kept / f"{name}.pt"
        if path.exists():
            model.load_state_dict(torch.load(path, weights_only=True))
            model.eval()
            return model
        if start is not None:
            model.load_state_dict(start.state_dict())
        log.info("training %s", name)
        fit(model, pairs(), plan)
        self.kept.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), path)
        return model
