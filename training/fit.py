"""Trains the trunk on all tasks at once."""

import logging
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel

from training.items import IGNORED, UNKNOWN, Item
from training.model import Trunk

log = logging.getLogger(__name__)

_GROUPS = (slice(0, 1), slice(1, 4), slice(4, 7), slice(7, 10))
"""Heads whose losses are averaged apart: injection, toxicity, route, complexity."""
_WEIGHTS = (2.0, 1.0, 1.0, 0.3)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to train. ``tokens`` is the size of a batch, padding included."""

    epochs: float = 1.0
    rate: float = 8e-5
    head_rate: float = 8e-4
    tokens: int = 4096
    warmup: float = 0.06
    decay: float = 0.01
    distil: float = 1.0
    """Weight of staying close to the embedding of the base model."""
    distilled: float = 0.25
    """Share of the rows on which that is checked."""
    positive: float = 2.0
    """Weight of a token of an order against one that is none."""
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Batch:
    """``owner``: [windows], the item that each window belongs to. ``targets``: [items, heads]."""

    ids: Tensor
    mask: Tensor
    shapes: Tensor
    kinds: Tensor
    orders: Tensor
    owner: Tensor
    targets: Tensor
    weights: Tensor


def fit(base: Path, tags: tuple[str, ...], items: Sequence[Item], plan: Plan) -> Trunk:
    """A trunk trained on ``items``, in evaluation mode. The same on every run on one machine."""
    torch.manual_seed(plan.seed)
    rng = random.Random(plan.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Trunk(base, tags).to(device)
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    teacher = BertModel.from_pretrained(
        str(base), add_pooling_layer=False, attn_implementation="eager"
    )
    teacher = teacher.to(device).eval()
    batches: list[list[int]] = []
    for _ in range(int(plan.epochs)):
        batches += _batches(items, plan, rng)
    if part := plan.epochs - int(plan.epochs):
        last = _batches(items, plan, rng)
        batches += last[: int(part * len(last))]
    optimizer, schedule = _optimizer(model, plan, len(batches))
    model.train()
    began = time.monotonic()
    total = 0.0
    for step, chosen in enumerate(batches, start=1):
        batch = collate([items[i] for i in chosen], device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = _loss(model, teacher, batch, plan, rng)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        if step % 50 == 0 or step == len(batches):
            left = (time.monotonic() - began) / step * (len(batches) - step)
            log.info("step %d/%d loss %.3f, %.0f s left", step, len(batches), total / 50, left)
            total = 0.0
    model.eval()
    return model


def _batches(items: Sequence[Item], plan: Plan, rng: random.Random) -> list[list[int]]:
    """Items by their index, of like length together, as many as the budget of tokens allows."""
    order = list(range(len(items)))
    rng.shuffle(order)
    made: list[list[int]] = []
    for at in range(0, len(order), 2000):
        near = sorted(order[at : at + 2000], key=lambda i: max(len(p.ids) for p in items[i].pieces))
        batch: list[int] = []
        windows = longest = 0
        for index in near:
            size = max(len(p.ids) for p in items[index].pieces)
            count = len(items[index].pieces)
            if batch and (windows + count) * max(longest, size) > plan.tokens:
                made.append(batch)
                batch, windows, longest = [], 0, 0
            batch.append(index)
            windows, longest = windows + count, max(longest, size)
        if batch:
            made.append(batch)
    rng.shuffle(made)
    return made


def collate(items: Sequence[Item], device: torch.device) -> Batch:
    """The items as padded tensors."""
    pieces = [(owner, piece) for owner, item in enumerate(items) for piece in item.pieces]
    longest = max(len(piece.ids) for _, piece in pieces)
    shape = (len(pieces), longest)
    ids = torch.zeros(shape, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    shapes = torch.zeros(shape, dtype=torch.long)
    kinds = torch.full(shape, IGNORED, dtype=torch.long)
    orders = torch.full(shape, UNKNOWN)
    for row, (_, piece) in enumerate(pieces):
        n = len(piece.ids)
        ids[row, :n] = torch.from_numpy(piece.ids)
        mask[row, :n] = 1
        shapes[row, :n] = torch.from_numpy(piece.shapes)
        kinds[row, :n] = torch.from_numpy(piece.kinds)
        orders[row, :n] = torch.from_numpy(piece.orders)
    owner = torch.tensor([owner for owner, _ in pieces])
    targets = torch.stack([torch.from_numpy(item.targets) for item in items])
    weights = torch.tensor([item.weight for item in items])
    made = (ids, mask, shapes, kinds, orders, owner, targets, weights)
    return Batch(*(tensor.to(device) for tensor in made))


def _loss(model: Trunk, teacher: BertModel, batch: Batch, plan: Plan, rng: random.Random) -> Tensor:
    read = model(batch.ids, batch.mask, batch.shapes)
    logits = read.logits.float()
    index = batch.owner.unsqueeze(1).expand(-1, logits.shape[1])
    floor = torch.full((len(batch.targets), logits.shape[1]), -1e4, device=logits.device)
    # A text is what its strongest window says.
    whole = floor.scatter_reduce(0, index, logits, reduce="amax", include_self=True)
    loss = torch.zeros((), device=logits.device)
    for group, weight in zip(_GROUPS, _WEIGHTS, strict=True):
        loss = loss + weight * _binary(whole[:, group], batch.targets[:, group], batch.weights)
    tags = read.tags.float()
    known = batch.orders >= 0.0
    if known.any():
        wanted = batch.orders[known]
        each = nn.functional.binary_cross_entropy_with_logits(
            tags[..., 0][known], wanted, weight=1.0 + (plan.positive - 1.0) * wanted
        )
        loss = loss + 1.5 * each
    if (batch.kinds != IGNORED).any():
        loss = loss + nn.functional.cross_entropy(
            tags[..., 1:].flatten(0, 1),
            torch.where(batch.kinds > 0, batch.kinds - 1, IGNORED).flatten(),
            ignore_index=IGNORED,
        )
    rows = list(_some(len(batch.ids), plan.distilled, rng))
    if rows and plan.distil:
        ids, mask = batch.ids[rows], batch.mask[rows]
        with torch.no_grad():
            states = teacher(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            weights = mask.unsqueeze(-1).float()
            mean = (states * weights).sum(1) / weights.sum(1)
        near = nn.functional.cosine_similarity(read.embedding[rows], mean, dim=-1)
        loss = loss + plan.distil * 5.0 * (1.0 - near).mean()
    return loss


def _some(count: int, share: float, rng: random.Random) -> Iterator[int]:
    return (row for row in range(count) if rng.random() < share)


def _binary(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    known = targets >= 0.0
    if not known.any():
        return torch.zeros((), device=logits.device)
    each = nn.functional.binary_cross_entropy_with_logits(
        logits[known], targets[known], reduction="none"
    )
    return (each * weights.unsqueeze(1).expand_as(targets)[known]).mean()


def _optimizer(
    model: Trunk, plan: Plan, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    trunk = [p for p in model.bert.parameters() if p.requires_grad]
    own = {id(p) for p in model.bert.parameters()}
    heads = [p for p in model.parameters() if id(p) not in own]
    optimizer = torch.optim.AdamW(
        [{"params": trunk, "lr": plan.rate}, {"params": heads, "lr": plan.head_rate}],
        weight_decay=plan.decay,
        fused=True,
    )
    warm = max(1, int(plan.warmup * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda at: min((at + 1) / warm, max(0.02, (steps - at) / max(1, steps - warm)))
    )
    return optimizer, schedule
