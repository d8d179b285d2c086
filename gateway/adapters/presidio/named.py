"""Names of people and places, found by a configured spaCy model through Presidio."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class NamedEntities:
    """A spaCy pipeline read by Presidio's ``SpacyRecognizer``.

    Raises ValueError when the model is not installed; nothing is ever downloaded.
    """

    def __init__(self, model: str, language: str) -> None:
        spacy_util = importlib.import_module("spacy.util")
        if not spacy_util.is_package(model) and not Path(model).is_dir():
            raise ValueError(
                f"the spaCy model {model!r} is not installed: install its package "
                f"(https://spacy.io/models) into this environment, give the path of a folder that "
                f"holds one, or leave 'spacy_model' out"
            )
        nlp_engine = importlib.import_module("presidio_analyzer.nlp_engine")
        predefined = importlib.import_module("presidio_analyzer.predefined_recognizers")
        self.language = language
        self._engine = nlp_engine.SpacyNlpEngine(
            models=[{"lang_code": language, "model_name": model}]
        )
        self._engine.load()
        self._recognizer = predefined.SpacyRecognizer(
            supported_language=language, supported_entities=self._engine.get_supported_entities()
        )
        self.supported = frozenset(str(kind) for kind in self._recognizer.supported_entities)

    def find(self, text: str, kinds: frozenset[str]) -> Sequence[Any]:
        """Presidio's results of these kinds. Takes milliseconds: not for the event loop."""
        artifacts = self._engine.process_text(text, self.language)
        found: Sequence[Any] = self._recognizer.analyze(text, sorted(kinds), artifacts)
        return [result for result in found if result.entity_type in kinds]
