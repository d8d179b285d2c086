"""The things that live as long as the process: stores, providers, recognisers."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from gateway.adapters.detect_secrets.scanner import DetectSecretsScanner
from gateway.adapters.embedded.store import EmbeddedKnowledge, EmbeddedOptions
from gateway.adapters.memory.counters import MemoryCounterStore
from gateway.adapters.memory.exact_cache import MemoryExactCache
from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.adapters.sqlite.audit import SqliteAuditStore
from gateway.adapters.sqlite.feedback import SqliteFeedbackStore
from gateway.adapters.sqlite.keys import SqliteKeyStore
from gateway.adapters.sqlite.pepper import load_pepper, load_placeholder_secret
from gateway.app.detectors import classifier_on, recognizer_on
from gateway.app.inject import construct
from gateway.core.clock import Clock, SystemClock
from gateway.core.keys import KeyHasher
from gateway.core.options import OptionError
from gateway.core.placeholders import PlaceholderSecret
from gateway.encoder.classifier import EncodedClassifier
from gateway.encoder.detector_models import DetectorModels
from gateway.encoder.encoder import OnnxEncoder
from gateway.encoder.model_file import SHIPPED
from gateway.encoder.support import LexicalSupport, SupportScorer
from gateway.ports.chat_model import ChatModel
from gateway.schema.problems import ConfigError
from gateway.schema.site import Site

log = logging.getLogger(__name__)

_MOST_THREADS = 4
"""Of the encoder, where nobody says how many."""


@dataclass(slots=True)
class Parts:
    """What stages and guards may ask for by name. Made once; a reload keeps it."""

    clock: Clock
    keys: SqliteKeyStore
    key_hasher: KeyHasher
    placeholders: PlaceholderSecret
    counters: MemoryCounterStore
    exact_cache: MemoryExactCache
    audit_store: SqliteAuditStore
    feedback_store: SqliteFeedbackStore
    recognizer: PresidioRecognizer
    secret_scanner: DetectSecretsScanner
    classifier: EncodedClassifier
    knowledge: EmbeddedKnowledge
    encoder: OnnxEncoder
    detector_models: DetectorModels
    support: SupportScorer
    lexical_support: LexicalSupport
    models: Mapping[str, ChatModel]

    def by_name(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def checks(self) -> dict[str, Callable[[], str | None]]:
        """What ``/readyz`` asks of the parts that every request needs."""
        return {
            "audit": lambda: None if self.audit_store.healthy else "records wait in the spool",
            "keys": lambda: None if self.keys.healthy else "the key file cannot be read",
            "encoder": lambda: None if self.encoder.healthy else "no thread reads texts any more",
        }

    async def aclose(self) -> None:
        """Give everything back; one that fails does not keep the others from closing."""
        closing = [model.aclose() for model in self.models.values()]
        closing += [self.knowledge.aclose(), self.audit_store.aclose()]
        closing += [self.feedback_store.aclose(), self.exact_cache.aclose()]
        closing.append(asyncio.to_thread(self.encoder.close))
        self.support.close()
        self.lexical_support.close()
        self.recognizer.close()
        self.keys.close()
        for result in await asyncio.gather(*closing, return_exceptions=True):
            if isinstance(result, BaseException):
                log.error("a part failed to close: %r", result)


def make_parts(site: Site) -> Parts:
    """Open the stores and make the providers. Raises ConfigError for options that cannot work."""
    stores = site.config.stores
    clock = SystemClock()
    try:
        stores.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        hasher = KeyHasher(load_pepper(stores.var / "pepper"))
        secret = PlaceholderSecret(load_placeholder_secret(stores.var / "placeholder-secret"))
        keys = SqliteKeyStore(stores.file(stores.keys.path))
    except (OSError, ValueError, SQLAlchemyError) as error:
        problem = site.document.problem(("stores",), f"the stores cannot be opened: {error}")
        raise ConfigError([problem]) from error
    encoder = _encoder(site)
    detector_models = _detector_models(site, encoder)
    return Parts(
        clock=clock,
        keys=keys,
        key_hasher=hasher,
        placeholders=secret,
        counters=MemoryCounterStore(clock),
        exact_cache=MemoryExactCache(clock),
        audit_store=SqliteAuditStore(stores.file(stores.audit.path)),
        feedback_store=SqliteFeedbackStore(stores.file(stores.audit.path)),
        recognizer=_recognizer(site, encoder),
        secret_scanner=DetectSecretsScanner(),
        classifier=classifier_on(encoder, detector_models),
        knowledge=EmbeddedKnowledge(EmbeddedOptions(path=stores.file(stores.knowledge.path))),
        encoder=encoder,
        detector_models=detector_models,
        support=SupportScorer(),
        lexical_support=LexicalSupport(),
        models=_providers(site, clock),
    )


def _encoder(site: Site) -> OnnxEncoder:
    keys = site.config.encoder
    threads = keys.threads or max(1, min(_MOST_THREADS, _cores() - 1))
    return OnnxEncoder(keys.model or SHIPPED, threads=threads, memory_bytes=keys.memory)


def _cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _detector_models(site: Site, encoder: OnnxEncoder) -> DetectorModels:
    try:
        return DetectorModels.load(encoder.files)
    except ValueError as error:
        raise ConfigError([site.document.problem(("encoder",), str(error))]) from error


def _recognizer(site: Site, encoder: OnnxEncoder) -> PresidioRecognizer:
    try:
        return recognizer_on(encoder, site.config.recognizer)
    except OptionError as error:
        at = ("recognizer", *error.at)
        raise ConfigError([site.document.problem(at, str(error))]) from error


def _providers(site: Site, clock: Clock) -> dict[str, ChatModel]:
    made: dict[str, ChatModel] = {}
    problems = []
    for name, spec in site.providers.items():
        try:
            made[name] = construct(spec.entry.factory, spec.options, {"clock": clock})
        except ValueError as error:
            problems.append(spec.spot.problem(str(error), key=True))
    if problems:
        raise ConfigError(problems)
    return made
