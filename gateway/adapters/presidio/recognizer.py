"""The entity recogniser on Presidio."""

import asyncio
import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import regex

from gateway.adapters.presidio.context import context_of, raise_scores
from gateway.adapters.presidio.detectors import Detector, detectors
from gateway.adapters.presidio.lean_import import load
from gateway.adapters.presidio.named import NamedEntities
from gateway.core.options import Options
from gateway.core.registry import did_you_mean
from gateway.core.spans import without_overlaps
from gateway.ports.entity_recognizer import Entity

INLINE = 2_000
"""Characters up to which a text is worked on in place: below a millisecond, mostly far below."""
WORKERS = 2

_digits = regex.compile(r"\d").findall
_scheme = re.compile(r"[\"']?(?:https?://|www\d{0,3}\.)", re.IGNORECASE)
_scheme_somewhere = re.compile(r"https?://|www\d{0,3}\.", re.IGNORECASE)


class PresidioOptions(Options):
    """How personal data is recognised."""

    spacy_model: str | None = None
    """Installed spaCy model, or the path of one, such as ``en_core_web_lg``. Adds the kinds that
    need a language model (PERSON, LOCATION, ...), at several milliseconds a text and three seconds
    more at the start. Without one, only kinds with a written form are found."""
    language: str = "en"
    """Language of the spaCy model."""
    bare_domains: bool = False
    """Whether a URL may lack both its scheme and ``www``. Presidio then takes ``john.sm`` and
    ``main.py`` for URLs."""
    international_phone_score: float = 0.6
    """Score of a phone number that is written with ``+`` and its country code and is valid there.
    Presidio gives every phone number 0.4, and 0.75 after a word such as ``phone``."""


class PresidioRecognizer:
    """Personal data by Presidio's own recognisers, skipping those that cannot match.

    Scores are Presidio's, context words included (``context.py``), but for
    ``international_phone_score``. Never touches the network. Raises ValueError when the configured
    spaCy model is not installed.
    """

    Options = PresidioOptions

    def __init__(self, options: PresidioOptions | None = None) -> None:
        self._options = options or PresidioOptions()
        # Presidio's error lines quote the text that could not be validated.
        logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)
        presidio = load()
        self._settle = presidio.entity_recognizer.remove_duplicates
        self._detectors = detectors(presidio)
        self._context = {
            str(d.recognizer.id): context_of(d.recognizer) for d in self._detectors.values()
        }
        model = self._options.spacy_model
        self._named = NamedEntities(model, self._options.language) if model else None
        self._plans: dict[frozenset[str], tuple[Detector, ...]] = {}
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="presidio")

    @property
    def supported(self) -> frozenset[str]:
        """The kinds with a written form, and those of the spaCy model where there is one."""
        named = self._named.supported if self._named else frozenset()
        return frozenset(self._detectors) | named

    async def recognize(
        self, text: str, kinds: frozenset[str], language: str = "en"
    ) -> Sequence[Entity]:
        """The entities of these kinds, in order, none overlapping another.

        Raises ValueError for a kind that is not supported, and for one that needs the spaCy model
        when that speaks another language. Other kinds are written alike in every language.
        """
        plan = self._plans.get(kinds)
        if plan is None:
            plan = self._plan(kinds)
        named = self._named_kinds(kinds, language)
        if not named and len(text) <= INLINE:
            return self._find(text, plan)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._find, text, plan, named)

    def close(self) -> None:
        """End the worker threads. Called once, at shutdown."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _plan(self, kinds: frozenset[str]) -> tuple[Detector, ...]:
        for kind in sorted(kinds - self.supported):
            raise ValueError(
                f"no recogniser for {kind!r}{did_you_mean(kind, sorted(self.supported))}"
            )
        plan = tuple(self._detectors[kind] for kind in sorted(kinds & self._detectors.keys()))
        self._plans[kinds] = plan
        return plan

    def _named_kinds(self, kinds: frozenset[str], language: str) -> frozenset[str]:
        named = kinds & self._named.supported if self._named else frozenset()
        only_named = named - self._detectors.keys()
        if self._named and only_named and language != self._named.language:
            raise ValueError(
                f"{sorted(only_named)[0]} needs a spaCy model of language {language!r}; the "
                f"configured one is of {self._named.language!r}"
            )
        return named if self._named and language == self._named.language else frozenset()

    def _find(
        self, text: str, plan: tuple[Detector, ...], named: frozenset[str] = frozenset()
    ) -> list[Entity]:
        results: list[Any] = []
        digits = -1
        for detector in plan:
            need = detector.need
            if need.digits:
                if digits < 0:
                    digits = len(_digits(text))
                if digits < need.digits:
                    continue
            if need.literal and need.literal not in text:
                continue
            if need.search is not None and need.search(text) is None:
                continue
            if detector.kind == "URL" and not self._url_possible(text):
                continue
            results += detector.find(text)
        if self._named and named:
            results += self._named.find(text, named)
        if not results:
            return []
        raise_scores(text, results, self._context)
        return self._settled(text, results)

    def _url_possible(self, text: str) -> bool:
        return self._options.bare_domains or _scheme_somewhere.search(text) is not None

    def _settled(self, text: str, results: Sequence[Any]) -> list[Entity]:
        """Presidio's results as entities, after the options and without overlaps."""
        entities = []
        for result in self._settle(list(results)):
            kind, start, score = result.entity_type, result.start, float(result.score)
            if kind == "URL" and not self._options.bare_domains:
                if _scheme.match(text, start) is None:
                    continue
            elif kind == "PHONE_NUMBER" and text[start] in "+＋":
                score = max(score, self._options.international_phone_score)
            entities.append(Entity(kind, start, result.end, score))
        return without_overlaps(entities)
