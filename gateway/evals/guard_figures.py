"""What a run over labelled texts says about a guard: by family, by language, by threshold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.evals.guard_run import Scored
from gateway.evals.metrics import (
    CurvePoint,
    Share,
    auroc,
    average_precision,
    flagged,
    histogram,
    percentile,
    precision_recall,
    roc,
    threshold_at,
    worst_threshold,
)

FALSE_POSITIVES: Final = (0.001, 0.01, 0.05)
"""The shares of benign texts that may be flagged, at which recall is told."""
SMALLEST: Final = 20
"""Benign texts that a family must have to set a threshold by itself; smaller ones do it together,
as ``TOGETHER``."""
TOGETHER: Final = "small families together"
BINS: Final = 40
_PERCENTILES = (0.5, 0.9, 0.95, 0.99)
_MOST_MISTAKES = 25


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold that flags at most ``share`` of benign texts: of every family by itself
    (``worst``, and ``family`` is the one that sets it), or of all together (``pooled``)."""

    share: float
    basis: str
    threshold: float
    family: str
    texts: int
    """Benign texts of that family, or of all."""
    families: Mapping[str, Share]
    """Recall of each attack family."""
    pooled: Share
    """Recall of all attacks together."""
    alarms: Share
    """Benign texts flagged, of all."""

    @property
    def resolved(self) -> bool:
        """Whether there are enough benign texts that this share of them is one at least; else the
        threshold flags none of them."""
        return self.texts * self.share >= 1


@dataclass(frozen=True, slots=True)
class AttackFamily:
    """The texts of one attack family: recall as shipped, and AUROC against all benign ones."""

    name: str
    recall: Share
    auroc: float | None
    lowest: float


@dataclass(frozen=True, slots=True)
class BenignFamily:
    """The texts of one benign family: how many are flagged as shipped, and the highest score."""

    name: str
    flagged: Share
    highest: float


