"""The texts that the encoder learns from, and how many of each kind."""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from training import corpus, written
from training.examples import ROUTE, TOXICITY, USER, Example
from training.folds import fold_of
from training.generate import (
    attacks_extraction,
    attacks_override,
    benign,
    pii,
    planted,
    planted_public,
)

_OVERRIDES, _EXTRACTIONS, _BYSTANDERS = 2800, 3200, 400
_BENIGN = 6000
_PER_FAMILY = 1300
"""Of a family of the data folder for the user's channel: role-plays and passages are long."""
_PLANTED, _PLANTED_IN_DATA = 5000, 3500
_CLINC, _BANKING = 4500, 1500
_TWEETS = {"hate": 800, "offensive": 1300, "clean": 1400}
_PII = 6500


def everything(data: Path, seed: int) -> list[Example]:
    """All examples, the same for the same seed and data."""
    return [
        *_users(data, _dice(seed, "users")),
        *written.examples(USER, _dice(seed, "written")),
        *planted_public.from_data(data, _dice(seed, "planted in data"), _PLANTED_IN_DATA),
        *planted.generated(_dice(seed, "planted"), _PLANTED),
        *planted.written(),
        *_routes(data, _dice(seed, "routes")),
        *_toxicity(data, _dice(seed, "toxicity")),
        *pii.examples(_dice(seed, "pii"), _PII, data),
        *pii.shared(data),
    ]


def learned(examples: Iterable[Example], fold: int | None) -> list[Example]:
    """What the model of a fold learns from; all of it for None."""
    return [e for e in examples if fold is None or fold_of(e) != fold]


def left_out(examples: Iterable[Example], fold: int) -> list[Example]:
    """What the model of a fold has seen nothing like."""
    return [e for e in examples if fold_of(e) == fold]


def _dice(seed: int, name: str) -> random.Random:
    return random.Random(f"{seed} {name}")


def _users(data: Path, rng: random.Random) -> Iterator[Example]:
    families: dict[str, list[Example]] = {}
    for example in corpus.user_texts(data):
        families.setdefault(example.family, []).append(example)
    for own in families.values():
        yield from corpus.sampled(iter(own), _PER_FAMILY, rng)
    yield from attacks_override.examples(rng, _OVERRIDES)
    yield from attacks_override.bystanders(rng, _BYSTANDERS)
    yield from attacks_extraction.examples(rng, _EXTRACTIONS)
    yield from benign.examples(rng, _BENIGN)


def _routes(data: Path, rng: random.Random) -> Iterator[Example]:
    families: dict[str, list[Example]] = {"clinc150": [], "banking77": []}
    for example in corpus.intents(data):
        families[example.family].append(example)
    talk = [e for e in families["clinc150"] if e.label == "chitchat"]
    rest = [e for e in families["clinc150"] if e.label != "chitchat"]
    yield from corpus.sampled(iter(talk), _CLINC // 4, rng)
    yield from corpus.sampled(iter(rest), _CLINC - _CLINC // 4, rng)
    yield from corpus.sampled(iter(families["banking77"]), _BANKING, rng)
    yield from written.examples(ROUTE, rng)


def _toxicity(data: Path, rng: random.Random) -> Iterator[Example]:
    tweets: dict[str, list[Example]] = {}
    for example in corpus.toxicity(data):
        if example.family == "davidson":
            tweets.setdefault(example.label, []).append(example)
        else:
            yield example
    yield from written.examples(TOXICITY, rng)
    for label, count in _TWEETS.items():
        yield from corpus.sampled(iter(tweets[label]), count, rng)
