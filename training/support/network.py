"""The network: the first layers of all-MiniLM-L6-v2, read for whole sentences and for each word."""

import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel

from training.support.pairs import Pair

log = logging.getLogger(__name__)


class Support(nn.Module):
    """Says of a sentence, and of each of its tokens, how likely the evidence does not bear it out.

    ``layers`` are those of the base that are kept. Logits: [batch] and [batch, tokens].
    """

    def __init__(self, base: Path, layers: Sequence[int], dropout: float = 0.1) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(
            str(base), add_pooling_layer=False, attn_implementation="eager",
            hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout,
        )  # fmt: skip
        kept = [self.bert.encoder.layer[index] for index in layers]
        self.bert.encoder.layer = nn.ModuleList(kept)
        self.bert.config.num_hidden_layers = len(kept)
        width = self.bert.config.hidden_size
        self.whole = nn.Sequential(
            nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, 1)
        )
        self.token = nn.Linear(width, 1)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor]:
        """All are [batch, tokens], int64."""
        states = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return self.heads(states, attention_mask, token_type_ids)

    def heads(self, states: Tensor, mask: Tensor, kinds: Tensor) -> tuple[Tensor, Tensor]:
        """The logits, for the states of the last layer [batch, tokens, width]."""
        own = (mask * kinds).unsqueeze(-1).to(states.dtype)
        peak = (states * own - (1.0 - own) * 1e4).amax(1)
        whole = self.whole(torch.cat([states[:, 0], peak], dim=-1)).squeeze(-1)
        return whole, self.token(states).squeeze(-1)


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is fitted. ``tokens`` is the size of a batch."""

    rate: float = 6e-5
    tokens: int = 4096
    warmup: float = 0.1
    token_share: float = 1.0
    seed: int = 7


def batches(sizes: Sequence[int], budget: int, rng: random.Random | None) -> list[list[int]]:
    """Indices of like size together."""
    order = list(range(len(sizes)))
    if rng:
        rng.shuffle(order)
    made: list[list[int]] = []
    for at in range(0, len(order), 1500 if rng else len(order) or 1):
        batch: list[int] = []
        for index in sorted(order[at : at + (1500 if rng else len(order))], key=lambda i: sizes[i]):
            if batch and (len(batch) + 1) * sizes[index] > budget:
                made.append(batch)
                batch = []
            batch.append(index)
        if batch:
            made.append(batch)
    if rng:
        rng.shuffle(made)
    return made


def collate(pairs: Sequence[Pair]) -> tuple[Tensor, ...]:
    """(ids, mask, kinds, wrong, label, weight), padded."""
    longest = max(len(p.ids) for p in pairs)
    shape = (len(pairs), longest)
    ids, mask, kinds = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    wrong = torch.zeros(shape)
    for row, pair in enumerate(pairs):
        n = len(pair.ids)
        ids[row, :n] = torch.from_numpy(pair.ids)
        mask[row, :n] = 1
        kinds[row, :n] = torch.from_numpy(pair.kinds)
        wrong[row, :n] = torch.from_numpy(pair.wrong)
    label = torch.tensor([p.label for p in pairs])
    weight = torch.tensor([p.weight for p in pairs])
    return ids, mask, kinds, wrong, label, weight


def fit(model: Support, epochs: Sequence[Sequence[Pair]], plan: Plan) -> Support:
    """The model, trained on one list of pairs after the other, in evaluation mode."""
    torch.manual_seed(plan.seed)
    rng = random.Random(plan.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device).train()
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    steps = [
        (number, batch)
        for number, pairs in enumerate(epochs)
        for batch in batches([len(p.ids) for p in pairs], plan.tokens, rng)
    ]
    heads = [*model.whole.parameters(), *model.token.parameters()]
    trunk = [p for p in model.bert.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": trunk, "lr": plan.rate}, {"params": heads, "lr": 5 * plan.rate}],
        weight_decay=0.01, fused=True,
    )  # fmt: skip
    warm = max(1, int(plan.warmup * len(steps)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda at: min((at + 1) / warm, max(0.03, (len(steps) - at) / max(1, len(steps) - warm))),
    )
    began, total = time.monotonic(), 0.0
    for step, (number, chosen) in enumerate(steps, start=1):
        parts = collate([epochs[number][i] for i in chosen])
        ids, mask, kinds, wrong, label, weight = (t.to(device) for t in parts)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            whole, token = model(ids, mask, kinds)
        each = nn.functional.binary_cross_entropy_with_logits(
            whole.float(), label, reduction="none", pos_weight=torch.tensor(2.0, device=device)
        )
        own = (mask * kinds).float()
        per = nn.functional.binary_cross_entropy_with_logits(
            token.float(), wrong, reduction="none", pos_weight=torch.tensor(2.0, device=device)
        )
        per = (per * own).sum(1) / own.sum(1).clamp(min=1.0)
        loss = ((each + plan.token_share * per) * weight).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        if step % 50 == 0 or step == len(steps):
            left = (time.monotonic() - began) / step * (len(steps) - step)
            log.info("step %d/%d loss %.3f, %.0f s left", step, len(steps), total / 50, left)
            total = 0.0
    model.eval()
    return model


def read(model: Support, pairs: Sequence[Pair]) -> tuple[list[float], list[list[float]]]:
    """The logits of each pair's sentence, and of the sentence's tokens."""
    device = next(model.parameters()).device
    whole: list[float] = [0.0] * len(pairs)
    tokens: list[list[float]] = [[] for _ in pairs]
    for chosen in batches([len(p.ids) for p in pairs], 4096, None):
        ids, mask, kinds, *_ = collate([pairs[i] for i in chosen])
        with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16):
            one, each = model(ids.to(device), mask.to(device), kinds.to(device))
        for row, index in enumerate(chosen):
            whole[index] = float(one[row])
            own = (mask[row] * kinds[row]).bool()
            tokens[index] = each[row].float().cpu()[own].tolist()[:-1]
    return whole, tokens
