"""What was observed of one behaviour, and how a table says it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The word in the table."""

    HOLDS = "holds"
    FAILS = "FAILS"
    NOT_OFFERED = "not offered"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict with what was seen, in a sentence."""

    verdict: Verdict
    detail: str


def holds(detail: str) -> Outcome:
    """It did what it should."""
    return Outcome(Verdict.HOLDS, detail)


def fails(detail: str) -> Outcome:
    """It did not."""
    return Outcome(Verdict.FAILS, detail)


def settled(observed: Outcome, lack: str | None) -> Outcome:
    """The outcome of a gateway that does not offer a behaviour: what it ships cannot be asked to
    do it. What was seen to hold holds all the same."""
    if lack is None or observed.verdict is Verdict.HOLDS:
        return observed
    return Outcome(Verdict.NOT_OFFERED, f"{lack} Seen: {observed.detail}")
