"""Builds the encoder and the small models beside it, step by step, each kept when it is done."""

import hashlib
import json
import logging
import random
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from gateway.encoder.encoder import NETWORK, TOKENIZER, OnnxEncoder
from gateway.encoder.model_file import MANIFEST
from gateway.encoder.ngrams import NgramModel
from training import compose
from training.calibrate import combiners, heads, routing
from training.card import card
from training.examples import PII, Example
from training.export import export
from training.figures import Figures, figures, summary, worse
from training.fit import Plan, collate, fit
from training.folds import FOLDS, fold_of
from training.generate.pii import KINDS
from training.generate.pii_shared import labelled
from training.items import WINDOW, Reader
from training.model import HEADS, Trunk
from training.scores import Scored, score
from training.steps import prepare_all
from training.tags import LEAN, Points, calibrated, counted, figures_of, points_of
from training.topics import topics
from training.wording import wordings

log = logging.getLogger(__name__)

TAGS = ("INSTRUCTION", "O", *(f"{begun}-{kind}" for kind in KINDS for begun in "BI"))
OVERLAP = 16
_SEED = 1
_FOLD_PLAN, _FINAL_PLAN = Plan(epochs=1.0), Plan(epochs=2.0)
_LEARNING = ("fit.py", "items.py", "model.py")
"""What decides, besides texts and plan, what a network becomes."""
_RANGES = 600
"""Texts from which the ranges of the int8 network are taken."""
_RANGE_BATCH = 12


class WorseModel(Exception):
    """The model that was built is worse than the one it would replace."""


