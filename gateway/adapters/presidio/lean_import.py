"""Imports Presidio's pattern recognisers without spaCy.

``import presidio_analyzer`` imports spaCy for the sake of one type annotation, which costs about
three seconds. None of the pattern recognisers uses it. So the leaf modules are imported beneath
empty package objects, and these are taken out of ``sys.modules`` again: whoever imports Presidio
later gets the whole package, untouched. When Presidio is imported already, or is laid out in
another way than this file knows, the ordinary import is used.
"""

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

from gateway.adapters.presidio import catalog, countries

_ROOT = "presidio_analyzer"
_LEAVES = (  # in the order in which each needs the ones before it
    ("analysis_explanation", "AnalysisExplanation"),
    ("recognizer_result", "RecognizerResult"),
    ("entity_recognizer", "EntityRecognizer"),
    ("local_recognizer", "LocalRecognizer"),
    ("pattern", "Pattern"),
    ("pattern_recognizer", "PatternRecognizer"),
)


@dataclass(frozen=True, slots=True)
class Presidio:
    """The classes of Presidio that the adapter uses. ``recognizers`` is by kind of entity."""

    pattern_recognizer: type[Any]
    entity_recognizer: type[Any]
    result: type[Any]
    recognizers: dict[str, type[Any]]


def load(extra_kinds: Iterable[str] = ()) -> Presidio:
    """Presidio's classes, by the quick way where that is possible.

    ``extra_kinds`` are kinds of ``countries``.
    """
    table = dict(catalog.RECOGNIZERS)
    table |= {kind: countries.RECOGNIZERS[kind] for kind in extra_kinds}
    if _ROOT not in sys.modules:
        try:
            with _bare_packages():
                return _collect(table)
        except (ImportError, AttributeError):  # a Presidio that is laid out in another way
            pass
    return load_whole(table)


def load_whole(table: Mapping[str, tuple[str, str]] = catalog.RECOGNIZERS) -> Presidio:
    """Presidio's classes, by the ordinary import."""
    importlib.import_module(_ROOT)
    return _collect(table)


def _collect(table: Mapping[str, tuple[str, str]]) -> Presidio:
    root = sys.modules[_ROOT]
    predefined = f"{_ROOT}.predefined_recognizers"
    return Presidio(
        pattern_recognizer=root.PatternRecognizer,
        entity_recognizer=root.EntityRecognizer,
        result=root.RecognizerResult,
        recognizers={
            kind: getattr(importlib.import_module(f"{predefined}.{module}"), name)
            for kind, (module, name) in table.items()
        },
    )


@contextmanager
def _bare_packages() -> Iterator[None]:
    """Packages of Presidio whose own ``__init__`` was not run, for as long as it takes."""
    try:
        root = _bare(_ROOT, None)
        nlp_engine = _bare(f"{_ROOT}.nlp_engine", root)
        nlp_engine.NlpArtifacts = object  # type: ignore[attr-defined]  # annotations only
        _bare(f"{_ROOT}.predefined_recognizers", root)
        for leaf, name in _LEAVES:
            setattr(root, name, getattr(importlib.import_module(f"{_ROOT}.{leaf}"), name))
        yield
    finally:
        for name in [n for n in sys.modules if n == _ROOT or n.startswith(f"{_ROOT}.")]:
            del sys.modules[name]


def _bare(name: str, parent: ModuleType | None) -> ModuleType:
    spec = PathFinder.find_spec(name, parent.__path__ if parent else None)
    if spec is None:
        raise ModuleNotFoundError(f"no module named {name!r}", name=name)
    module = module_from_spec(spec)
    sys.modules[name] = module
    return module
