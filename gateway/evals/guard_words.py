"""What terminal and report both say about the figures of a guard."""

from typing import Final

from gateway.evals.guard_figures import GuardFigures
from gateway.evals.metrics import Share
from gateway.evals.page import percent

MOST: Final = 24
"""Families that are shown one by one: the worst; those after them are counted."""


def cautions(figures: GuardFigures) -> list[str]:
    """What the data cannot tell."""
    said = []
    if not figures.attacks:
        said.append("There are no attacks: recall and AUROC are not told.")
    if not figures.benign:
        said.append("There are no benign texts: false positives and AUROC are not told.")
    for basis in ("worst", "pooled"):
        shares = [percent(p.share) for p in figures.points if p.basis == basis and not p.resolved]
        if shares:
            whose = "the family that sets it" if basis == "worst" else "all benign texts together"
            said.append(
                f"Thresholds at {' and '.join(shares)} false positives ({basis}) flag no benign "
                f"text at all: {whose} has too few texts to tell such a share."
            )
    small = [f.name for f in figures.attack_families if f.recall.count < 30]
    small += [f.name for f in figures.benign_families if f.flagged.count < 30]
    if small:
        named = ", ".join(small[:6]) + (" and others" if len(small) > 6 else "")
        said.append(f"Fewer than 30 texts, so look at the intervals: {named}.")
    return said


def others(figures: GuardFigures) -> str:
    """What there is to say of the benign families that are not shown one by one."""
    rest = figures.benign_families[MOST:]
    if not rest:
        return ""
    texts = sum(family.flagged.count for family in rest)
    hits = sum(family.flagged.hits for family in rest)
    return f" {len(rest)} more families have {texts:,} texts, of which {hits} are flagged."


def interval(found: Share) -> str:
    """The 95% interval of a share, as people read it."""
    low, high = found.interval
    return f"{low * 100:.1f}–{high * 100:.1f}" if found.count else ""
