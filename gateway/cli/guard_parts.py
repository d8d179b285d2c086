"""The parts that guards ask for, made when they are first asked for: no store is opened."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gateway.app.inject import MissingPart, construct
from gateway.core.clock import SystemClock
from gateway.core.exchange import Exchange
from gateway.core.findings import Finding, Guard
from gateway.core.pipeline import PhaseOrderError, Pipeline
from gateway.core.registry import Entry
from gateway.core.stage import Phase
from gateway.policy.compile import MakeGuard
from gateway.schema.pipeline import PipelineSpec
from gateway.schema.problems import Problem
from gateway.schema.recognizer import RecognizerKeys


def _recognizer(encoder: Any, keys: RecognizerKeys | None) -> Any:
    from gateway.app.detectors import recognizer_on

    return recognizer_on(encoder, keys)


def _scanner() -> Any:
    from gateway.adapters.detect_secrets.scanner import DetectSecretsScanner

    return DetectSecretsScanner()


def _encoder(model: Path | None) -> Any:
    from gateway.encoder.encoder import OnnxEncoder
    from gateway.encoder.model_file import SHIPPED

    return OnnxEncoder(model or SHIPPED)


def _detector_models(encoder: Any) -> Any:
    from gateway.encoder.detector_models import DetectorModels

    return DetectorModels.load(encoder.files)


def _classifier(encoder: Any, models: Any) -> Any:
    from gateway.app.detectors import classifier_on

    return classifier_on(encoder, models)


def _support() -> Any:
    from gateway.encoder.support import SupportScorer

    return SupportScorer()


def _lexical_support() -> Any:
    from gateway.encoder.support import LexicalSupport

    return LexicalSupport()


class GuardParts(Mapping[str, Any]):
    """Parts by name. Heavy libraries are imported only for the guards that need them."""

    def __init__(self, recognizer: RecognizerKeys | None = None, model: Path | None = None) -> None:
        """``model`` is the folder of the encoder's model, if it is not the one that ships."""
        self._makers: dict[str, Callable[[], Any]] = {
            "clock": SystemClock,
            "recognizer": lambda: _recognizer(self["encoder"], recognizer),
            "secret_scanner": _scanner,
            "classifier": lambda: _classifier(self["encoder"], self["detector_models"]),
            "encoder": lambda: _encoder(model),
            "detector_models": lambda: _detector_models(self["encoder"]),
            "support": _support,
            "lexical_support": _lexical_support,
        }
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class UnbuiltGuard:
    """Stands where a guard was not built because nothing is going to be judged."""

    name = "unbuilt"
    inline = True

    async def check(self, segments: object, ex: Exchange) -> list[Finding]:
        """Raises RuntimeError: a policy with such a guard must not judge anything."""
        raise RuntimeError("this guard was not built")


def make_with(parts: Mapping[str, Any]) -> MakeGuard:
    """A factory of guards that work."""

    def make(entry: Entry[Guard], options: BaseModel) -> Guard:
        guard: Guard = construct(entry.factory, options, parts)
        return guard

    return make


def make_light(entry: Entry[Guard], options: BaseModel) -> Guard:
    """Builds guards that need nothing but their options, so that these are checked."""
    try:
        guard: Guard = construct(entry.factory, options, {"clock": SystemClock()})
    except MissingPart:
        return UnbuiltGuard()
    return guard


class DryStage:
    """A stage's name, phase and place, without its parts."""

    def __init__(self, name: str, phase: Phase, like: object) -> None:
        """``like`` is the stage, or its class where it cannot be built."""
        self.name = name
        self.phase = phase
        nowhere: frozenset[str] = frozenset()
        self.stands_after: frozenset[str] = getattr(like, "stands_after", nowhere)
        self.stands_before: frozenset[str] = getattr(like, "stands_before", nowhere)

    async def run(self, ex: Exchange) -> None:
        """Raises RuntimeError: it is there to be looked at."""
        raise RuntimeError("this stage was not built")

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Nothing is held."""


def dry_stages(spec: PipelineSpec) -> tuple[list[DryStage], list[Problem]]:
    """The stages of a pipeline by name and phase, and what is wrong with them or their order."""
    made: list[DryStage] = []
    problems: list[Problem] = []
    for step in spec.stages:
        built: Any = step.entry.factory
        try:
            built = construct(step.entry.factory, step.options, {})
        except MissingPart:
            pass
        except ValueError as error:
            problems.append(step.problem(f"the stage {step.entry.name!r} cannot be built: {error}"))
        made.append(DryStage(getattr(built, "name", step.entry.name), built.phase, built))
    try:
        Pipeline(spec.name, made)
    except PhaseOrderError as error:
        problems.append(spec.stages[error.index].problem(str(error), error.hint))
    return made, problems
