from math import inf

import pytest

from gateway.encoder.calibration import Combiner, Platt, combiner_for, evidence, sigmoid


@pytest.mark.parametrize(
    ("logit", "probability"), [(0.0, 0.5), (2.0, 0.8808), (-900.0, 0.0), (900.0, 1.0)]
)
def test_sigmoid(logit: float, probability: float) -> None:
    assert sigmoid(logit) == pytest.approx(probability, abs=1e-4)


def test_independent_signs_add_up_as_evidence() -> None:
    both = 1.0 - (1.0 - 0.6) * (1.0 - 0.7)
    assert evidence(both) == pytest.approx(evidence(0.6) + evidence(0.7))
    assert evidence(0.0) == 0.0
    assert evidence(1.0) == pytest.approx(6.9, abs=0.1)


def test_platt_scales_one_logit() -> None:
    assert Platt().probability(0.0) == 0.5
    assert Platt(2.0, 1.0).probability(0.5) == pytest.approx(sigmoid(2.0))


def test_a_combiner_weighs_what_it_names() -> None:
    combiner = Combiner.of({"bias": -1.0, "weights": {"rules": 1.0, "encoder": 0.5}})
    assert combiner.probability({"rules": 1.0, "encoder": 4.0, "ngrams": 99.0}) == pytest.approx(
        sigmoid(2.0)
    )
    assert combiner.probability({"rules": 0.0, "encoder": 900.0}) == pytest.approx(sigmoid(5.0))
    with pytest.raises(KeyError):
        combiner.probability({"rules": 1.0})


def test_what_the_rules_are_sure_of_is_not_outvoted() -> None:
    stored = {"bias": -7.0, "weights": {"rules": 1.0, "encoder": 1.0}, "sure": evidence(0.85)}
    against = {"encoder": -12.0}
    combiner = Combiner.of(stored)
    assert combiner.probability({"rules": evidence(0.9), **against}) == pytest.approx(0.9)
    assert combiner.probability({"rules": evidence(0.8), **against}) < 0.001
    assert combiner.probability({"rules": evidence(0.9), "encoder": 12.0}) > 0.99
    without = Combiner.of({name: stored[name] for name in ("bias", "weights")})
    assert without.probability({"rules": evidence(0.99), **against}) < 0.001


def test_a_score_counts_for_no_more_than_is_stored() -> None:
    stored = {"bias": 0.0, "weights": {"ngrams": 1.0, "encoder": 1.0}, "most": {"encoder": 5.0}}
    combiner = Combiner.of(stored)
    assert combiner.probability({"ngrams": -4.0, "encoder": inf}) == pytest.approx(sigmoid(1.0))
    assert combiner.probability({"ngrams": -4.0, "encoder": 4.0}) == 0.5
    assert combiner.probability({"ngrams": inf, "encoder": -inf}) == 0.5


def test_the_combiner_of_exactly_these_scores_is_chosen() -> None:
    two = Combiner(0.0, {"rules": 1.0, "ngrams": 1.0})
    three = Combiner(0.0, {"rules": 1.0, "ngrams": 1.0, "encoder": 1.0})
    assert combiner_for([three, two], {"ngrams", "rules"}) is two
    assert combiner_for([three, two], {"encoder"}) is None


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"bias": 1.0},
        {"bias": "x", "weights": {}},
        {"bias": 0, "weights": [1]},
        {"bias": 0, "weights": {}, "most": 5.0},
    ],
)
def test_what_is_no_combiner_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no combiner"):
        Combiner.of(stored)
