"""Policy test files: texts, and what a policy must make of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gateway.core.options import Options
from gateway.core.rules import Layer
from gateway.core.segments import Origin
from gateway.schema.loader import TEST_SUFFIX, load
from gateway.schema.problems import ConfigError
from gateway.schema.reader import Reader, Spot
from gateway.schema.units import Names

VerdictWord = Literal[
    "blocked", "abstained", "regenerated", "dropped", "rewritten", "flagged", "passed"
]

DEFAULT_ORIGIN = {
    Layer.INPUT: Origin.USER,
    Layer.CONTEXT: Origin.RETRIEVED,
    Layer.PROMPT: Origin.USER,
    Layer.OUTPUT: Origin.MODEL,
    Layer.FINAL: Origin.MODEL,
}


class Expect(Options):
    """What must come out."""

    verdict: VerdictWord
    """`flagged` also stands for what a shadow rule saw."""
    rule: str | None = None
    """The id of a rule that must have decided so."""
    text: str | None = None
    """The text afterwards; of several texts, the changed ones, one a line."""
    dropped: list[int] | None = None
    """The chunks that must be left out, counted from 0."""


class Case(Options):
    """One test of a policy."""

    name: str
    """What must hold."""
    layer: Layer
    """The layer whose rules are run."""
    origin: Origin | None = None
    """Whom the text comes from; by default `user`, in context `retrieved`, in output `model`."""
    text: str | None = None
    """The text to judge."""
    repeat: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    """How often the text stands in a row, for cases about long texts."""
    messages: list[dict[str, Any]] | None = None
    """The chat messages of the request. Judged in input and prompt unless there is a `text`."""
    chunks: list[str] | None = None
    """Retrieved chunks, each judged by itself (context only)."""
    roles: Names = frozenset()
    """The roles of the caller."""
    tenant: str = "default"
    """The tenant of the caller."""
    model: str = "assistant"
    """The model that is asked for."""
    route: str | None = None
    """The route the request took."""
    expect: Expect
    """What must come out."""

    @model_validator(mode="after")
    def _has_one_kind_of_text(self) -> "Case":
        answers = self.layer in (Layer.OUTPUT, Layer.FINAL)
        if self.chunks is not None and (self.layer is not Layer.CONTEXT or self.text is not None):
            raise ValueError("chunks are for the layer context, instead of a text")
        if self.text is None and self.chunks is None and (answers or self.messages is None):
            raise ValueError("a case needs a text" if answers else "a case needs text or messages")
        return self


class CaseFile(Options):
    """A policy test file."""

    version: Literal[1] = 1
    """The version of this format."""
    policy: str | None = None
    """The policy under test; by default the one this file is named after."""
    cases: Annotated[list[Case], Field(min_length=1)]
    """The tests."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one file, each with the line it begins on."""

    file: str
    path: Path
    policy: str
    cases: tuple[tuple[Case, int], ...]


def load_suite(path: Path) -> Suite:
    """Read a policy test file; ``${...}`` in it is text like any other. Raises ConfigError."""
    document = load(path, placeholders=False)
    reader = Reader()
    read = reader.read(CaseFile, Spot(document, ()), document.data)
    seen: dict[str, int] = {}
    for index, case in enumerate(read.cases if read else ()):
        at = Spot(document, ("cases", index, "name"))
        if case.name in seen:
            reader.report(at.problem("two cases have this name", f"line {seen[case.name]}"))
        seen[case.name] = document.place(at.path)[0]
    reader.finish()
    assert read is not None  # noqa: S101 - a file without problems was read
    lines = (document.place(("cases", index))[0] for index in range(len(read.cases)))
    name = read.policy or path.name.removesuffix(TEST_SUFFIX)
    return Suite(document.file, path, name, tuple(zip(read.cases, lines, strict=True)))


def suite_files(paths: list[Path]) -> list[Path]:
    """The test files among these paths and in these folders. Raises ConfigError when a path is
    neither; a folder may hold none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.glob(f"*{TEST_SUFFIX}"))
        elif path.name.endswith(TEST_SUFFIX):
            found.append(path)
        elif (beside := path.with_name(path.stem + TEST_SUFFIX)).is_file():
            found.append(beside)
        else:
            problem = load(path).problem((), "is no policy test", f"name it *{TEST_SUFFIX}")
            raise ConfigError([problem])
    return list(dict.fromkeys(found))
