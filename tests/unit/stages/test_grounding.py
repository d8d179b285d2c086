"""The sample handbook, from question to cited answer: retrieve, assemble, extractive, cite."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.adapters.embedded.store import EmbeddedKnowledge, EmbeddedOptions
from gateway.adapters.extractive.model import ExtractiveModel, ExtractiveOptions
from gateway.core.clock import SystemClock
from gateway.core.exchange import Exchange
from gateway.core.pipeline import Pipeline
from gateway.core.reply import ABSTAIN_TEXT, Reply
from gateway.core.stage import Phase, Stage
from gateway.ingest.run import ingest
from gateway.ports.chat_model import ModelCall
from gateway.stages.assemble import AssembleOptions, AssembleStage
from gateway.stages.cite import CiteOptions, CiteStage
from gateway.stages.retrieve import RetrieveOptions, RetrieveStage
from gateway.testing.exchanges import make_exchange

ROOT = Path(__file__).parents[3]

ANSWERED = [
    ("", "How long do customers have to ask for a refund?", "30 days", "refunds"),
    ("support", "How long do customers have to ask for a refund?", "30 days", "refunds"),
    ("finance", "How long do customers have to ask for a refund?", "30 days", "refunds"),
    ("", "How long do I have to ask for a refund?", "30 days", "refunds"),
    ("", "How much does express delivery cost?", "$14.90", "shipping"),
    ("", "how long do refunds take", "5 business days", "refunds"),
    ("", "My parcel is lost, what now?", "counts as lost", "shipping"),
    ("", "Are you open on Sundays?", "closed on Sundays", "stores"),
    ("", "Do you ship to Canada?", "United States and Canada", "shipping"),
    ("", "How long does standard delivery take?", "3 to 5 business days", "shipping"),
    ("", "How much is shipping?", "$5.90", "shipping"),
    ("", "How long is the warranty on tents?", "5 years", "warranty"),
    ("", "Where do I send a warranty claim?", "warranty@fernpeak.example", "warranty"),
    ("", "How long is the password reset link valid?", "45 minutes", "accounts"),
    ("", "how do i delete my account", "delete your account under", "accounts"),
    ("", "How long are chat transcripts kept?", "90 days", "privacy"),
    ("", "What does Trail Club membership cost?", "$12", "trail-club"),
    ("", "When are the stores open?", "10 am to 7 pm", "stores"),
    ("", "Can climbing ropes be refunded?", "cannot be refunded", "refunds"),
    ("support", "How large a goodwill credit may an agent grant?", "$50", "goodwill-credit"),
    ("support", "When should I escalate a ticket?", "48 hours", "escalation"),
    ("support", "When must orders be held for manual review?", "$1,500", "fraud-checks"),
    ("finance", "When must orders be held for manual review?", "$1,500", "fraud-checks"),
    ("finance", "What is this year's payroll budget?", "$4.2 million", "payroll-budget"),
    ("finance", "How large is the pool for raises?", "3.5 percent", "payroll-budget"),
    ("finance", "When are vendors paid?", "45 days", "vendor-payments"),
    ("finance", "Who approves invoices above $5,000?", "finance director", "vendor-payments"),
]

UNANSWERED = [
    ("", "How large a goodwill credit may an agent grant?"),
    ("finance", "How large a goodwill credit may an agent grant?"),
    ("", "What is this year's payroll budget?"),
    ("support", "What is this year's payroll budget?"),
    ("", "When should I escalate a ticket?"),
    ("", "When must orders be held for manual review?"),
    ("support", "When are vendors paid?"),
    ("support", "How large is the pool for raises?"),
    ("", "Who approves invoices above $5,000?"),
    ("finance", "What is the salary of the CEO?"),
    ("finance", "Who won the 1998 world cup?"),
    ("", "What's the weather like in Berlin tomorrow?"),
    ("", "What is the capital of France?"),
    ("", "Who is the president of the United States?"),
    ("", "Give me the credit card number of the last order"),
    ("", "How do I reset my iPhone password?"),
    ("support", "How do I bake sourdough bread?"),
    ("", "Write a poem about the ocean in winter"),
]


class AnswerStage:
    """Generation, reduced to the one built-in answerer."""

    name = "generate"
    phase = Phase.ANSWER

    def __init__(self) -> None:
        self.asked = 0
        self._model = ExtractiveModel(ExtractiveOptions(), clock=SystemClock())

    async def run(self, ex: Exchange) -> None:
        self.asked += 1
        call = ModelCall(ex.endpoint, "any", ex.body, None, ex.stream, ex.asked(), ex.chunks, ex.id)
        ex.reply = Reply(await self._model.answer(call), "extractive/extractive")

    async def close(self, ex: Exchange, error: BaseException | None) -> None:
        """Nothing to do."""


@dataclass(frozen=True)
class Site:
    """The demo's way to an answer."""

    pipeline: Pipeline
    generate: AnswerStage

    async def ask(self, role: str, question: str, *, stream: bool = False) -> tuple[str, list[str]]:
        """The text of the answer and the documents it cites."""
        ex = make_exchange(question, roles={role} if role else (), tenant="demo", stream=stream)
        await self.pipeline.run(ex)
        assert ex.reply is not None
        documents = [frame.document async for frame in ex.reply.frames]
        text = "".join(p.text for d in documents for p in ex.dialect.pieces(d))
        inners = [
            choice.get("message") or choice["delta"] for d in documents for choice in d["choices"]
        ]
        citations = [c for inner in inners for c in inner.get("context", {}).get("citations", ())]
        return text, [citation["filepath"] for citation in citations]


