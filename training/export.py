"""Writes a trained trunk as the int8 network that the gateway runs.

The graph is written out by hand, for what exporters and ONNX Runtime's own tools make of it is
slower or worse. Milliseconds for 54 and 256 tokens on one quiet core with AMX, and the cosine of
the embedding to the one in float32, on random tokens:

| | 54 | 256 | cosine |
|---|---:|---:|---:|
| float32 | 13.3 | 62.6 | 1 |
| ``quantize_dynamic``, a scale per tensor | 5.1 | 30.7 | .934 |
| ``quantize_dynamic``, a scale per column | 6.7 | 30.7 | .987 |
| the same, fused by ``onnxruntime.transformers`` | 6.4 | 32.2 | .990 |
| MatMulNBits, 8 bits, blocks of 32 | 16.2 | 80.5 | .999 |
| MatMulNBits, 8 bits, blocks of 128 | 13.3 | 61.6 | .998 |
| a scale per column, SkipLayerNormFusion off | 4.3 | 23.7 | .987 |
| this | 4.0 | 22.6 | .993 |

The last two are the least of several runs beside other work; on real texts this one's cosine is
.996, and .991 for the worst hundredth.

* A dynamic scale is taken over the whole batch: what a text scores depends on the strangers in its
  run (entries of the embedding move by 0.02), so a verdict could not be reproduced. Scales are
  static here, from calibration texts.
* Static scales must not clip, and want the differences between dimensions moved into the weights.
  Inputs of the attention and the middle layer in bytes, on real texts: cosine .960 and .992 clipped
  for the least squared error, .9998 for both together unclipped (weights untouched).
* SkipLayerNormalization, which ONNX Runtime fuses by itself, takes several times as long as Add and
  LayerNormalization (0.3 to 0.6 ms against 0.08 at 256 tokens). The gateway switches that off; this
  graph is as quick with it, exported ones are not.
* MultiHeadAttention is only quick without a mask, so the mask is one more dimension of each head:
  1 in the query, a large negative number in the keys of padding.
* Integer weights have 7 bits: processors without VNNI add two products in 16 bits, and would clip
  those of 8 bits. It costs .0015 of cosine (.9981 for 7 bits against .9996).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.bert import BertWriter, array, smoothing
from training.graph import CONTRIB
from training.model import HEADS, Trunk
from training.ranges import Batch


def export(trunk: Trunk, path: Path, batches: Sequence[Batch]) -> None:
    """Write ``trunk`` to ``path``. ``batches`` are texts like those that it will read, some hundred
    at least: the range of each activation is taken from them."""
    _TrunkWriter(trunk.eval().float().cpu(), batches).write(path)


class _TrunkWriter(BertWriter):
    """Translates one trunk."""

    def __init__(self, trunk: Trunk, batches: Sequence[Batch]) -> None:
        super().__init__(trunk, trunk.bert, batches)
        self.trunk = trunk

    def write(self, path: Path) -> None:
        mask, away = self.masks()
        states = self.layers(self._embedded(), away)
        self._pooled(states, mask, away)
        self._tagged(states, mask)
        size = len(self.trunk.tags)
        self.graph.save(
            path,
            ["input_ids", "attention_mask", "shapes"],
            [
                ("embedding", ["batch", self.width]),
                ("logits", ["batch", len(HEADS)]),
                ("tags", ["batch", "tokens", size]),
            ],
        )

    def _embedded(self) -> str:
        """Words and positions."""
        source = self.bert.embeddings
        here = self.places(
            source.position_embeddings.weight + source.token_type_embeddings.weight[0]
        )
        total = self.graph.op("Add", self.words(), here, name="embedded")
        return self.norm("embedded_norm", total, source.LayerNorm)

    def _pooled(self, states: str, mask: str, away: str) -> None:
        """The embedding and the sequence heads."""
        graph = self.graph
        kept = graph.op("Mul", states, mask, name="kept")
        axis = graph.ints(1)
        total = graph.op("ReduceSum", kept, axis, name="total", keepdims=0)
        # The length of the mean is all the same to its direction.
        graph.op("LpNormalization", total, name="embedding", axis=-1, p=2)
        barred = graph.op("Add", kept, away, name="barred")
        peak = graph.op("ReduceMax", barred, name="peak", axes=[1], keepdims=0)
        first = graph.op(
            "Gather", states, graph.const("zero", np.array(0, np.int64)), name="first", axis=1
        )
        both = graph.op("Concat", first, peak, name="both", axis=-1)
        inner, outer = self.trunk.sequence[0], self.trunk.sequence[-1]
        hidden = self.float_linear("sequence", both, inner)
        hidden = graph.op("Gelu", hidden, name="sequence_gelu", domain=CONTRIB)
        self.float_linear("logits", hidden, outer)

    def _tagged(self, states: str, mask: str) -> None:
        """The tag head: each token with its neighbours, as three sums that are shifted."""
        graph, near = self.graph, self.trunk.near
        weight = array(near.weight)  # [out, in, 3]
        size = weight.shape[0]
        stacked = np.concatenate([weight[:, :, step] for step in range(3)])
        known = self.seen["states"]
        words, cases = stacked[:, : self.width], stacked[:, self.width :]
        smooth = smoothing(known, words)
        read = self.quantized("tag_in", states, known, smooth)
        three = self.linear("tag_three", read, words, np.zeros(3 * size, "f4"), smooth)
        table = graph.const("tag_cases", array(self.trunk.shape.weight) @ cases.T)
        case = graph.op("Gather", table, "shapes", name="tag_case")
        three = graph.op("Add", three, case, name="tag_seen")
        three = graph.op("Mul", three, mask, name="tag_kept")
        edges = graph.ints(0, 1, 0, 0, 1, 0)
        three = graph.op("Pad", three, edges, name="tag_padded")
        left, here, right = graph.split(three, [size] * 3, "tag_parts")
        axis = graph.ints(1)
        moved = []
        for part, start, end in ((left, 0, -2), (here, 1, -1), (right, 2, 2**31)):
            ends = (graph.ints(start), graph.ints(end))
            moved.append(graph.op("Slice", part, *ends, axis, name=f"tag_from_{start}"))
        summed = graph.op("Add", moved[0], moved[1], name="tag_two")
        summed = graph.op("Add", summed, moved[2], name="tag_sum")
        bias = graph.const("tag_near_bias", array(near.bias))
        summed = graph.op("Add", summed, bias, name="tag_near")
        active = graph.op("Gelu", summed, name="tag_gelu", domain=CONTRIB)
        self.float_linear("tags", active, self.trunk.tag[-1])
