"""Writes the network for pairs as the int8 network that the gateway runs.

The layers are written as those of the encoder are (``training.export``); embeddings and heads are
this network's own.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from training.export import POSITIONS, _array, _Writer
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


class _PairWriter(_Writer):
    """Translates one network for pairs."""

    def __init__(self, model: Support, batches: Sequence[Batch]) -> None:
        super().__init__(model, batches)
        self.model = model

    def write(self, path: Path) -> None:
        graph = self.graph
        mask = graph.op("Cast", "attention_mask", name="mask_flat", to=1)
        mask = graph.op("Unsqueeze", mask, graph.ints(-1), name="mask")
        one = graph.const("one", np.float32(1.0).reshape(1))
        far = graph.const("far", np.float32(-1e4).reshape(1))
        padding = graph.op("Sub", one, mask, name="padding")
        away = graph.op("Mul", padding, far, name="away")
        states = self._embedded()
        bars = self._bars(away)
        for number in range(len(self.model.bert.encoder.layer)):
            states = self._layer(number, states, bars)
        self._judged(states, mask, one, far)
        graph.save(path, INPUTS, [("whole", ["batch"]), ("words", ["batch", "tokens"])])

    def _embedded(self) -> str:
        """Words with their positions, and whether they are evidence or sentence."""
        graph, source = self.graph, self.model.bert.embeddings
        words = _array(source.word_embeddings.weight)
        steps = np.maximum(np.abs(words).max(1, keepdims=True) / 127.0, 1e-8)
        table = graph.const("words_table", np.rint(words / steps).astype(np.int8))
        scales = graph.const("words_step", steps.astype(np.float32))
        rows = graph.op("Gather", table, "input_ids", name="word_bytes")
        rows = graph.op("Cast", rows, name="word_floats", to=1)
        step = graph.op("Gather", scales, "input_ids", name="word_step")
        rows = graph.op("Mul", rows, step, name="word_rows")
        positions = graph.const("positions", _array(source.position_embeddings.weight[:POSITIONS]))
        shape = graph.op("Shape", "input_ids", name="shape", start=1, end=2)
        here = graph.op("Slice", positions, graph.ints(0), shape, graph.ints(0), name="here")
        kinds = graph.const("kinds", _array(source.token_type_embeddings.weight))
        kind = graph.op("Gather", kinds, "token_type_ids", name="kind")
        placed = graph.op("Add", rows, here, name="placed")
        total = graph.op("Add", placed, kind, name="embedded")
        return self._norm("embedded_norm", total, source.LayerNorm)

    def _judged(self, states: str, mask: str, one: str, far: str) -> None:
        graph = self.graph
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
        hidden = self._float_linear("inner", both, inner)
        hidden = graph.op("Gelu", hidden, name="inner_gelu", domain=CONTRIB)
        logit = self._float_linear("outer", hidden, outer)
        graph.op("Squeeze", logit, graph.ints(-1), name="whole")
        words = self._float_linear("word", states, self.model.token)
        graph.op("Squeeze", words, graph.ints(-1), name="words")
