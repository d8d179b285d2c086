"""The network that is trained: one trunk, and a head for every task."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel

HEADS = (
    "injection",
    "toxic",
    "hate",
    "offensive",
    "chitchat",
    "knowledge",
    "task",
    "simple",
    "medium",
    "complex",
)
LAYERS = (0, 1, 3, 5)
"""Layers of the base that are kept: with four of the six everything is found that all find."""
SHAPES = 7
"""Case classes of a token, see ``gateway.encoder.shapes``."""


@dataclass(frozen=True, slots=True)
class Read:
    """``embedding``: [batch, 384], of length 1. ``logits``: [batch, heads].
    ``tags``: [batch, tokens, tags]."""

    embedding: Tensor
    logits: Tensor
    tags: Tensor


class Trunk(nn.Module):
    """all-MiniLM-L6-v2, some of its layers, with heads on it.

    The sequence heads read the first token and the strongest value of each dimension over all
    tokens, so that one sentence in a long text is enough to be heard. The tag head reads each token
    with its neighbours and with how it was written, for the trunk itself reads small letters only.
    The embedding stays the mean over tokens, as in the original.
    """

    def __init__(self, base: Path, tags: tuple[str, ...], dropout: float = 0.1) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(
            str(base),
            add_pooling_layer=False,
            attn_implementation="eager",
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=0.0,
        )
        kept = [self.bert.encoder.layer[number] for number in LAYERS]
        self.bert.encoder.layer = nn.ModuleList(kept)
        self.bert.config.num_hidden_layers = len(kept)
        width = self.bert.config.hidden_size
        self.tags = tags
        self.sequence = nn.Sequential(
            nn.Linear(2 * width, width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, len(HEADS)),
        )
        self.shape = nn.Embedding(SHAPES, 24)
        self.near = nn.Conv1d(width + 24, 192, kernel_size=3, padding=1)
        self.tag = nn.Sequential(nn.GELU(), nn.Dropout(dropout), nn.Linear(192, len(tags)))

    def forward(self, input_ids: Tensor, attention_mask: Tensor, shapes: Tensor) -> Read:
        """All three are [batch, tokens], int64; the mask is 1 for tokens and 0 for padding."""
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        peak = (states * mask - (1.0 - mask) * 1e4).amax(1)
        logits = self.sequence(torch.cat([states[:, 0], peak], dim=-1))
        seen = torch.cat([states, self.shape(shapes).to(states.dtype)], dim=-1) * mask
        near = self.near(seen.transpose(1, 2)).transpose(1, 2)
        return Read(nn.functional.normalize(mean.float(), dim=-1), logits, self.tag(near))
