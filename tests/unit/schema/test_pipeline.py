from pathlib import Path

import pytest

from gateway.core.exchange import Exchange
from gateway.core.options import Options
from gateway.core.registry import Registry
from gateway.core.stage import Phase, Stage
from gateway.schema.loader import parse
from gateway.schema.pipeline import PipelineSpec, read_pipeline
from gateway.schema.problems import Problem
from gateway.schema.reader import Reader


class CountOptions(Options):
    count: int = 1
    """How often."""


class CountStage:
    """Counts."""

    name = "count"
    phase = Phase.REQUEST

    def __init__(self, options: CountOptions) -> None:
        self.options = options

    async def run(self, ex: Exchange) -> None: ...

    async def close(self, ex: Exchange, error: BaseException | None) -> None: ...


def read(text: str) -> tuple[PipelineSpec | None, list[Problem]]:
    stages: Registry[Stage] = Registry("stage")
    stages.add("count", CountStage, CountOptions)
    reader = Reader()
    return read_pipeline(parse(text, Path("/p/chat.yaml")), stages, reader), reader.problems


def test_stages_keep_their_order_options_and_place() -> None:
    spec, problems = read(
        "version: 1\nstages:\n  - use: count\n  - {use: count, with: {count: 3}}\n"
    )
    assert problems == []
    assert spec is not None
    assert spec.name == "chat"
    assert [stage.options.model_dump()["count"] for stage in spec.stages] == [1, 3]
    assert spec.stages[1].problem("wrong").line == 4


@pytest.mark.parametrize(
    ("stage", "at", "message", "hint"),
    [
        ("{use: cuont}", "cuont", "no stage 'cuont'", "did you mean 'count'?"),
        ("{use: count, with: {cuont: 1}}", "cuont", "unknown key 'cuont'", "did you mean 'count'"),
        ("{use: count, with: {count: x}}", "x", "'count' must be a whole number", ""),
        ("{use: count, wiht: {count: 1}}", "wiht", "unknown key 'wiht'", "did you mean 'with'"),
        ("{with: {count: 1}}", "{with", "the key 'use' is missing", ""),
        ("count", "count", "must be a mapping", ""),
    ],
)
def test_a_mistake_in_a_stage_is_shown_at_its_place(
    stage: str, at: str, message: str, hint: str
) -> None:
    text = f"version: 1\nstages:\n  - {stage}\n"
    spec, problems = read(text)
    assert spec is None
    assert [(p.line, p.column) for p in problems] == [(3, text.splitlines()[2].rindex(at) + 1)]
    assert message in problems[0].message
    assert hint in problems[0].hint


def test_a_pipeline_without_stages_is_refused() -> None:
    assert "at least one stage" in read("version: 1\nstages: []\n")[1][0].message
    assert "'stages' is missing" in read("version: 1\n")[1][0].message
