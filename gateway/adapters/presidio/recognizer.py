"""The entity recogniser on Presidio."""

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from types import MappingProxyType
from typing import Any

import regex

from gateway.adapters.presidio import (
    addresses,
    introduced,
    licences,
    national_phones,
    numbers,
    written_dates,
)
from gateway.adapters.presidio.context import raise_scores
from gateway.adapters.presidio.countries import selected
from gateway.adapters.presidio.detectors import Finder, detectors
from gateway.adapters.presidio.facts import Facts
from gateway.adapters.presidio.house import Custom, Denied
from gateway.adapters.presidio.introduced import Introduced
from gateway.adapters.presidio.lean_import import load
from gateway.adapters.presidio.named import NamedEntities
from gateway.adapters.presidio.tables import SORTS, Columns
from gateway.adapters.presidio.tagged import CHECKED, credible
from gateway.core.registry import did_you_mean
from gateway.core.spans import without_overlaps
from gateway.ports.entity_recognizer import Entity
from gateway.ports.tagger import Tagger
from gateway.schema.recognizer import RecognizerKeys

PresidioOptions = RecognizerKeys
INLINE = 5_000
"""Characters beyond which a text goes to a worker thread without being looked at."""
INLINE_MS = 1.0
"""Expected milliseconds up to which a text is worked on in place."""
WORKERS = 2
_SHORTEST_PHONE = 6
"""Characters below which a telephone number is nobody's own: Presidio finds pagers (1641)."""
_SHORTEST_LICENCE = 5
"""Characters below which a licence is anything: Presidio finds headings (H1) and models (e350)."""
_TAGGED = MappingProxyType({"recognizer_name": "tagger"})

_flat = regex.compile(
    r"\b(?:apt|suite|ste|unit|flat|room|floor|box)\b\.?\s?#?\Z", regex.IGNORECASE
).search
"""What ends before the number of a flat, which is no identity number: Suite 680 36 4022 Oak Ln."""
_other_number = regex.compile(
    r"(?<!\p{L})(?:(?:order|invoice|tracking|ticket|reference|ref|account|acct|case|part|serial|item|"
    r"article|product|parcel|shipment|claim|policy|contract|booking|reservation|confirmation|batch|lot|"
    r"model|receipt|customer|member|employee|student|patient|routing|passport|version)s?[ ]?"
    r"(?:number|num|no|nr|#)\b?\.?(?:[\s:=#,?\"']|is\b|was\b|user\b){0,6}(?:\p{L}{1,4}-)?"
    r"|(?:part|order|invoice|ticket|tracking|sku|isbn|pn|serial)[\s:#]{1,2})\Z",
    regex.IGNORECASE,
).search
"""What ends before a number that ``number``, a context word of Presidio's, makes no telephone."""
_scheme = re.compile(r"[\"']?(?:https?://|www\d{0,3}\.)", re.IGNORECASE)
_scheme_somewhere = re.compile(r"https?://|www\d{0,3}\.", re.IGNORECASE)


