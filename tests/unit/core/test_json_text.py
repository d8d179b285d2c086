"""Pieces of JSON texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.json_text import past_escape, quoted, unquoted


@given(st.text())
def test_what_is_quoted_reads_the_same_again(text: str) -> None:
    assert unquoted(quoted(text)) == text


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [("ab", 1, 1), (r"\nab", 1, 2), (r"\\nab", 2, 2), (r"\\\nab", 3, 4), ("ab", 0, 0)],
)
def test_the_letter_of_an_escape_belongs_to_the_escape(text: str, at: int, expected: int) -> None:
    assert past_escape(text, at) == expected
