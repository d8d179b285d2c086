from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.spans import without_overlaps
from gateway.ports.entity_recognizer import Entity


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        ([], ""),
        ([Entity("a", 0, 5, 0.5), Entity("b", 5, 9, 0.5)], "ab"),
        ([Entity("a", 0, 5, 0.5), Entity("b", 4, 9, 0.6)], "b"),
        ([Entity("a", 0, 5, 0.5), Entity("b", 0, 9, 0.5)], "b"),
        ([Entity("a", 0, 9, 0.9), Entity("b", 2, 3, 0.9), Entity("c", 9, 9, 1.0)], "a"),
        ([Entity("c", 8, 9, 0.1), Entity("a", 0, 3, 0.2), Entity("b", 2, 5, 0.1)], "ac"),
    ],
)
def test_of_overlapping_spans_the_higher_score_stays(spans: list[Entity], kept: str) -> None:
    assert "".join(span.kind for span in without_overlaps(spans)) == kept


@given(
    st.lists(
        st.builds(
            Entity,
            st.sampled_from("abc"),
            st.integers(0, 20),
            st.integers(0, 20),
            st.floats(0, 1),
        )
    )
)
def test_what_stays_is_disjoint_and_everything_else_touches_it(spans: list[Entity]) -> None:
    spans = [s for s in spans if s.start < s.end]
    kept = without_overlaps(spans)
    assert all(a.end <= b.start for a, b in pairwise(kept))
    for span in spans:
        assert any(k.start < span.end and span.start < k.end for k in kept)