class Build:
    """One build: ``data`` and ``base`` are read, ``work`` keeps what is done, ``out`` gets it."""

    def __init__(
        self, data: Path, base: Path, work: Path, folds: Sequence[int] = range(FOLDS)
    ) -> None:
        """``folds`` are those that are trained to be measured: with fewer of them the calibration
        rests on fewer families."""
        self._folds = folds
        self._data = data
        self._base = base
        self._work = work
        self._examples = compose.everything(data, _SEED)
        self._tokenizer = Tokenizer.from_file(str(base / TOKENIZER))

    def run(self, out: Path, version: str, *, force: bool = False, jobs: int = 1) -> Figures:
        """Everything, in order; ``jobs`` models are trained at once. Raises WorseModel, with
        ``out`` left as it was."""
        prepare_all(self, [None, *self._folds], jobs)
        scored: list[Scored] = []
        points: list[Points] = []
        folders = {fold: self._model(fold) for fold in self._folds}
        for fold, folder in folders.items():
            scored += self._scores(folder, fold)
            points.append(self._points(folder, fold))
        single = heads(scored)
        calibration: dict[str, Any] = {
            **combiners(scored),
            "heads": single,
            "routing": routing(scored, single),
        }
        found = figures(scored, calibration)
        found["topics"] = self._topics()
        calibration["similarity"] = found["topics"].pop("similarity")
        found["folds"] = len(self._folds)
        kinds = calibrated(points)
        found["tags"] = figures_of(
            [counted(folder, self._labelled(fold), kinds) for fold, folder in folders.items()]
        )
        calibration["pii"] = {"kinds": kinds, "lean": LEAN}
        self._compare(out, found, force=force)
        folder = self._model(None)
        self._ship(folder, out, version, calibration, found)
        return found

    def prepare(self, fold: int | None) -> None:
        """Everything about one model that takes long; what is kept is not done again."""
        folder = self._model(fold)
        if fold is not None:
            self._scores(folder, fold)
            self._points(folder, fold)

    def _model(self, fold: int | None) -> Path:
        """The folder of a fold's model, or of the one that ships, trained unless it is there."""
        learned = compose.learned(self._examples, fold)
        plan = _FINAL_PLAN if fold is None else _FOLD_PLAN
        folder = self._work / ("final" if fold is None else f"fold{fold}")
        recipe = _digest(learned, plan)
        kept = folder / "recipe.txt"
        if not kept.exists() or kept.read_text() != recipe:
            log.info("training %s on %d texts", folder.name, len(learned))
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            reader = Reader(self._tokenizer, TAGS, _SEED)
            trunk = fit(self._base, TAGS, reader.items(learned), plan)
            torch.save(trunk.state_dict(), folder / "trunk.pt")
            kept.write_text(recipe)
        if not (folder / MANIFEST).exists():
            self._export(folder, learned)
        return folder

    def _export(self, folder: Path, learned: Sequence[Example]) -> None:
        trunk = Trunk(self._base, TAGS)
        trunk.load_state_dict(torch.load(folder / "trunk.pt", map_location="cpu"))
        chosen = random.Random(_SEED).sample(list(learned), _RANGES)
        items = Reader(self._tokenizer, TAGS, _SEED).items(chosen)
        batches = [
            collate(items[at : at + _RANGE_BATCH], torch.device("cpu"))
            for at in range(0, len(items), _RANGE_BATCH)
        ]
        export(trunk, folder / NETWORK, [(b.ids, b.mask, b.shapes) for b in batches])
        shutil.copy(self._base / TOKENIZER, folder / TOKENIZER)
        for channel, model in wordings(learned).items():
            model.save(folder / f"ngrams-{channel}.npz")
        _write_manifest(folder, "draft", {}, {})

    def _scores(self, folder: Path, fold: int) -> list[Scored]:
        kept = folder / "scores.json"
        if not kept.exists():
            out = [e for e in compose.left_out(self._examples, fold) if e.task != PII]
            log.info("scoring %d texts that %s has not learned from", len(out), folder.name)
            ngrams = {
                channel: NgramModel.load(folder / f"ngrams-{channel}.npz")
                for channel in ("user", "document")
            }
            encoder = OnnxEncoder(folder, threads=1)
            try:
                scored = score(encoder, ngrams, out)
            finally:
                encoder.close()
            kept.write_text(json.dumps([one.stored() for one in scored]))
        return [Scored(**{**one, "fold": fold}) for one in json.loads(kept.read_text())]

    def _topics(self) -> dict[str, Any]:
        """By the model of the last fold: the one that has not read the test split."""
        kept = self._model(FOLDS - 1) / "topics.json"
        if not kept.exists():
            kept.write_text(json.dumps(topics(kept.parent, self._data)))
        found: dict[str, Any] = json.loads(kept.read_text())
        return found

    def _tagged(self, fold: int) -> list[Example]:
        """The texts with personal data that the model of a fold has not learned from."""
        return [e for e in compose.left_out(self._examples, fold) if e.task == PII]

    def _labelled(self, fold: int) -> list[Example]:
        """The same with all labels of the set, those that patterns find among them."""
        return [e for e in labelled(self._data) if fold_of(e) == fold]

    def _points(self, folder: Path, fold: int) -> Points:
        kept = folder / "tags.json"
        if not kept.exists():
            kept.write_text(json.dumps(points_of(folder, self._tagged(fold))))
        found: Points = json.loads(kept.read_text())
        return found

    def _compare(self, out: Path, found: Figures, *, force: bool) -> None:
        shipped = out / MANIFEST
        if force or not shipped.exists():
            return
        old = json.loads(shipped.read_text()).get("figures")
        if old and (lost := worse(summary(found), summary(old))):
            raise WorseModel(
                f"{out}: the new model is worse than the one there: {'; '.join(lost)}. "
                "Nothing was overwritten; --force overwrites all the same."
            )

    def _ship(
        self, folder: Path, out: Path, version: str, calibration: dict[str, Any], found: Figures
    ) -> None:
        _write_manifest(folder, version, calibration, found)
        out.mkdir(parents=True, exist_ok=True)
        for name in _files(folder):
            shutil.copy(folder / name, out / name)
        shutil.copy(folder / MANIFEST, out / MANIFEST)
        (out / "MODEL_CARD.md").write_text(card(version, found))


def _digest(learned: Sequence[Example], plan: Plan) -> str:
    digest = hashlib.sha256(json.dumps(asdict(plan)).encode())
    for name in _LEARNING:
        digest.update(Path(__file__).with_name(name).read_bytes())
    for example in learned:
        digest.update(repr(example).encode())
    return digest.hexdigest()


def _files(folder: Path) -> list[str]:
    return [NETWORK, TOKENIZER, *sorted(path.name for path in folder.glob("ngrams-*.npz"))]


def _write_manifest(
    folder: Path, version: str, calibration: dict[str, Any], found: Figures
) -> None:
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in _files(folder)
    }
    document = {
        "version": version,
        "files": files,
        "heads": list(HEADS),
        "tags": list(TAGS),
        "window": {"tokens": WINDOW + 2, "overlap": OVERLAP},
        "calibration": calibration,
        "figures": found,
    }
    (folder / MANIFEST).write_text(json.dumps(document, indent=1) + "\n")
