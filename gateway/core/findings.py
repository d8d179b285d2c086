"""What a guard saw, and what a policy makes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gateway.core.segments import Origin, Segment

if TYPE_CHECKING:
    from gateway.core.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a guard saw in one segment. It never carries the text it matched.

    ``segment`` is the index in the sequence that the guard was given; ``start`` and ``end`` are
    character positions in that segment's text (``0, len(text)`` when the whole text is meant).
    ``score`` is a probability-like number in 0..1. ``reason`` names the pattern, never the match.
    """

    category: str
    score: float
    segment: int
    start: int
    end: int
    reason: str = ""


REACH = 256
"""Characters that a finding may span, for guards that do not say."""
FARTHEST = 4_096
"""Characters that a guard can ask to see again at most."""


class Guard(Protocol):
    """A detector: texts in, findings out. It knows no rule and no consequence, and of thresholds
    at most the lowest (``SparingGuard``).

    Each segment of an answer is judged by itself: its findings must not depend on which other
    segments stand in the same call (answers are judged window by window). A guard may raise; the
    policy evaluation turns that into the rule's ``on_error``. Guards contain no try/except.

    An answer is judged window by window, each with some of the text before it. A guard whose
    findings can span more than ``REACH`` characters, or that needs none of what came before, says
    so in an attribute ``reach``; one whose findings can span the end of a sentence is a
    ``PrefixGuard`` or a ``RunGuard`` too. Numbers and codes that are written in groups need
    neither: no window ends inside them.

    A guard whose findings depend on a segment's text and origin alone, and that costs more than a
    few microseconds, says ``pure = True``: what it saw in an unchanged text of a conversation is
    then remembered for the tenant, and not asked again.
    """

    name: str
    inline: bool
    """True for quick pure computation, awaited in place; False gets a task of its own."""

    async def check(self, segments: Sequence[Segment], ex: "Exchange") -> Sequence[Finding]:
        """Findings over all segments, in any order."""
        ...


@runtime_checkable
class PrefixGuard(Protocol):
    """A guard whose findings can span several sentences of an answer that is still arriving."""

    def pending(self, text: str) -> bool:
        """Whether ``text`` ends inside something that more text would make a finding of."""
        ...


GoesOn = Callable[[str, str], bool]
"""Whether a finding may go on from the end of a text to the character behind it. Given are the last
``TAIL`` characters of the text."""
TAIL = 64


@runtime_checkable
class RunGuard(Protocol):
    """A guard whose findings are runs of words that the request holds, where a run may begin with
    any of them."""

    def goes_on(self, ex: "Exchange") -> GoesOn | None:
        """What tells it for the answer to ``ex``; None when there is nothing to find."""
        ...


@runtime_checkable
class SparingGuard(Protocol):
    """A guard that can leave out work on texts of which it knows early that no rule will count what
    it might find."""

    def spare_below(self, least: Mapping[Origin, float]) -> None:
        """Told before the first check: the lowest score that any of its rules counts, by origin;
        origins that no rule looks at are not in it. Findings below may be left out from then on,
        what is said of all others must stay the same."""
        ...


def reach_of(guard: Guard) -> int:
    """How many characters before a window the guard must see, to find what ends in it."""
    return min(FARTHEST, getattr(guard, "reach", REACH))


class Then(StrEnum):
    """The consequence a rule asks for, mildest first."""

    FLAG = "flag"
    TOKENIZE = "tokenize"
    """Replaced by a placeholder, which is restored for the caller."""
    MASK = "mask"
    DROP = "drop"
    REGENERATE = "regenerate"
    """The model is asked once more; a block where that is not possible, or did not help."""
    ABSTAIN = "abstain"
    BLOCK = "block"


class Mode(StrEnum):
    """``shadow`` decides and records, and never acts."""

    ENFORCE = "enforce"
    SHADOW = "shadow"
    OFF = "off"


class OnError(StrEnum):
    """What a rule does when its guard fails or runs out of time."""

    BLOCK = "block"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Decision:
    """What one rule said about one batch of segments. Kept for the audit whenever it saw something.

    ``findings`` are those at or above the rule's threshold. ``error`` is the class name of what the
    guard raised, or None.
    """

    layer: str
    rule: str
    guard: str
    then: Then
    mode: Mode
    findings: tuple[Finding, ...] = ()
    error: str | None = None
    error_allowed: bool = False
    pointers: tuple[str, ...] = ()

    @property
    def triggered(self) -> bool:
        """Whether the rule's condition was met, be it by a finding or by a failure that counts."""
        return bool(self.findings) or (self.error is not None and not self.error_allowed)

    @property
    def acts(self) -> bool:
        """Whether the consequence is carried out."""
        return self.triggered and self.mode is Mode.ENFORCE
