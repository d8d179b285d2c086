import pytest

from gateway.testing.recognizers import LiteralRecognizer
from training.examples import PII, Example, Span
from training.pii_report import Report, fitted, measured, table


def example(text: str, *spans: tuple[str, str]) -> Example:
    marked = [Span(text.index(v), text.index(v) + len(v), kind) for v, kind in spans]
    return Example(text, PII, "test", "", tuple(marked), "1")


async def test_spans_are_compared_exactly_and_by_overlap() -> None:
    recognizer = LiteralRecognizer(
        {"Ada": ("PERSON", 0.9), "Rome": ("PERSON", 0.8), "Bo": ("PERSON", 0.3)}
    )
    text = "Ada Lovelace and Bo saw Rome"
    labels = example(text, ("Ada Lovelace", "PERSON"), ("Bo", "PERSON"), ("Rome", "LOCATION"))
    report = await measured(recognizer, [labels], 0.5)
    exact, overlap = report.exact["PERSON"], report.overlap["PERSON"]
    assert (exact.labels, exact.found, exact.labels_hit, exact.found_right) == (2, 2, 0, 0)
    assert (overlap.labels, overlap.found) == (2, 2)
    assert overlap.precision == pytest.approx(0.5)
    assert overlap.recall == pytest.approx(0.5)
    assert report.overlap["LOCATION"].recall == 0.0
    # Whatever its kind: Rome was found too.
    assert report.overlap["ANY"].recall == pytest.approx(2 / 3)
    assert len(report.milliseconds) == 1


async def test_our_names_of_kinds_are_those_of_the_set() -> None:
    recognizer = LiteralRecognizer({"1 Oak Lane": ("STREET_ADDRESS", 0.9), "x.io": ("URL", 0.9)})
    labels = example("1 Oak Lane x.io", ("1 Oak Lane", "ADDRESS"), ("x.io", "DOMAIN_NAME"))
    report = await measured(recognizer, [labels], 0.5)
    assert report.exact["ADDRESS"].f(1) == report.exact["DOMAIN_NAME"].f(2) == 1.0


def test_parts_that_only_marks_part_are_one_by_overlap() -> None:
    report = Report()
    text = "12 Oak Lane, Flat 3"
    parts = [Span(0, 11, "ADDRESS"), Span(13, 19, "ADDRESS")]
    report.add(text, parts, [Span(0, 19, "ADDRESS")])
    assert report.overlap["ADDRESS"].labels == 1
    assert report.exact["ADDRESS"].labels == 2


def test_f2_counts_recall_more() -> None:
    report = Report()
    report.add("a b", [Span(0, 1, "X"), Span(2, 3, "X")], [Span(0, 1, "X")])
    counts = report.exact["X"]
    assert counts.f(2) < counts.f(1) < counts.precision


def test_a_table_has_a_line_for_each_kind_and_for_all() -> None:
    report = Report()
    report.add("a", [Span(0, 1, "IP_ADDRESS")], [])
    lines = table("exact", report.exact)
    assert "| IP_ADDRESS | 1 | 0 | 1.000 | 0.000 | 0.000 | 0.000 |" in lines
    assert "| all | 1 |" in lines


def test_scores_that_promise_too_much_are_lowered() -> None:
    sure = fitted([(0.95, True)] * 300 + [(0.95, False)] * 300 + [(0.6, False)] * 300)
    assert sure["bias"] < 0.0
    honest = fitted([(0.9, True)] * 900 + [(0.9, False)] * 100)
    assert honest["slope"] == pytest.approx(1.0, abs=0.1)
