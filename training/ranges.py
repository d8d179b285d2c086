"""What values the network's activations take, and the integers that stand for them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.model import Trunk

Batch = tuple[Tensor, Tensor, Tensor]
"""Token ids, mask and shapes, all [batch, tokens]."""

_ROWS = 4096
"""Tokens whose activations are kept."""
_ROOM = 1.1
"""How far beyond the extremes that were seen a scale reaches."""


@dataclass(frozen=True, slots=True)
class Scale:
    """An unsigned byte ``q`` stands for ``(q - zero) * step``."""

    step: float
    zero: int


def activations(trunk: Trunk, batches: Sequence[Batch]) -> dict[str, NDArray[np.float32]]:
    """What goes into each linear layer of the trunk's encoder, by the layer's name, and its last
    states (``states``), for a part of the tokens: [tokens, width] each."""
    seen: dict[str, list[NDArray[np.float32]]] = {}
    each = max(1, _ROWS // max(1, len(batches)))
    for ids, mask, shapes in batches:
        kept = torch.nonzero(mask.flatten()).flatten()
        chosen = kept[torch.linspace(0, len(kept) - 1, min(each, len(kept))).long()]

        def keep(name: str, value: Tensor, chosen: Tensor = chosen) -> None:
            rows = value.detach().flatten(0, 1)[chosen]
            seen.setdefault(name, []).append(rows.float().cpu().numpy())

        with torch.no_grad(), _listening(trunk, keep):
            trunk(ids, mask, shapes)
    return {name: np.concatenate(parts) for name, parts in seen.items()}


@contextmanager
def _listening(trunk: Trunk, keep: Callable[[str, Tensor], None]) -> Iterator[None]:
    hooks = []
    for name, module in trunk.bert.encoder.named_modules():
        if isinstance(module, nn.Linear):

            def before(_: Any, inputs: tuple[Tensor, ...], name: str = name) -> None:
                keep(name, inputs[0])

            hooks.append(module.register_forward_pre_hook(before))

    def after(_: Any, __: Any, output: Any) -> None:
        keep("states", output.last_hidden_state)

    hooks.append(trunk.bert.register_forward_hook(after))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def scale_of(values: NDArray[np.float32]) -> Scale:
    """The scale that clips none of ``values``, with some room beyond them. Clipping the extremes
    for the sake of the others loses more than it wins: they carry what later layers go by."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    step = max(_ROOM * (high - low) / 255.0, 1e-8)
    return Scale(step, int(np.clip(round(-_ROOM * low / step), 0, 255)))
