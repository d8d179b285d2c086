"""Writes an ONNX graph node by node."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
CONTRIB = "com.microsoft"
"""Operators that ONNX Runtime adds of its own."""


class Graph:
    """A graph in the making. Values are known by their names."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def const(self, name: str, value: NDArray[Any]) -> str:
        """A constant; the name must be new."""
        if name in self._constants:
            raise ValueError(f"there is a constant {name!r} already")
        self._constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def ints(self, *values: int) -> str:
        """A list of integers, shared by all who need the same."""
        name = "ints_" + "_".join(map(str, values)).replace("-", "m")
        if name not in self._constants:
            self.const(name, np.array(values, dtype=np.int64))
        return name

    def op(self, kind: str, *inputs: str, name: str, domain: str = "", **attributes: Any) -> str:
        """A node with one output, which has the node's name."""
        made = helper.make_node(kind, list(inputs), [name], name, domain=domain, **attributes)
        self._nodes.append(made)
        return name

    def split(self, value: str, sizes: Sequence[int], name: str) -> list[str]:
        """``value`` in parts along its last axis."""
        parts = [f"{name}_{number}" for number in range(len(sizes))]
        inputs = [value, self.ints(*sizes)]
        self._nodes.append(helper.make_node("Split", inputs, parts, name, axis=-1))
        return parts

    def save(
        self, path: Path, inputs: Sequence[str], outputs: Sequence[tuple[str, Sequence[Any]]]
    ) -> None:
        """Write the graph: ``inputs`` are int64 [batch, tokens], ``outputs`` float32 of the given
        shapes. Raises when the graph is not sound."""
        shape = ["batch", "tokens"]
        graph = helper.make_graph(
            self._nodes,
            path.stem,
            [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in inputs],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s)) for n, s in outputs],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="gatehouse")
        model.ir_version = 8
        onnx.checker.check_model(model)
        onnx.save(model, str(path))
