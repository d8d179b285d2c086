"""The answer says what the retrieved passages do not bear out."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field, field_validator

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.knowledge import Chunk
from gateway.core.options import Options
from gateway.core.segments import Segment
from gateway.encoder.support_text import is_closed
from gateway.guards.faithfulness_judge import ModelJudge
from gateway.guards.grounding import REACH, Claim, answers_in, claims_in, source_of
from gateway.ports.chat_model import ChatModel
from gateway.ports.support import Judgement, Support

_UNSUPPORTED = "faithfulness.unsupported"
_CONTRADICTED = "faithfulness.contradicted"
_LEAST = 0.05
"""Scores below it are not reported at all."""


class JudgeOptions(Options):
    model: str
    """Who judges, as ``provider/model``, of the providers in ``gateway.yaml``."""
    budget_tokens: int = Field(default=20_000, ge=500)
    """Tokens that judging one exchange may take, estimated; the judge fails when it would take
    more."""
    timeout: float = Field(default=10.0, gt=0, le=120)
    """Seconds for one question to the judge. The rule's own ``timeout`` must be longer."""

    @field_validator("model")
    @classmethod
    def _names_both(cls, model: str) -> str:
        provider, _, name = model.partition("/")
        if not provider or not name:
            raise ValueError(f"{model!r} is not provider/model, such as openai/gpt-5-mini")
        return model


class FaithfulnessOptions(Options):
    scorer: Literal["model", "lexical"] = "model"
    """``model`` compares words and reads each sentence beside its evidence with the small network;
    ``lexical`` compares words, numbers and names alone."""
    without_chunks: Literal["allow", "flag"] = "allow"
    """What claims are when nothing was retrieved, as on a route for small talk: none of this
    guard's business, or unsupported with a score of 1."""
    judge: JudgeOptions | None = None
    """A model to judge in the scorer's place, for a price and a delay."""


class FaithfulnessGuard:
    """Sentences of the answer that the retrieved passages do not bear out, or say otherwise.

    The score is how likely a sentence is not borne out. Greetings, questions, lead-ins and
    sentences that say nothing is known need no support. One sentence is judged at a time, so a
    stream is judged as it comes.
    """

    name = "faithfulness"
    inline = False
    reach = REACH
    Options = FaithfulnessOptions

    def __init__(
        self,
        options: FaithfulnessOptions,
        *,
        support: Support,
        lexical_support: Support,
        models: Mapping[str, ChatModel] | None = None,
    ) -> None:
        """Raises ValueError for a judge of a provider that is not among ``models``."""
        self._support = support if options.scorer == "model" else lexical_support
        self._without = options.without_chunks
        self._judge = _judge(options.judge, models)

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """At most one finding per sentence, over the sentence. Raises ValueError and UpstreamError
        for a judge that does not give a verdict."""
        claims = [claim for at in answers_in(segments) for claim in claims_in(*at)]
        if not claims:
            return []
        if not ex.chunks:
            if self._without == "allow":
                return []
            return [_finding(claim, _UNSUPPORTED, 1.0, "no passages") for claim in claims]
        judgements = await self._judged([claim.text for claim in claims], ex, ex.chunks)
        return [
            _finding(
                claim,
                _CONTRADICTED if seen.contradicted else _UNSUPPORTED,
                round(1.0 - seen.score, 4),
                _reason(seen, ex.chunks),
            )
            for claim, seen in zip(claims, judgements, strict=True)
            if 1.0 - seen.score >= _LEAST
        ]

    def pending(self, text: str) -> bool:
        """Whether the text ends inside a sentence."""
        return not is_closed(text)

    async def _judged(
        self, sentences: Sequence[str], ex: Exchange, chunks: Sequence[Chunk]
    ) -> Sequence[Judgement]:
        if self._judge is not None:
            return await self._judge.judge(sentences, chunks, ex)
        source = await source_of(ex, chunks, self._support)
        return await source.judge(sentences)


def _judge(
    options: JudgeOptions | None, models: Mapping[str, ChatModel] | None
) -> ModelJudge | None:
    if options is None:
        return None
    provider, _, model = options.model.partition("/")
    if models is None or provider not in models:
        known = ", ".join(sorted(models or ())) or "none"
        raise ValueError(
            f"judge.model: no provider in use is named {provider!r}; there are: {known}"
        )
    return ModelJudge(
        models[provider], model, budget=options.budget_tokens, timeout=options.timeout
    )


def _finding(claim: Claim, category: str, score: float, reason: str) -> Finding:
    return Finding(category, score, claim.segment, claim.start, claim.end, reason)


def _reason(seen: Judgement, chunks: Sequence[Chunk]) -> str:
    if seen.chunk is None or seen.chunk >= len(chunks):
        return "no passage speaks of it"
    says = "says otherwise" if seen.contradicted else "is nearest"
    return f"passage [{seen.chunk + 1}] {chunks[seen.chunk].id} {says}"
