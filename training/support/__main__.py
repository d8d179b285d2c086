"""Rebuilds the support model: ``python -m training.support DATA OUT --base BASE``.

DATA is the folder of public data, OUT the folder of model files, BASE the folder of
all-MiniLM-L6-v2 (``config.json``, ``model.safetensors``, ``tokenizer.json``).
"""

import argparse
import hashlib
import json
import logging
import random
import shutil
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from gateway.encoder.support_evidence import evidence_for
from gateway.encoder.support_features import NAMES
from gateway.encoder.support_model import (
    MANIFEST,
    NETWORK,
    READ,
    TOKENIZER,
    PairNetwork,
    Rows,
)
from gateway.encoder.support_words import WordReader
from training.support.card import card
from training.support.combine import ALL, fitted, lexical_rows, measured, out_of_fold
from training.support.data import Said, cases, word_reader
from training.support.export import export
from training.support.network import Support
from training.support.pairs import TOKENS, PairMaker, made_from
from training.support.perturb import Perturber
from training.support.recipe import FOLDS, Trainer, fold_of

log = logging.getLogger(__name__)

_CALIBRATION = 256
"""Pairs that the ranges of the int8 network are taken from."""
_MADE = 800
"""Sentences of our own making, for each fold, that the logistic models learn from too."""
_MADE_WEIGHT = 0.2
_SLACK = 0.005
"""How much lower the AUROC of a new model may be."""


class WorseModel(SystemExit):
    """The model that was built is worse than the one that is there."""


def main() -> None:
    """Trains, measures on sources left out, and writes the files."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    options = _options()
    reader = word_reader()
    tokenizer = Tokenizer.from_file(str(options.base / TOKENIZER))
    maker = PairMaker(tokenizer, reader)
    kept = options.kept or options.out / ".support-weights"
    trainer = Trainer(options.base, options.data, kept, reader, maker)
    said = [sentence for _, own in cases(options.data, reader) for sentence in own]
    folds = list(range(options.folds))
    rows, order = [], []
    for fold in folds:
        log.info("fold %d", fold)
        model = trainer.second(f"fold-{fold}", [s for s in said if fold_of(s.case) != fold])
        out = [s for s in said if fold_of(s.case) == fold]
        rng = random.Random(fold)
        made = list(made_from(out, Perturber(900 + fold), rng))
        out += rng.sample(made, min(len(made), _MADE))
        rows.append(_read(model, maker, out, said, options.base, reader))
        order += out
    figures = _figures(order, np.vstack(rows), reader)
    final = trainer.second("final", said)
    _write(final, maker, said, figures, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="training.support", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--kept", type=Path, help="where weights are kept between runs")
    parser.add_argument("--folds", type=int, default=FOLDS, help="folds that are measured")
    parser.add_argument("--force", action="store_true", help="also replace a better model")
    return parser.parse_args()


def _read(
    model: Support,
    maker: PairMaker,
    said: Sequence[Said],
    typical: Sequence[Said],
    base: Path,
    reader: WordReader,
) -> Rows:
    """What the int8 network of ``model`` reads in these sentences, as the gateway does."""
    with tempfile.TemporaryDirectory() as folder:
        export(model, Path(folder) / NETWORK, maker.pairs(_some(typical)))
        shutil.copy(base / TOKENIZER, folder)
        network = PairNetwork(Path(folder), TOKENS, {})
        pairs = [(evidence_for(reader.read(s.text), s.case.source).text, s.text) for s in said]
        return network.read(pairs)


def _some(said: Sequence[Said]) -> list[Said]:
    return random.Random(1).sample([s for s in said if s.asked], _CALIBRATION)


def _figures(said: Sequence[Said], network: Rows, reader: WordReader) -> dict[str, Any]:
    """The logistic models, and what they measure on sources that they and the network never saw."""
    lexical = lexical_rows(said, reader)
    both = np.hstack([lexical, network])
    wrong = np.array([not s.supported for s in said])
    # Sentences that the guards skip teach nothing; those that were made teach a little.
    weights = np.array([(1.0 if s.answer else _MADE_WEIGHT) if s.asked else 0.0 for s in said])
    groups = np.array([zlib.crc32(s.case.id.encode()) % (5 * FOLDS) for s in said])
    real = np.array([bool(s.answer) for s in said])
    labelled = [s for s in said if s.answer]
    made: dict[str, Any] = {}
    for name, rows, names in (("lexical", lexical, NAMES), ("full", both, ALL)):
        scores = out_of_fold(rows, wrong, weights, groups, names)[real]
        made[name] = {
            "model": fitted(rows[weights > 0], wrong[weights > 0], weights[weights > 0], names),
            "measured": measured(labelled, scores),
        }
    scores = out_of_fold(network, wrong, weights, groups, READ)[real]
    made["network"] = {"measured": measured(labelled, scores)}
    return made


def _write(
    model: Support,
    maker: PairMaker,
    said: Sequence[Said],
    figures: dict[str, Any],
    options: argparse.Namespace,
) -> None:
    """Raises WorseModel instead of replacing a model that measured better."""
    out: Path = options.out
    new = figures["full"]["measured"]["all"]["sentence"]["auroc"]
    old_path = out / MANIFEST
    if old_path.exists() and not options.force:
        old = json.loads(old_path.read_text()).get("measured", {}).get("full")
        best = old["all"]["sentence"]["auroc"] if old else 0.0
        if new < best - _SLACK:
            raise WorseModel(f"AUROC {new} is worse than {best} of {old_path}: nothing written")
    out.mkdir(parents=True, exist_ok=True)
    export(model, out / NETWORK, maker.pairs(_some(said)))
    if not (out / TOKENIZER).exists():
        shutil.copy(options.base / TOKENIZER, out / TOKENIZER)
    files = {
        name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in (NETWORK, TOKENIZER)
    }
    manifest = {
        "version": "1",
        "tokens": TOKENS,
        "files": files,
        "lexical": figures["lexical"]["model"],
        "full": figures["full"]["model"],
        "measured": {name: figures[name]["measured"] for name in ("lexical", "network", "full")},
    }
    old_path.write_text(json.dumps(manifest, indent=1) + "\n")
    (out / "support.md").write_text(card(manifest))
    log.info("written to %s: AUROC %.3f by sentence", out, new)


if __name__ == "__main__":
    main()
