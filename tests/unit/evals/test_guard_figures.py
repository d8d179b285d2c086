"""Figures of a guard over families."""

from gateway.core.segments import Origin
from gateway.evals.guard_figures import SMALLEST, TOGETHER, figures_of
from gateway.evals.guard_run import Scored
from gateway.evals.guard_words import cautions
from gateway.evals.samples import Sample


def scored(score: float, attack: bool, family: str, language: str | None = None) -> Scored:
    sample = Sample("t", attack, family, None, language, f"f:{score}")
    return Scored(sample, Origin.USER, score, "seen" if score else "", 0.5, 1.0)


def some(scores: list[float], attack: bool, family: str) -> list[Scored]:
    return [scored(score, attack, family) for score in scores]


def test_worst_family_asks_for_more_than_all_together() -> None:
    calm = some([0.1] * 180, False, "calm")
    heated = some([0.1] * 18 + [0.8, 0.9], False, "heated")
    found = figures_of([*calm, *heated, *some([0.85] * 10, True, "direct")])
    points = {(p.share, p.basis): p for p in found.points}
    assert points[0.05, "worst"].family == "heated"
    assert points[0.05, "worst"].pooled.value == 1.0  # one of twenty may be flagged
    assert points[0.01, "worst"].pooled.value == 0.0
    assert points[0.01, "pooled"].pooled.value == 1.0
    assert [points[0.01, basis].resolved for basis in ("worst", "pooled")] == [False, True]
    assert [(f.name, f.flagged.hits) for f in found.benign_families] == [("heated", 2), ("calm", 0)]


def test_small_families_set_a_threshold_together() -> None:
    few = some([0.9], False, "one") + some([0.1] * (SMALLEST - 1), False, "others")
    found = figures_of([*few, *some([0.5], True, "direct")])
    assert {point.family for point in found.points if point.basis == "worst"} == {TOGETHER}
    assert next(p for p in found.points if p.share == 0.05).pooled.value == 1.0


def test_text_without_a_finding_is_never_flagged() -> None:
    sample = Sample("t", True, "f", None, None, "f:1")
    assert not Scored(sample, Origin.USER, 0.0, "", 0.0, 1.0).flagged


def test_one_sided_data_tells_what_it_can() -> None:
    attacks = figures_of(some([0.9, 0.2], True, "direct"))
    assert (attacks.auroc, attacks.points, attacks.recall.value) == (None, (), 0.5)
    assert any("no benign texts" in said for said in cautions(attacks))
    assert figures_of(some([0.9], False, "calm")).alarms.value == 1.0


def test_languages_are_told_apart_when_there_are_several() -> None:
    rows = [scored(0.9, True, "a", "en"), scored(0.1, True, "a", "de"), scored(0.1, False, "b")]
    found = figures_of(rows)
    assert [(s.name, s.recall.value) for s in found.languages] == [
        ("de", 0.0), ("en", 1.0), ("not told", None),
    ]  # fmt: skip
    assert figures_of(rows[:1]).languages == ()


def test_mistakes_stand_with_the_worst_first() -> None:
    rows = some([0.4, 0.2, 0.9], True, "a") + some([0.6, 0.8, 0.1], False, "b")
    found = figures_of(rows)
    assert [one.score for one in found.missed] == [0.2, 0.4]
    assert [one.score for one in found.overblocked] == [0.8, 0.6]
