"""What the dialects of our own endpoints have in common."""

import pytest

from gateway.core.errors import BadRequest
from gateway.core.segments import Json
from gateway.wire.local import LocalDialect, one_of, only, text_or_none


def test_a_misspelt_field_is_refused_with_a_hint() -> None:
    only({"policy": 1}, ["policy", "layer"])
    with pytest.raises(BadRequest, match="did you mean 'policy'"):
        only({"polcy": 1}, ["policy", "layer"])


@pytest.mark.parametrize("value", [3, "", "abcd", [], True])
def test_texts_have_a_length(value: object) -> None:
    with pytest.raises(BadRequest) as caught:
        text_or_none({"name": value}, "name", 3)
    assert caught.value.param == "name"


@pytest.mark.parametrize(
    ("body", "text"), [({}, None), ({"name": None}, None), ({"name": "a"}, "a")]
)
def test_texts_may_be_left_out(body: Json, text: str | None) -> None:
    assert text_or_none(body, "name", 3) == text


@pytest.mark.parametrize("value", ["c", 1, [], {}])
def test_a_choice_is_one_of_those_there_are(value: object) -> None:
    one_of({"name": "a"}, "name", ["a", "b"])
    one_of({}, "name", ["a", "b"])
    with pytest.raises(BadRequest, match="one of a, b"):
        one_of({"name": value}, "name", ["a", "b"])


def test_there_are_no_texts_for_a_model() -> None:
    dialect = LocalDialect()
    assert dialect.segments({"messages": [{"role": "user", "content": "x"}]}) == []
    assert (dialect.question({}), dialect.model_of({"model": "x"})) == ("", "")
