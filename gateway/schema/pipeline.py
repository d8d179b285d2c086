"""Pipeline files: the ordered stages of one kind of request."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field

from gateway.core.options import Options
from gateway.core.registry import Entry, Registry
from gateway.core.stage import Stage
from gateway.schema.loader import Document
from gateway.schema.problems import Problem, suggestion
from gateway.schema.reader import Reader, Spot


class StageKeys(Options):
    """One step: which stage, and its options."""

    use: str
    """The stage. `gatehouse show stages` lists them."""
    with_: dict[str, Any] | None = Field(default=None, alias="with")
    """The stage's options."""


class PipelineKeys(Options):
    """A pipeline file."""

    version: Literal[1]
    """The version of this format."""
    description: str = ""
    """What kind of request it is for."""
    stages: list[StageKeys]
    """The steps, in the order in which they run."""


@dataclass(frozen=True, slots=True)
class StageSpec:
    """A stage that was checked: its implementation, its options and its place."""

    entry: Entry[Stage]
    options: BaseModel
    spot: Spot

    def problem(self, message: str, hint: str = "") -> Problem:
        """A problem of this stage, such as a place in the order that cannot work."""
        return self.spot.problem(message, hint)


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """A pipeline that was checked."""

    name: str
    description: str
    stages: tuple[StageSpec, ...]
    path: Path

    @property
    def hash(self) -> str:
        """SHA-256 of the stages and all their options, in hexadecimal."""
        steps = [(s.entry.name, s.options.model_dump(mode="json")) for s in self.stages]
        return hashlib.sha256(orjson.dumps(steps, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_pipeline(
    document: Document, stages: Registry[Stage], reader: Reader
) -> PipelineSpec | None:
    """The pipeline in a document; None when it has problems, which the reader then holds."""
    before = len(reader.problems)
    keys = reader.read(PipelineKeys, Spot(document, ()), document.data)
    if keys is None:
        return None
    made: list[StageSpec] = []
    for index, step in enumerate(keys.stages):
        spot = Spot(document, ("stages", index))
        if step.use not in stages:
            hint = suggestion(step.use, (entry.name for entry in stages))
            reader.report(spot.below("use").problem(f"there is no stage {step.use!r}", hint))
            continue
        entry = stages.get(step.use)
        at = spot.below("with") if step.with_ is not None else spot
        options = reader.read(entry.options, at, step.with_ or {})
        if options is not None:
            made.append(StageSpec(entry, options, spot.below("use")))
    if not keys.stages:
        reader.report(Spot(document, ("stages",)).problem("a pipeline needs at least one stage"))
    if len(reader.problems) > before:
        return None
    return PipelineSpec(document.path.stem, keys.description, tuple(made), document.path)
