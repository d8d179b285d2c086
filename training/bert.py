"""Writes the layers of a BERT as int8 operators of ONNX Runtime; see ``training.export`` for why by
hand."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertModel

from training.graph import CONTRIB, Graph
from training.ranges import Batch, activations, scale_of

Floats = NDArray[np.float32]

POSITIONS = 512
FAR = -1e4
"""What is added to what must not be looked at."""
_BITS = 7
_SMOOTHING = 0.75
"""How much of the differences between dimensions moves from activations into weights, after
SmoothQuant (Xiao et al., 2023)."""


def array(tensor: Tensor) -> Floats:
    """The numbers of a tensor."""
    made: Floats = tensor.detach().cpu().numpy().astype(np.float32)
    return made


class BertWriter:
    """The part of a graph that all networks on a BERT share. ``model`` has it as ``bert``; texts
    like those that it will read are in ``batches``, from which activations take their ranges."""

    def __init__(self, model: nn.Module, bert: BertModel, batches: Sequence[Batch]) -> None:
        self.bert = bert
        self.seen = activations(model, batches)
        self.graph = Graph()
        self.heads = int(bert.config.num_attention_heads)
        self.width = int(bert.config.hidden_size)
        self.epsilon = float(bert.config.layer_norm_eps)

    def masks(self) -> tuple[str, str]:
        """1 for tokens and 0 for padding; 0 for tokens and a large negative number for padding;
        both [batch, tokens, 1]."""
        graph = self.graph
        mask = graph.op("Cast", "attention_mask", name="mask_flat", to=1)
        mask = graph.op("Unsqueeze", mask, graph.ints(-1), name="mask")
        one = graph.const("one", np.float32(1.0).reshape(1))
        far = graph.const("far", np.float32(FAR).reshape(1))
        padding = graph.op("Sub", one, mask, name="padding")
        return mask, graph.op("Mul", padding, far, name="away")

    def words(self) -> str:
        """The vectors of words, whose rows have a scale each."""
        graph, words = self.graph, array(self.bert.embeddings.word_embeddings.weight)
        steps = np.maximum(np.abs(words).max(1, keepdims=True) / 127.0, 1e-8)
        table = graph.const("words_table", np.rint(words / steps).astype(np.int8))
        scales = graph.const("words_step", steps.astype(np.float32))
        rows = graph.op("Gather", table, "input_ids", name="word_bytes")
        rows = graph.op("Cast", rows, name="word_floats", to=1)
        step = graph.op("Gather", scales, "input_ids", name="word_step")
        return graph.op("Mul", rows, step, name="word_rows")

    def places(self, positions: Tensor) -> str:
        """The vectors of the places that a text's tokens have, of ``positions`` [places, width]."""
        graph = self.graph
        table = graph.const("positions", array(positions[:POSITIONS]))
        shape = graph.op("Shape", "input_ids", name="shape", start=1, end=2)
        return graph.op("Slice", table, graph.ints(0), shape, graph.ints(0), name="here")

    def layers(self, states: str, away: str) -> str:
        """What the last layer makes of ``states``."""
        bars = self._bars(away)
        for number in range(len(self.bert.encoder.layer)):
            states = self._layer(number, states, bars)
        return states

    def _bars(self, away: str) -> str:
        """What is added to the keys: the last dimension of each head bars padding."""
        each = self.width // self.heads + 1
        last = np.zeros(self.heads * each, dtype=np.float32)
        last[each - 1 :: each] = 1.0
        return self.graph.op("Mul", away, self.graph.const("last", last), name="bars")

    def _layer(self, number: int, states: str, bars: str) -> str:
        graph, layer, at = self.graph, self.bert.encoder.layer[number], f"layer{number}"
        own = layer.attention.self
        known = self.seen[f"layer.{number}.attention.self.query"]
        both = np.concatenate([array(m.weight) for m in (own.query, own.key, own.value)])
        smooth = smoothing(known, both)
        read = self.quantized(f"{at}_in", states, known, smooth)
        query = self._widened(own.query, 1.0)
        key = self._widened(own.key, 0.0)
        q = self.linear(f"{at}_q", read, *query, smooth)
        k = self.linear(f"{at}_k", read, *key, smooth)
        context = self.seen[f"layer.{number}.attention.output.dense"]
        out = array(layer.attention.output.dense.weight)
        apart = smoothing(context, out)
        # Attention mixes tokens, never dimensions, so the values can be smoothed at their source.
        value, bias = array(own.value.weight) / apart[:, None], array(own.value.bias) / apart
        v = self.linear(f"{at}_v", read, value, bias, smooth)
        k = graph.op("Add", k, bars, name=f"{at}_k_barred")
        near = graph.op(
            "MultiHeadAttention", q, k, v, name=f"{at}_attention", domain=CONTRIB,
            num_heads=self.heads, scale=float((self.width // self.heads) ** -0.5),
        )  # fmt: skip
        read = self.quantized(f"{at}_context", near, context / apart)
        bias = array(layer.attention.output.dense.bias)
        mixed = self.linear(f"{at}_mixed", read, out * apart, bias)
        total = graph.op("Add", mixed, states, name=f"{at}_attended")
        states = self.norm(f"{at}_norm1", total, layer.attention.output.LayerNorm)
        return self._forward(number, states)

    def _forward(self, number: int, states: str) -> str:
        graph, layer, at = self.graph, self.bert.encoder.layer[number], f"layer{number}"
        known = self.seen[f"layer.{number}.intermediate.dense"]
        wide = layer.intermediate.dense
        smooth = smoothing(known, array(wide.weight))
        read = self.quantized(f"{at}_middle", states, known, smooth)
        grown = self.linear(f"{at}_wide", read, array(wide.weight), array(wide.bias), smooth)
        active = graph.op("Gelu", grown, name=f"{at}_gelu", domain=CONTRIB)
        known, back = self.seen[f"layer.{number}.output.dense"], layer.output.dense
        # Not smoothed: it is the widest of all, and smoothing it costs more than it mends.
        read = self.quantized(f"{at}_active", active, known)
        shrunk = self.linear(f"{at}_back", read, array(back.weight), array(back.bias))
        total = graph.op("Add", shrunk, states, name=f"{at}_out")
        return self.norm(f"{at}_norm2", total, layer.output.LayerNorm)

    def _widened(self, linear: nn.Linear, last: float) -> tuple[Floats, Floats]:
        """Weights [heads * (size + 1), width] and bias with one more dimension for each head, which
        is always ``last``."""
        size = self.width // self.heads
        weight = array(linear.weight).reshape(self.heads, size, -1)
        bias = array(linear.bias).reshape(self.heads, size)
        weight = np.pad(weight, ((0, 0), (0, 1), (0, 0)))
        bias = np.pad(bias, ((0, 0), (0, 1)), constant_values=last)
        return weight.reshape(-1, weight.shape[-1]), bias.reshape(-1)

    def quantized(self, name: str, value: str, known: Floats, smooth: Floats | None = None) -> str:
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

    def linear(
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

    def norm(self, name: str, value: str, norm: nn.LayerNorm) -> str:
        gain = self.graph.const(f"{name}_gain", array(norm.weight))
        bias = self.graph.const(f"{name}_bias", array(norm.bias))
        return self.graph.op(
            "LayerNormalization", value, gain, bias, name=name, axis=-1, epsilon=self.epsilon
        )

    def float_linear(self, name: str, value: str, linear: nn.Module) -> str:
        weight = self.graph.const(f"{name}_weight", array(linear.weight).T)
        product = self.graph.op("MatMul", value, weight, name=f"{name}_product")
        bias = self.graph.const(f"{name}_bias", array(linear.bias))
        return self.graph.op("Add", product, bias, name=name)


def smoothing(known: Floats, weight: Floats) -> Floats:
    """What to divide each dimension of an activation by, and to multiply its weights with."""
    reach = np.maximum(np.abs(known).max(0), 1e-3)
    strength = np.maximum(np.abs(weight).max(0), 1e-3)
    made = reach**_SMOOTHING / strength ** (1.0 - _SMOOTHING)
    even: Floats = (made / np.exp(np.log(made).mean())).astype(np.float32)
    return even
