"""Writes the network for pairs as the int8 network that the gateway runs.

The layers are written as those of the encoder are (``training.export``); embeddings and heads are
this network's own.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from training.bert import FAR, BertWriter, array
from training.graph import CONTRIB
from training.ranges import Batch
from training.support.network import Support, collate
from training.support.pairs import Pair

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_CALIBRATION = 16
"""Pairs of one batch of calibration texts."""


def export(model: Support, path: Path, pairs: Sequence[Pair]) -> None:
    """Write ``model`` to ``path``. ``pairs`` are some hundred like those that it will read."""
    batches: list[Batch] = []
    for at in range(0, len(pairs), _CALIBRATION):
        ids, mask, kinds, *_ = collate(pairs[at : at + _CALIBRATION])
        batches.append((ids, mask, kinds))
    with torch.no_grad():
        _PairWriter(model.eval().float().cpu(), batches).write(path)


class _PairWriter(BertWriter):
    """Translates one network for pairs."""

    def __init__(self, model: Support, batches: Sequence[Batch]) -> None:
        super().__init__(model, model.bert, batches)
        self.model = model

    def write(self, path: Path) -> None:
        mask, away = self.masks()
        self._judged(self.layers(self._embedded(), away), mask)
        self.graph.save(path, INPUTS, [("whole", ["batch"]), ("words", ["batch", "tokens"])])

    def _embedded(self) -> str:
        """Words with their positions, and whether they are evidence or sentence."""
        graph, source = self.graph, self.bert.embeddings
        kinds = graph.const("kinds", array(source.token_type_embeddings.weight))
        kind = graph.op("Gather", kinds, "token_type_ids", name="kind")
        here = self.places(source.position_embeddings.weight)
        placed = graph.op("Add", self.words(), here, name="placed")
        total = graph.op("Add", placed, kind, name="embedded")
        return self.norm("embedded_norm", total, source.LayerNorm)

    def _judged(self, states: str, mask: str) -> None:
        graph = self.graph
        one = graph.const("all", np.float32(1.0).reshape(1))
        far = graph.const("out", np.float32(FAR).reshape(1))
        kinds = graph.op("Cast", "token_type_ids", name="kinds_flat", to=1)
        kinds = graph.op("Unsqueeze", kinds, graph.ints(-1), name="kinds_column")
        own = graph.op("Mul", kinds, mask, name="own")
        other = graph.op("Sub", one, own, name="other")
        barred = graph.op("Mul", other, far, name="other_away")
        kept = graph.op("Mul", states, own, name="kept")
        barred = graph.op("Add", kept, barred, name="barred")
        peak = graph.op("ReduceMax", barred, name="peak", axes=[1], keepdims=0)
        first = graph.op(
            "Gather", states, graph.const("zero", np.array(0, dtype=np.int64)), name="first", axis=1
        )
        both = graph.op("Concat", first, peak, name="both", axis=-1)
        inner, outer = self.model.whole[0], self.model.whole[-1]
        hidden = self.float_linear("inner", both, inner)
        hidden = graph.op("Gelu", hidden, name="inner_gelu", domain=CONTRIB)
        logit = self.float_linear("outer", hidden, outer)
        graph.op("Squeeze", logit, graph.ints(-1), name="whole")
        words = self.float_linear("word", states, self.model.token)
        graph.op("Squeeze", words, graph.ints(-1), name="words")
