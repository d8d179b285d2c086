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
from numpy.typing import NDArray
from torch import Tensor, nn

from training.graph import CONTRIB, Graph
from training.model import HEADS, Trunk
from training.ranges import Batch, activations, scale_of

Floats = NDArray[np.float32]

POSITIONS = 512
_BITS = 7
_FAR = -1e4
_SMOOTHING = 0.75
"""How much of the differences between dimensions moves from activations into weights, after
SmoothQuant (Xiao et al., 2023)."""


def export(trunk: Trunk, path: Path, batches: Sequence[Batch]) -> None:
    """Write ``trunk`` to ``path``. ``batches`` are texts like those that it will read, some hundred
    at least: the range of each activation is taken from them."""
    _Writer(trunk.eval().float().cpu(), batches).write(path)


def _array(tensor: Tensor) -> Floats:
    made: Floats = tensor.detach().cpu().numpy().astype(np.float32)
    return made


class _Writer:
    """Translates one trunk."""

    def __init__(self, trunk: Trunk, batches: Sequence[Batch]) -> None:
        self.trunk = trunk
        self.seen = activations(trunk, batches)
        self.graph = Graph()
        config = trunk.bert.config
        self.heads = int(config.num_attention_heads)
        self.width = int(config.hidden_size)
        self.epsilon = float(config.layer_norm_eps)

    def write(self, path: Path) -> None:
        graph = self.graph
        mask = graph.op("Cast", "attention_mask", name="mask_flat", to=1)
        mask = graph.op("Unsqueeze", mask, graph.ints(-1), name="mask")
        one = graph.const("one", np.float32(1.0).reshape(1))
        far = graph.const("far", np.float32(_FAR).reshape(1))
        padding = graph.op("Sub", one, mask, name="padding")
        away = graph.op("Mul", padding, far, name="away")
        states = self._embedded()
        bars = self._bars(away)
        for number in range(len(self.trunk.bert.encoder.layer)):
            states = self._layer(number, states, bars)
        self._pooled(states, mask, away)
        self._tagged(states, mask)
        size = len(self.trunk.tags)
        graph.save(
            path,
            ["input_ids", "attention_mask", "shapes"],
            [
                ("embedding", ["batch", self.width]),
                ("logits", ["batch", len(HEADS)]),
                ("tags", ["batch", "tokens", size]),
            ],
        )

    def _embedded(self) -> str:
        """Words, whose rows have a scale each, and positions."""
        graph, source = self.graph, self.trunk.bert.embeddings
        words = _array(source.word_embeddings.weight)
        steps = np.maximum(np.abs(words).max(1, keepdims=True) / 127.0, 1e-8)
        table = graph.const("words", np.rint(words / steps).astype(np.int8))
        scales = graph.const("words_step", steps.astype(np.float32))
        rows = graph.op("Gather", table, "input_ids", name="word_bytes")
        rows = graph.op("Cast", rows, name="word_floats", to=1)
        step = graph.op("Gather", scales, "input_ids", name="word_step")
        rows = graph.op("Mul", rows, step, name="word_rows")
        places = (
            source.position_embeddings.weight[:POSITIONS] + source.token_type_embeddings.weight[0]
        )
        positions = graph.const("positions", _array(places))
        shape = graph.op("Shape", "input_ids", name="shape", start=1, end=2)
        here = graph.op("Slice", positions, graph.ints(0), shape, graph.ints(0), name="here")
        total = graph.op("Add", rows, here, name="embedded")
        return self._norm("embedded_norm", total, source.LayerNorm)

    def _bars(self, away: str) -> str:
        """What is added to the keys: the last dimension of each head bars padding."""
        each = self.width // self.heads + 1
        last = np.zeros(self.heads * each, dtype=np.float32)
        last[each - 1 :: each] = 1.0
        return self.graph.op("Mul", away, self.graph.const("last", last), name="bars")

    def _layer(self, number: int, states: str, bars: str) -> str:
        graph, layer, at = self.graph, self.trunk.bert.encoder.layer[number], f"layer{number}"
        own = layer.attention.self
        known = self.seen[f"layer.{number}.attention.self.query"]
        both = np.concatenate([_array(m.weight) for m in (own.query, own.key, own.value)])
        smooth = _smoothing(known, both)
        read = self._quantized(f"{at}_in", states, known, smooth)
        query = self._widened(own.query, 1.0)
        key = self._widened(own.key, 0.0)
        q = self._linear(f"{at}_q", read, *query, smooth)
        k = self._linear(f"{at}_k", read, *key, smooth)
        context = self.seen[f"layer.{number}.attention.output.dense"]
        out = _array(layer.attention.output.dense.weight)
        apart = _smoothing(context, out)
        # Attention mixes tokens, never dimensions, so the values can be smoothed at their source.
        value, bias = _array(own.value.weight) / apart[:, None], _array(own.value.bias) / apart
        v = self._linear(f"{at}_v", read, value, bias, smooth)
        k = graph.op("Add", k, bars, name=f"{at}_k_barred")
        near = graph.op(
            "MultiHeadAttention", q, k, v, name=f"{at}_attention", domain=CONTRIB,
            num_heads=self.heads, scale=float((self.width // self.heads) ** -0.5),
        )  # fmt: skip
        read = self._quantized(f"{at}_context", near, context / apart)
        bias = _array(layer.attention.output.dense.bias)
        mixed = self._linear(f"{at}_mixed", read, out * apart, bias)
        total = graph.op("Add", mixed, states, name=f"{at}_attended")
        states = self._norm(f"{at}_norm1", total, layer.attention.output.LayerNorm)
        return self._forward(number, states)

    def _forward(self, number: int, states: str) -> str:
        graph, layer, at = self.graph, self.trunk.bert.encoder.layer[number], f"layer{number}"
        known = self.seen[f"layer.{number}.intermediate.dense"]
        wide = layer.intermediate.dense
        smooth = _smoothing(known, _array(wide.weight))
        read = self._quantized(f"{at}_middle", states, known, smooth)
        grown = self._linear(f"{at}_wide", read, _array(wide.weight), _array(wide.bias), smooth)
        active = graph.op("Gelu", grown, name=f"{at}_gelu", domain=CONTRIB)
        known, back = self.seen[f"layer.{number}.output.dense"], layer.output.dense
        # Not smoothed: it is the widest of all, and smoothing it costs more than it mends.
        read = self._quantized(f"{at}_active", active, known)
        shrunk = self._linear(f"{at}_back", read, _array(back.weight), _array(back.bias))
        total = graph.op("Add", shrunk, states, name=f"{at}_out")
        return self._norm(f"{at}_norm2", total, layer.output.LayerNorm)

    def _widened(self, linear: nn.Linear, last: float) -> tuple[Floats, Floats]:
        """Weights [heads * (size + 1), width] and bias with one more dimension for each head, which
        is always ``last``."""
        size = self.width // self.heads
        weight = _array(linear.weight).reshape(self.heads, size, -1)
        bias = _array(linear.bias).reshape(self.heads, size)
        weight = np.pad(weight, ((0, 0), (0, 1), (0, 0)))
        bias = np.pad(bias, ((0, 0), (0, 1)), constant_values=last)
        return weight.reshape(-1, weight.shape[-1]), bias.reshape(-1)

    def _quantized(self, name: str, value: str, known: Floats, smooth: Floats | None = None) -> str:
        graph = self.graph
        if smooth is not None:
            value = graph.op(
                "Mul", value, graph.const(f"{name}_even", 1.0 / smooth), name=f"{name}_smooth"
            )
            known = known / smooth
        scale = scale_of(known)
        step = graph.const(f"{name}_step", np.array(scale.step, np.float32))
        zero = graph.const(f"{name}_zero", np.array(scale.zero, np.uint8))
        return graph.op("QuantizeLinear", value, step, zero, name=name)

    def _linear(
        self,
        name: str,
        read: str,
        weight: Floats,
        bias: Floats,
        smooth: Floats | None = None,
    ) -> str:
        """``weight`` is [out, in]."""
        graph = self.graph
        if smooth is not None:
            weight = weight * smooth
        most = 2 ** (_BITS - 1) - 1
        steps = np.maximum(np.abs(weight).max(1) / most, 1e-8).astype(np.float32)
        bytes_ = np.rint(weight / steps[:, None]).astype(np.int8).T
        inputs = [
            read,
            graph.const(f"{name}_weight", bytes_),
            f"{read}_step",
            graph.const(f"{name}_steps", steps),
            f"{read}_zero",
            "",
            graph.const(f"{name}_bias", bias.astype(np.float32)),
        ]
        return graph.op("MatMulIntegerToFloat", *inputs, name=name, domain=CONTRIB)

    def _norm(self, name: str, value: str, norm: nn.LayerNorm) -> str:
        gain = self.graph.const(f"{name}_gain", _array(norm.weight))
        bias = self.graph.const(f"{name}_bias", _array(norm.bias))
        return self.graph.op(
            "LayerNormalization", value, gain, bias, name=name, axis=-1, epsilon=self.epsilon
        )

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
        hidden = self._float_linear("sequence", both, inner)
        hidden = graph.op("Gelu", hidden, name="sequence_gelu", domain=CONTRIB)
        self._float_linear("logits", hidden, outer)

    def _tagged(self, states: str, mask: str) -> None:
        """The tag head: each token with its neighbours, as three sums that are shifted."""
        graph, near = self.graph, self.trunk.near
        weight = _array(near.weight)  # [out, in, 3]
        size = weight.shape[0]
        stacked = np.concatenate([weight[:, :, step] for step in range(3)])
        known = self.seen["states"]
        words, cases = stacked[:, : self.width], stacked[:, self.width :]
        smooth = _smoothing(known, words)
        read = self._quantized("tag_in", states, known, smooth)
        three = self._linear("tag_three", read, words, np.zeros(3 * size, "f4"), smooth)
        table = graph.const("tag_cases", _array(self.trunk.shape.weight) @ cases.T)
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
        bias = graph.const("tag_near_bias", _array(near.bias))
        summed = graph.op("Add", summed, bias, name="tag_near")
        active = graph.op("Gelu", summed, name="tag_gelu", domain=CONTRIB)
        self._float_linear("tags", active, self.trunk.tag[-1])

    def _float_linear(self, name: str, value: str, linear: nn.Module) -> str:
        weight = self.graph.const(f"{name}_weight", _array(linear.weight).T)
        product = self.graph.op("MatMul", value, weight, name=f"{name}_product")
        bias = self.graph.const(f"{name}_bias", _array(linear.bias))
        return self.graph.op("Add", product, bias, name=name)


def _smoothing(known: Floats, weight: Floats) -> Floats:
    """What to divide each dimension of an activation by, and to multiply its weights with."""
    reach = np.maximum(np.abs(known).max(0), 1e-3)
    strength = np.maximum(np.abs(weight).max(0), 1e-3)
    made = reach**_SMOOTHING / strength ** (1.0 - _SMOOTHING)
    even: Floats = (made / np.exp(np.log(made).mean())).astype(np.float32)
    return even
