"""Attempts to make the model follow somebody else's orders, whatever they are disguised as."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.segments import Origin, Segment
from gateway.core.views import Viewer
from gateway.encoder.channels import DOCUMENT, USER, Seen
from gateway.encoder.detector_models import DetectorModels
from gateway.encoder.memory import TextMemory
from gateway.guards.injection_ensemble import Ensemble
from gateway.guards.injection_rules import Evidence, RuleDetector, load_rules
from gateway.guards.injection_signs import combined, shifted, strongest
from gateway.guards.readings import Reading, disguised_readings, plain_reading, richest
from gateway.ports.encoder import Encoder

_PIECE = 8_000
"""Characters read in one go; a regular expression keeps the interpreter to itself meanwhile."""
_OVERLAP = 600
_LONG = 8_000
"""Characters from which a text is read in a thread of its own: some 10 ms of work."""
_TOGETHER = 4
"""Messages that an attack may be spread over."""
_SPREAD = 1_200
"""Characters of these messages together; what is longer says enough by itself."""
_SURE = 0.5
"""A message that scores so much needs no others to be one."""
_LEAST = 0.01
"""Scores below it are not reported at all."""
_REMEMBERED = 8_192
"""Texts whose verdict is kept: the history of a conversation comes again with every turn."""
_CHANNEL: Mapping[Origin, str] = {Origin.TOOL: DOCUMENT, Origin.RETRIEVED: DOCUMENT}
"""Whose orders count: those of a user do, a document has none to give."""


class InjectionOptions(Options):
    disable: tuple[str, ...] = ()
    """Rules (``jailbreak.dan``) or categories (``injection.jailbreak``) to leave out."""
    detectors: tuple[Literal["rules", "ngrams", "encoder"], ...] = Field(
        default=("rules", "ngrams", "encoder"), min_length=1
    )
    """What reads the texts: ``rules`` (wordings), ``ngrams`` and ``encoder`` (learned). Those whose
    model is not installed are left out."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of one text before the encoder was asked."""

    signs: Sequence[Evidence]
    readings: Sequence[Reading]
    wordings: Sequence[Seen | None]
    """What the n-grams say of each reading."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    category: str
    score: float
    start: int
    end: int
    reason: str


_NOTHING = _Verdict("", 0.0, 0, 0, "")


class InjectionGuard:
    """Prompt injection and jailbreak attempts, also when they are encoded or disguised."""

    name = "injection"
    inline = True
    Options = InjectionOptions

    def __init__(
        self,
        options: InjectionOptions,
        *,
        encoder: Encoder | None = None,
        detector_models: DetectorModels | None = None,
    ) -> None:
        """Works on rules alone without the other two. Raises ValueError for an unknown rule, and
        when the models have nothing that combines the detectors asked for."""
        self._viewer = Viewer()
        asked = set(options.detectors)
        rules = RuleDetector(load_rules(), options.disable)
        self._rules = rules if "rules" in asked else None
        self._ensemble = Ensemble.of(asked, encoder, detector_models)
        self._reads = self._ensemble.reads
        self.inline = not self._ensemble.waits
        self._known: TextMemory[_Verdict] = TextMemory(_REMEMBERED, lambda verdict: 1)
        self._least: Mapping[Origin, float] = {}

    def spare_below(self, least: Mapping[Origin, float]) -> None:
        """From now on the encoder is not asked about a text that could not reach these scores with
        all that it might say. What reaches them is reported as before."""
        self._least = {origin: min(score, _SURE) for origin, score in least.items()}

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """At most one finding per segment: the category of its strongest sign, the combined score,
        and where the sign stands. What users wrote is read together too: an attack that is spread
        over their last messages is a finding of the last one.

        Raises RuntimeError when none of the detectors asked for is installed.
        """
        scope = ex.principal.tenant if ex.principal is not None else ""
        judging = [self._judged(segment.text, segment.origin, scope) for segment in segments]
        if self._ensemble.waits and len(judging) > 1:
            verdicts = await asyncio.gather(*judging)
        else:
            verdicts = [await one for one in judging]
        findings = [
            _finding(index, verdict)
            for index, verdict in enumerate(verdicts)
            if verdict is not None
        ]
        spread = await self._spread(segments, verdicts, scope)
        return findings if spread is None else [*findings, spread]

    def judge(self, text: str, origin: Origin) -> Sequence[Evidence]:
        """The rules' signs of an attack that together weigh most, by where they start."""
        return self._look(text, origin).signs

    async def _judged(self, text: str, origin: Origin, scope: str) -> _Verdict | None:
        """The verdict on one text, remembered among those of ``scope``, so that how long an answer
        takes tells nobody what others sent."""
        key = self._known.key(f"{origin.value} {scope}", text)
        verdict = self._known.get(key)
        if verdict is None:
            verdict = await self._read(text, origin, scope)
            self._known.put(key, verdict)
        return None if verdict is _NOTHING else verdict

    async def _read(self, text: str, origin: Origin, scope: str) -> _Verdict:
        if len(text) > _LONG:
            look = await asyncio.to_thread(self._look, text, origin)
        else:
            look = self._look(text, origin)
        if not self._reads:
            return _by_rules(look.signs) if look.signs else _NOTHING
        channel = _CHANNEL.get(origin, USER)
        rules = combined(look.signs) if look.signs else 0.0
        least = self._least.get(origin, 0.0)
        best = await self._ensemble.judge(
            channel, rules, look.readings, look.wordings, scope, least
        )
        if best is None or best.score < _LEAST:
            return _NOTHING
        if not look.signs:
            category = f"injection.{channel}"
            return _Verdict(category, best.score, best.start, best.end, ", ".join(best.detectors))
        known = _by_rules(look.signs)
        reason = ", ".join((known.reason, *best.detectors))
        return _Verdict(known.category, best.score, known.start, known.end, reason)

    def _look(self, text: str, origin: Origin) -> _Look:
        signs: list[Evidence] = []
        readings: list[Reading] = []
        step = _PIECE if len(text) > _PIECE + _OVERLAP else len(text) + 1
        for start in range(0, len(text), step):
            views = self._viewer.views(text[start : start + step + _OVERLAP])
            if self._rules is not None:
                for view in views:
                    signs += (shifted(sign, start) for sign in self._rules.inspect(view, origin))
            if self._reads:
                readings += disguised_readings(views, start)
        if not self._reads or not text.strip():
            return _Look(strongest(signs), (), ())
        readings = [plain_reading(self._viewer, text), *richest(readings)]
        channel = _CHANNEL.get(origin, USER)
        wordings = [self._ensemble.wording(channel, reading.text) for reading in readings]
        return _Look(strongest(signs), readings, wordings)

    async def _spread(
        self, segments: Sequence[Segment], verdicts: Sequence[_Verdict | None], scope: str
    ) -> Finding | None:
        """What the last messages of the user say together, when none of them says it alone."""
        theirs = [i for i, s in enumerate(segments) if s.origin is Origin.USER and s.text.strip()]
        theirs = theirs[-_TOGETHER:]
        while sum(len(segments[index].text) for index in theirs) > _SPREAD:
            del theirs[0]
        if len(theirs) < 2:
            return None
        alone = max((v.score for i in theirs if (v := verdicts[i]) is not None), default=0.0)
        if alone >= _SURE:
            return None
        text = "\n".join(segments[index].text for index in theirs)
        together = await self._judged(text, Origin.USER, scope)
        if together is None or together.score <= alone:
            return None
        last = theirs[-1]
        reason = f"{together.reason}; spread over {len(theirs)} messages"
        end = len(segments[last].text)
        return Finding(together.category, together.score, last, 0, end, reason)


def _by_rules(signs: Sequence[Evidence]) -> _Verdict:
    heaviest = max(signs, key=lambda e: e.weight)
    named = sorted({f"{e.rule} ({e.view})" if e.view != "plain" else e.rule for e in signs})
    start, end = min(e.start for e in signs), max(e.end for e in signs)
    return _Verdict(heaviest.category, combined(signs), start, end, ", ".join(named[:8]))


def _finding(index: int, seen: _Verdict) -> Finding:
    return Finding(seen.category, seen.score, index, seen.start, seen.end, seen.reason)