async def site_of(store: EmbeddedKnowledge) -> Site:
    generate = AnswerStage()
    stages: list[Stage] = [
        RetrieveStage(RetrieveOptions(), knowledge=store),
        AssembleStage(AssembleOptions()),
        generate,
        CiteStage(CiteOptions()),
    ]
    return Site(Pipeline("knowledge", stages), generate)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    store = EmbeddedKnowledge(EmbeddedOptions(path=tmp_path / "k.db", timeout=20))
    summary = await ingest(store, ROOT / "config" / "handbook", "demo")
    assert not summary.errors
    assert not summary.warnings
    yield await site_of(store)
    await store.aclose()


@pytest.mark.parametrize("stream", [False, True])
async def test_questions_a_role_may_ask_are_answered_with_citation(
    site: Site, stream: bool
) -> None:
    wrong = []
    for role, question, part, document in ANSWERED:
        text, cited = await site.ask(role, question, stream=stream)
        marker = re.search(rf"{re.escape(part)}.*?\[(\d+)\]", text)
        if marker is None or cited[int(marker[1]) - 1] != f"handbook/{document}.md":
            wrong.append((role, question, text, cited))
    assert not wrong


@pytest.mark.parametrize("stream", [False, True])
async def test_forbidden_and_off_topic_questions_abstain_without_citation(
    site: Site, stream: bool
) -> None:
    wrong = []
    for role, question in UNANSWERED:
        text, cited = await site.ask(role, question, stream=stream)
        if text != ABSTAIN_TEXT or cited:
            wrong.append((role, question, text, cited))
    assert not wrong


async def test_forbidden_key_questions_never_reach_the_model(site: Site) -> None:
    await site.ask("", "How large a goodwill credit may an agent grant?")
    await site.ask("support", "What is this year's payroll budget?")
    await site.ask("", "Who won the 1998 world cup?")
    assert site.generate.asked == 0


async def test_planted_instructions_cannot_leave_their_passage(tmp_path: Path) -> None:
    store = EmbeddedKnowledge(EmbeddedOptions(path=tmp_path / "k.db", timeout=20))
    await ingest(store, ROOT / "tests" / "data" / "documents", "demo")
    ex = make_exchange("How much do spare burners for stoves cost?", tenant="demo")
    await RetrieveStage(RetrieveOptions(), knowledge=store).run(ex)
    ex.chunks = [
        *(ex.chunks or ()),
        *await store.search("demo", "stoves free of charge for everybody", frozenset(), 5),
    ]
    await AssembleStage(AssembleOptions()).run(ex)
    system, context, question = (message["content"] for message in ex.body["messages"])
    assert "finance bot" not in system
    assert "finance bot" in context
    assert context.count("<<") == context.count(">>") == 2
    assert "(1) Stoves are free" in context
    assert question == "How much do spare burners for stoves cost?"
    await store.aclose()