@dataclass(frozen=True, slots=True)
class Slice:
    """The texts of one language or origin."""

    name: str
    recall: Share
    flagged: Share
    auroc: float | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A text that the shipped threshold judges wrong, by its place."""

    place: str
    family: str
    attack: bool
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class GuardFigures:
    """All figures of one run."""

    attacks: int
    benign: int
    recall: Share
    alarms: Share
    auroc: float | None
    average_precision: float | None
    points: tuple[OperatingPoint, ...]
    attack_families: tuple[AttackFamily, ...]
    benign_families: tuple[BenignFamily, ...]
    languages: tuple[Slice, ...]
    origins: tuple[Slice, ...]
    latency: Mapping[str, float]
    roc: tuple[CurvePoint, ...]
    curve: tuple[CurvePoint, ...]
    """Precision over recall."""
    attack_scores: tuple[int, ...]
    benign_scores: tuple[int, ...]
    """Texts by score, in ``BINS`` equal parts of 0..1."""
    missed: tuple[Mistake, ...]
    overblocked: tuple[Mistake, ...]


def figures_of(results: Sequence[Scored]) -> GuardFigures:
    """The figures of these results, in any order of rows."""
    attacks = [result for result in results if result.sample.attack]
    benign = [result for result in results if not result.sample.attack]
    ours, theirs = _scores(attacks), _scores(benign)
    return GuardFigures(
        attacks=len(attacks),
        benign=len(benign),
        recall=_flagged(attacks),
        alarms=_flagged(benign),
        auroc=auroc(ours, theirs),
        average_precision=average_precision(ours, theirs),
        points=tuple(_points(attacks, benign)),
        attack_families=tuple(_attack_families(attacks, theirs)),
        benign_families=tuple(_benign_families(benign)),
        languages=_slices((result.sample.language or "", result) for result in results),
        origins=_slices((result.origin.value, result) for result in results),
        latency=_latency(results),
        roc=tuple(roc(ours, theirs)),
        curve=tuple(precision_recall(ours, theirs)),
        attack_scores=tuple(histogram(ours, BINS)),
        benign_scores=tuple(histogram(theirs, BINS)),
        missed=_mistakes((r for r in attacks if not r.flagged), lowest_first=True),
        overblocked=_mistakes((r for r in benign if r.flagged), lowest_first=False),
    )


def _points(attacks: Sequence[Scored], benign: Sequence[Scored]) -> Iterable[OperatingPoint]:
    if not benign or not attacks:
        return
    families = {name: _scores(rows) for name, rows in _by_family(attacks).items()}
    harmless = _harmless(benign)
    ours, theirs = _scores(attacks), _scores(benign)
    for share in FALSE_POSITIVES:
        worst, family = worst_threshold(harmless, share)
        for basis, threshold, by in (
            ("worst", worst, family),
            ("pooled", threshold_at(theirs, share), ""),
        ):
            yield OperatingPoint(
                share,
                basis,
                threshold,
                by,
                len(harmless[by]) if by else len(theirs),
                {name: flagged(scores, threshold) for name, scores in families.items()},
                flagged(ours, threshold),
                flagged(theirs, threshold),
            )


def _harmless(benign: Sequence[Scored]) -> dict[str, list[float]]:
    """The scores of benign families that are large enough, and of all others together."""
    made: dict[str, list[float]] = {}
    for name, rows in _by_family(benign).items():
        known = made.setdefault(name if len(rows) >= SMALLEST else TOGETHER, [])
        known += _scores(rows)
    return made


def _attack_families(attacks: Sequence[Scored], benign: Sequence[float]) -> Iterable[AttackFamily]:
    for name, rows in _by_family(attacks).items():
        scores = _scores(rows)
        yield AttackFamily(name, _flagged(rows), auroc(scores, benign), min(scores))


def _benign_families(benign: Sequence[Scored]) -> list[BenignFamily]:
    """The most over-blocked first."""
    made = [
        BenignFamily(name, _flagged(rows), max(_scores(rows)))
        for name, rows in _by_family(benign).items()
    ]
    return sorted(made, key=lambda family: (-(family.flagged.value or 0.0), family.name))


def _slices(named: Iterable[tuple[str, Scored]]) -> tuple[Slice, ...]:
    """By name; none when there is only one."""
    groups: dict[str, list[Scored]] = {}
    for name, result in named:
        groups.setdefault(name or "not told", []).append(result)
    if len(groups) < 2:
        return ()
    made = []
    for name in sorted(groups):
        attacks = [result for result in groups[name] if result.sample.attack]
        benign = [result for result in groups[name] if not result.sample.attack]
        area = auroc(_scores(attacks), _scores(benign))
        made.append(Slice(name, _flagged(attacks), _flagged(benign), area))
    return tuple(made)


def _mistakes(wrong: Iterable[Scored], *, lowest_first: bool) -> tuple[Mistake, ...]:
    ordered = sorted(wrong, key=lambda r: (r.score if lowest_first else -r.score, r.sample.place))
    return tuple(
        Mistake(r.sample.place, r.sample.family, r.sample.attack, r.score, r.sample.text)
        for r in ordered[:_MOST_MISTAKES]
    )


def _latency(results: Sequence[Scored]) -> dict[str, float]:
    times = [result.ms for result in results]
    named = {f"p{share * 100:.0f}": percentile(times, share) for share in _PERCENTILES}
    named["max"] = max(times, default=None)
    return {name: value for name, value in named.items() if value is not None}


def _by_family(results: Sequence[Scored]) -> dict[str, list[Scored]]:
    groups: dict[str, list[Scored]] = {}
    for result in results:
        groups.setdefault(result.sample.family, []).append(result)
    return {name: groups[name] for name in sorted(groups)}


def _scores(results: Iterable[Scored]) -> list[float]:
    return [result.score for result in results]


def _flagged(results: Sequence[Scored]) -> Share:
    return Share(sum(result.flagged for result in results), len(results))
