"""Names of people and places, found by a configured spaCy model through Presidio."""

import asyncio
import importlib
from collections.abc import Sequence
from pathlib import Path

from gateway.core.options import OptionError
from gateway.ports.entity_recognizer import Entity


class NamedEntities:
    """A spaCy pipeline read by Presidio's ``SpacyRecognizer``: a ``Tagger``.

    ``at`` is where the model stands in the options. Raises OptionError when it is not installed;
    nothing is ever downloaded.
    """

    def __init__(self, model: str, language: str, *at: str) -> None:
        spacy_util = importlib.import_module("spacy.util")
        if not spacy_util.is_package(model) and not Path(model).is_dir():
            raise OptionError(
                f"the spaCy model {model!r} is not installed: install its package "
                f"(https://spacy.io/models) into this environment, give the path of a folder that "
                f"holds one, or leave 'spacy_model' out",
                *at,
            )
        nlp_engine = importlib.import_module("presidio_analyzer.nlp_engine")
        predefined = importlib.import_module("presidio_analyzer.predefined_recognizers")
        self.languages = frozenset({language})
        self._language = language
        self._engine = nlp_engine.SpacyNlpEngine(
            models=[{"lang_code": language, "model_name": model}]
        )
        self._engine.load()
        self._recognizer = predefined.SpacyRecognizer(
            supported_language=language, supported_entities=self._engine.get_supported_entities()
        )
        self.supported = frozenset(str(kind) for kind in self._recognizer.supported_entities)

    async def tag(self, text: str, kinds: frozenset[str], scope: str = "") -> Sequence[Entity]:
        """Presidio's findings of these kinds, in a thread. Nothing is remembered."""
        return await asyncio.to_thread(self._tag, text, kinds)

    def _tag(self, text: str, kinds: frozenset[str]) -> Sequence[Entity]:
        artifacts = self._engine.process_text(text, self._language)
        found = self._recognizer.analyze(text, sorted(kinds), artifacts)
        return [
            Entity(r.entity_type, r.start, r.end, float(r.score))
            for r in found
            if r.entity_type in kinds
        ]
