import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.presidio.facts import Facts


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="0189ab ١٦４²Ⅷ", max_size=40))
def test_digits_are_what_presidios_engine_calls_digits(text: str) -> None:
    assert Facts(text).digits == len(regex.findall(r"\d", text))


@pytest.mark.parametrize(
    ("cheaper", "dearer"),
    [
        ("a" * 100, "a" * 1_000),
        ("a" * 100, "1" * 100),
        ("a at b", "a@b"),
        ("https//a", "https://a"),
    ],
)
def test_what_recognisers_look_closer_at_is_expected_to_cost_more(
    cheaper: str, dearer: str
) -> None:
    assert Facts(cheaper).cost() < Facts(dearer).cost()
