"""The network itself, on ONNX Runtime."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from gateway.encoder.model_file import ModelFileError
from gateway.ports.encoder import Floats

Ids = NDArray[np.int64]
_INPUTS = ("input_ids", "attention_mask", "shapes")
_SLOWER = ("SkipLayerNormFusion",)
"""Optimisations that cost time: the fused operator takes several times as long as its two parts."""
_OUTPUTS = ("embedding", "logits", "tags")


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """What the network says of a batch. ``embedding``: [batch, dimensions], ``logits``:
    [batch, heads], ``tags``: [batch, tokens, tags]."""

    embedding: Floats
    logits: Floats
    tags: Floats


class Network:
    """One network. Each run uses the thread that asks for it; several may run at once."""

    def __init__(self, path: Path) -> None:
        """Raises ModelFileError when ``path`` is not a network with these inputs and outputs."""
        try:
            self._session = ort.InferenceSession(
                str(path), session_options(), providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelFileError(f"{path}: ONNX Runtime cannot load it ({error})") from error
        inputs = {each.name for each in self._session.get_inputs()}
        outputs = {each.name for each in self._session.get_outputs()}
        if inputs != set(_INPUTS) or not outputs.issuperset(_OUTPUTS):
            raise ModelFileError(
                f"{path}: reads {sorted(inputs)} and gives {sorted(outputs)}; "
                f"an encoder reads {sorted(_INPUTS)} and gives {sorted(_OUTPUTS)}"
            )

    def run(self, ids: Ids, mask: Ids, shapes: Ids) -> Outputs:
        """All are [batch, tokens]; the mask is 1 for tokens and 0 for padding."""
        fed = {"input_ids": ids, "attention_mask": mask, "shapes": shapes}
        return Outputs(*self._session.run(_OUTPUTS, fed))


def session_options() -> ort.SessionOptions:
    """One thread for each run, and no plan kept for shapes seen."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    # A plan would be kept for every shape of input ever seen, of which there are thousands.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return options
