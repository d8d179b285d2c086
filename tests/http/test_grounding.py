"""Grounded answers through the whole gateway: judged alike, streamed or not."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.app.build import make_runtime, read_site
from gateway.app.http import make_app
from gateway.app.parts import make_parts
from gateway.app.runtime import Live
from gateway.core.knowledge import Access, Document
from gateway.core.reply import ABSTAIN_TEXT
from gateway.core.segments import Json
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream
from gateway.testing.upstream_scripts import Script
from tests.http.conftest import House

STAGES: list[Json] = [
    {"use": "audit"},
    {"use": "auth"},
    {"use": "retrieve"},
    {"use": "assemble"},
    {"use": "generate", "with": {"retries": 0}},
    {"use": "guard", "with": {"layer": "output"}},
]
PAGE = (
    "The Ashford store gives refunds within 14 days of the purchase. "
    "Shipping costs are not refunded."
)
GOOD = "The Ashford store gives refunds within 14 days of the purchase [1]."
FALSE = (
    "The founder of the company, Rodrigo Vance, climbed Mount Elbrus in 1987 with two llamas [1]."
)
UNCITED = "The Ashford store gives refunds within 14 days of the purchase."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway with one page of knowledge; ungrounded answers are abstained from."""
    folder: Path = tmp_path_factory.mktemp("grounding")
    site = SiteFolder(folder)
    site.pipeline(STAGES)
    site.policy(
        output=[
            {"id": "cited", "guard": "citations", "support": "off", "then": "block"},
            {
                "id": "grounded",
                "guard": "faithfulness",
                "threshold": 0.6,
                "then": "abstain",
            },
        ]
    )
    with asyncio.Runner() as runner:
        upstream = ScriptedUpstream()
        runner.run(upstream.start())
        site.write(upstream=upstream.base_url, models=("m",))
        key = site.key("one")
        read = read_site(site.config)
        parts = make_parts(read)
        page = Document("refunds", "v1", "Refunds", None, None, Access(public=True))
        try:
            runner.run(parts.knowledge.put("default", page, [PAGE]))
            app = make_app(Live(make_runtime(read, parts)), parts)
            yield House(app, upstream, site, key, runner)
        finally:
            runner.run(parts.aclose())
            runner.run(upstream.stop())


def ask(place: House, text: str, *, stream: bool) -> tuple[str, str | None]:
    """What the caller reads, and the finish reason."""
    deltas = [text[at : at + 7] for at in range(0, len(text), 7)]
    place.upstream.script("m", Script(text=text, deltas=deltas))
    messages = [{"role": "user", "content": "How long does the Ashford store give refunds?"}]
    answer = place.chat({"model": "m", "messages": messages, "stream": stream})
    assert answer.status == 200, answer.body
    documents: list[Any] = []
    if stream:
        lines = answer.body.decode().splitlines()
        documents = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    else:
        documents = [json.loads(answer.body)]
    said, finish = "", None
    for document in documents:
        for choice in document["choices"]:
            said += (choice.get("delta") or choice.get("message") or {}).get("content") or ""
            finish = choice.get("finish_reason") or finish
    return said, finish


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("text", "said", "finish"),
    [
        (GOOD, GOOD, "stop"),
        (f"Sure! {GOOD}", f"Sure! {GOOD}", "stop"),
        (FALSE, ABSTAIN_TEXT, "stop"),
        (UNCITED, "", "content_filter"),
        (GOOD.replace("[1]", "[4]"), "", "content_filter"),
    ],
)
def test_an_answer_is_judged_alike_streamed_or_not(
    place: House, text: str, said: str, finish: str, stream: bool
) -> None:
    assert ask(place, text, stream=stream) == (said, finish)


@pytest.mark.parametrize("stream", [True, False])
def test_what_comes_after_the_last_good_sentence_is_held(place: House, stream: bool) -> None:
    said, finish = ask(place, f"{GOOD} {FALSE}", stream=stream)
    assert said.strip() == GOOD
    assert finish == "content_filter"