class PresidioRecognizer:
    """Personal data by Presidio's own recognisers, skipping those that cannot match, by the words
    that introduce it, by what the house defines, and by taggers.

    Scores are Presidio's, context words included (``context.py``), but for
    ``international_phone_score``. Never touches the network. Raises OptionError when a configured
    spaCy model is not installed, and for kinds that do not exist.
    """

    Options = PresidioOptions

    def __init__(
        self, options: PresidioOptions | None = None, taggers: Sequence[Tagger] = ()
    ) -> None:
        self._options = options = options or PresidioOptions()
        # Presidio's error lines quote the text that could not be validated.
        logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)
        extra_kinds = selected(options.extra_kinds)
        presidio = load(extra_kinds)
        self._settle = presidio.entity_recognizer.remove_duplicates
        self._result = presidio.result
        self._finders: dict[str, list[Finder]] = defaultdict(list)
        own = list(_own(options, presidio.result))
        for finder in chain(detectors(presidio).values(), _introduced(presidio.result), own):
            self._finders[finder.kind].append(finder)
        self._context = {f.id: f.context for fs in self._finders.values() for f in fs}
        self._taggers = (*taggers, *_models(options))
        self.house = frozenset(extra_kinds) | {finder.kind for finder in own}
        self._allow = frozenset(options.allow)
        self._plans: dict[frozenset[str], tuple[Finder, ...]] = {}
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="presidio")

    @property
    def supported(self) -> frozenset[str]:
        """The kinds with a written form, those of the house, and those of the taggers."""
        return frozenset(self._finders).union(*(tagger.supported for tagger in self._taggers))

    async def recognize(
        self, text: str, kinds: frozenset[str], language: str = "en", scope: str = ""
    ) -> Sequence[Entity]:
        """The entities of these kinds, in order, none overlapping another.

        Raises ValueError for a kind that is not supported, and for one that a tagger finds when
        there is none of this language. Other kinds are written alike in every language.
        """
        plan = self._plans.get(kinds)
        if plan is None:
            plan = self._plan(kinds)
        taggers = self._taggers_of(kinds, language) if self._taggers else ()
        tagged: Sequence[Entity] = ()
        for tagger in taggers:
            found = await tagger.tag(text, kinds & tagger.supported, scope)
            tagged = [*tagged, *(entity for entity in found if entity.kind in kinds)]
        facts = Facts(text)
        if len(text) <= INLINE and facts.cost() <= INLINE_MS:
            return self._find(facts, plan, tagged)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._find, facts, plan, tagged)

    def close(self) -> None:
        """End the worker threads. Called once, at shutdown."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _plan(self, kinds: frozenset[str]) -> tuple[Finder, ...]:
        supported = self.supported
        for kind in sorted(kinds - supported):
            raise ValueError(f"no recogniser for {kind!r}{did_you_mean(kind, sorted(supported))}")
        plan = tuple(finder for kind in sorted(kinds) for finder in self._finders.get(kind, ()))
        self._plans[kinds] = plan
        return plan

    def _taggers_of(self, kinds: frozenset[str], language: str) -> tuple[Tagger, ...]:
        concerned = [tagger for tagger in self._taggers if tagger.supported & kinds]
        able = tuple(t for t in concerned if not t.languages or language in t.languages)
        if concerned and not able:
            kind = min(kinds.intersection(*(t.supported for t in concerned[:1])))
            known = sorted(frozenset().union(*(t.languages for t in concerned)))
            raise ValueError(
                f"{kind} needs a model of language {language!r}; there are models of "
                f"{', '.join(known)}: add one under 'languages' of the recogniser"
            )
        return able

    def _find(
        self,
        facts: Facts,
        plan: tuple[Finder, ...],
        tagged: Sequence[Entity] = (),
    ) -> list[Entity]:
        text = facts.text
        results: list[Any] = []
        for finder in plan:
            if finder.kind == "URL" and not self._url_possible(text):
                continue
            results += finder.find(facts)
        if tagged:
            phoned = any(entity.kind == "PHONE_NUMBER" for entity in tagged)
            proven = self._checked(facts) if phoned else ()
            results += [
                self._result(e.kind, e.start, e.end, e.score, recognition_metadata=_TAGGED)
                for e in credible(text, tagged, results, proven)
            ]
        if not results:
            return []
        raise_scores(text, results, self._context)
        found = self._settled(text, results)
        if self._allow:
            found = [e for e in found if text[e.start : e.end] not in self._allow]
        return found

    def _checked(self, facts: Facts) -> list[Any]:
        """The numbers that a checksum proves, asked for or not."""
        finders = chain.from_iterable(self._finders.get(kind, ()) for kind in CHECKED)
        return [result for finder in finders for result in finder.find(facts)]

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
            elif kind == "US_SSN":
                if _flat(text, max(0, start - 12), start):
                    continue
            elif kind == "US_DRIVER_LICENSE":
                if result.end - start < _SHORTEST_LICENCE:
                    continue
            elif kind == "PHONE_NUMBER":
                if result.end - start < _SHORTEST_PHONE:
                    continue
                if _other_number(text, max(0, start - 32), start):
                    continue
                if text[start] in "+＋":
                    score = max(score, self._options.international_phone_score)
            entities.append(Entity(kind, start, result.end, score))
        return without_overlaps(entities)


def _introduced(result: type[Any]) -> Iterator[Finder]:
    rules = [
        *introduced.RULES,
        *addresses.RULES,
        *numbers.RULES,
        *national_phones.RULES,
        *licences.RULES,
        *written_dates.RULES,
    ]
    for kind in dict.fromkeys(rule.kind for rule in rules):
        yield Introduced(kind, (rule for rule in rules if rule.kind == kind), result)
    for sort in SORTS:
        yield Columns(sort, result)


def _own(options: PresidioOptions, result: type[Any]) -> Iterator[Finder]:
    for number, keys in enumerate(options.custom):
        yield Custom(keys, number, result)
    for kind, words in options.deny.items():
        yield Denied(kind, words, result)


def _models(options: PresidioOptions) -> Iterable[Tagger]:
    if options.spacy_model:
        yield NamedEntities(options.spacy_model, options.language, "spacy_model")
    for language, keys in options.languages.items():
        yield NamedEntities(keys.spacy_model, language, "languages", language, "spacy_model")
