"""Edits on texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.redact import Edit, apply


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], "abcdef"),
        ([Edit(0, 1, 3, "_")], "a_def"),
        ([Edit(0, 4, 6, "Y"), Edit(0, 0, 2, "X")], "XcdY"),
        ([Edit(0, 1, 4, "X"), Edit(0, 3, 5, "Y")], "aXf"),
        ([Edit(0, 1, 3, "X"), Edit(0, 1, 5, "Y")], "aYf"),
        ([Edit(0, 1, 2, "X"), Edit(0, 2, 3, "Y")], "aXYdef"),
    ],
)
def test_edits_are_made_and_overlaps_become_one(edits: list[Edit], expected: str) -> None:
    assert apply("abcdef", edits) == expected


@pytest.mark.parametrize("edit", [Edit(0, -1, 2, ""), Edit(0, 0, 7, ""), Edit(0, 3, 2, "")])
def test_an_edit_that_does_not_fit_is_an_error_not_the_original_text(edit: Edit) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        apply("abcdef", [edit])


@given(
    st.text(min_size=1, max_size=50),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8),
)
def test_no_edited_character_survives(text: str, spans: list[tuple[int, int]]) -> None:
    fitting = [(min(s, e), max(s, e)) for s, e in spans if max(s, e) <= len(text)]
    kept = [c for i, c in enumerate(text) if not any(s <= i < e for s, e in fitting)]
    assert apply(text, [Edit(0, s, e, "") for s, e in fitting]) == "".join(kept)


def issue(category: str, value: str) -> str:
    return f"<{category}:{value}>"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([Edit(0, 1, 3, None, "A")], "a<A:bc>def"),
        ([Edit(0, 1, 3, None, "A"), Edit(0, 2, 5, None, "B")], "a<A:bcde>f"),
        ([Edit(0, 1, 3, None, "A"), Edit(0, 2, 5, "***", "B")], "a***f"),
        ([Edit(0, 1, 3, "***", "A"), Edit(0, 2, 5, None, "B")], "a***f"),
        ([Edit(0, 2, 2, None, "A")], "abcdef"),
    ],
)
def test_a_placeholder_stands_for_all_that_it_covers_and_a_mask_wins(
    edits: list[Edit], expected: str
) -> None:
    assert apply("abcdef", edits, issue) == expected


def test_a_placeholder_that_nobody_can_issue_is_an_error() -> None:
    with pytest.raises(ValueError, match="placeholders"):
        apply("abcdef", [Edit(0, 1, 3, None, "A")])
