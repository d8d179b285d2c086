"""Trains the models of a build beside each other, each in a process of its own with one thread:
what comes out does not depend on how many cores a machine has."""

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Protocol

import torch
from transformers.utils import logging as transformers_logging

_MEMORY = 11 << 30
"""Bytes that training one model takes at the most."""


class Preparing(Protocol):
    """A build that can do the step of one model by itself."""

    def prepare(self, fold: int | None) -> None: ...


def jobs_here() -> int:
    """How many models to train at once here: one on a GPU, else what cores and memory bear."""
    if torch.cuda.is_available():
        return 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory // _MEMORY))


def steady() -> None:
    """Makes this process repeatable, and lets it say what it does."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(processName)s %(message)s", force=True
    )
    transformers_logging.set_verbosity_error()
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.set_num_threads(1)


def prepare_all(build: Preparing, folds: Sequence[int | None], jobs: int) -> None:
    """The steps of these models, ``jobs`` at a time. What one of them raises is raised here."""
    if jobs == 1:
        for fold in folds:
            build.prepare(fold)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=steady) as pool:
        for done in [pool.submit(build.prepare, fold) for fold in folds]:
            done.result()
