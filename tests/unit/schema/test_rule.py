import pytest

from gateway.core.rules import Layer
from gateway.core.segments import Origin
from gateway.schema.rule import ORIGINS, RuleKeys, WhenKeys

SMALLEST = {"id": "a", "guard": "word", "then": "flag"}


def test_every_layer_knows_its_origins() -> None:
    assert set(ORIGINS) == set(Layer)
    assert set().union(*ORIGINS.values()) == set(Origin)


def test_a_rule_blocks_when_its_guard_fails_unless_it_says_otherwise() -> None:
    assert RuleKeys.model_validate(SMALLEST).on_error == "block"


def test_a_rule_without_when_applies_to_all() -> None:
    assert RuleKeys.model_validate(SMALLEST).when == WhenKeys()


@pytest.mark.parametrize("threshold", [0, 1, 0.5, {"user": 0.1}, {"default": 1}])
def test_a_threshold_is_a_number_or_one_per_origin(threshold: object) -> None:
    read = RuleKeys.model_validate({**SMALLEST, "threshold": threshold})
    assert read.threshold == threshold
