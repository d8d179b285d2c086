"""Questions that have nothing to do with what an application is for."""

from collections.abc import Sequence

from pydantic import Field, field_validator

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.segments import Origin, Segment
from gateway.encoder.detector_models import DetectorModels
from gateway.encoder.similarity import Examples
from gateway.ports.encoder import Encoder, Encoding

CATEGORY = "out_of_scope"
_SHORT = 60
"""Characters below which a question is read with the message before it: "and in winter?"."""
_FEWEST = 3


class OutOfScopeOptions(Options):
    in_scope: tuple[str, ...] = Field(min_length=_FEWEST)
    """Sentences as users may well say them, best ten or more that differ."""
    small_talk: bool = True
    """Whether greetings and thanks are in scope too."""

    @field_validator("in_scope")
    @classmethod
    def _each_says_something(cls, in_scope: tuple[str, ...]) -> tuple[str, ...]:
        if not all(sentence.strip() for sentence in in_scope):
            raise ValueError("an empty sentence is an example of nothing; remove it")
        return in_scope


class OutOfScopeGuard:
    """Questions that come near none of the example sentences of what an application is for.

    Judges the user's last message alone; a short one is given the benefit of the message before.
    """

    name = "out_of_scope"
    inline = False
    Options = OutOfScopeOptions

    def __init__(
        self, options: OutOfScopeOptions, *, encoder: Encoder, detector_models: DetectorModels
    ) -> None:
        self._encoder = encoder
        self._models = detector_models
        self._examples = Examples(encoder, {CATEGORY: options.in_scope}, detector_models.similarity)
        self._chitchat = encoder.heads.index("chitchat") if options.small_talk else None

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding for the user's last message, if there is one: the probability that it is
        about something else."""
        theirs = [i for i, s in enumerate(segments) if s.origin is Origin.USER and s.text.strip()]
        if not theirs:
            return []
        scope = ex.principal.tenant if ex.principal is not None else ""
        last = theirs[-1]
        text = segments[last].text
        within = await self._within(text, scope)
        if len(text) < _SHORT and len(theirs) > 1 and within < 0.5:
            before = segments[theirs[-2]].text
            within = max(within, await self._within(f"{before}\n{text}", scope))
        score = round(1.0 - within, 4)
        return [Finding(CATEGORY, score, last, 0, len(text))] if score > 0.0 else []

    async def _within(self, text: str, scope: str) -> float:
        """The probability that a text is in scope."""
        await self._examples.ready()
        encoding = await self._encoder.encode(text, scope)
        near = self._examples.near(encoding)[CATEGORY].probability
        return max(near, self._small_talk(encoding))

    def _small_talk(self, encoding: Encoding) -> float:
        if self._chitchat is None or len(encoding.windows) > 1:
            return 0.0
        logit = float(encoding.windows[0].logits[self._chitchat])
        return self._models.probability("chitchat", logit)
