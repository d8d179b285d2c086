"""What ships asks its encoder about few ordinary prompts, and says the same of every prompt as if
it had asked about all."""

import json
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.app.build import make_runtime, read_site
from gateway.app.parts import Parts, make_parts
from gateway.core.findings import Finding, Guard
from gateway.core.rules import Layer
from gateway.core.segments import Origin, Segment
from gateway.guards.injection import InjectionGuard, InjectionOptions
from gateway.schema.site import Site
from gateway.testing.exchanges import make_exchange
from gateway.testing.site import SiteFolder

ROOT = Path(__file__).parents[2]
PROMPTS = ROOT / "tests/data/injection/user-b.jsonl"


class CountingEncoder:
    """Lists what an encoder was asked about."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    async def encode(self, text: str, scope: str = "") -> Any:
        self.asked.append(text)
        return await self._encoder.encode(text, scope)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[tuple[Site, Parts]]:
    """A gateway whose only policy is ``baseline``."""
    folder = SiteFolder(tmp_path)
    folder.pipeline([{"use": "guard", "with": {"layer": "input"}}, {"use": "generate"}])
    shutil.copy(ROOT / "policies/baseline.yaml", tmp_path / "policies/default.yaml")
    folder.write(upstream="http://127.0.0.1:9/v1", models=["m"])
    site = read_site(folder.config)
    parts = make_parts(site)
    yield site, parts
    await parts.aclose()


async def seen(guard: Guard, text: str) -> Sequence[Finding]:
    return await guard.check([Segment(text, Origin.USER)], make_exchange())


async def test_the_encoder_reads_few_ordinary_prompts_and_no_verdict_depends_on_it(
    gateway: tuple[Site, Parts],
) -> None:
    site, parts = gateway
    counting = CountingEncoder(parts.encoder)
    runtime = make_runtime(site, replace(parts, encoder=counting))  # type: ignore[arg-type]
    rules = {rule.id: rule for rule in runtime.policies["default"].rules(Layer.INPUT)}
    rule = rules["injection"]
    thorough = InjectionGuard(
        InjectionOptions(), encoder=parts.encoder, detector_models=parts.detector_models
    )
    prompts = [json.loads(line) for line in PROMPTS.read_text().splitlines()]
    for prompt in prompts:
        spared = await seen(rule.guard, prompt["text"])
        whole = await seen(thorough, prompt["text"])
        least = rule.threshold_for(Origin.USER)
        assert [f for f in spared if f.score >= least] == [f for f in whole if f.score >= least]
    ordinary = {prompt["text"] for prompt in prompts if prompt["family"] == "ordinary"}
    assert len(ordinary & set(counting.asked)) < 0.2 * len(ordinary)
