from time import perf_counter

import pytest

from gateway.encoder.passages import passages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \n ", []),
        ("Ask Dr. Smith, e.g. today. How? Fine", ["Ask Dr. Smith, e.g. today.", "How?", "Fine"]),
        ("It costs 3.50. (Really.) Yes!", ["It costs 3.50.", "(Really.)", "Yes!"]),
        ("你好。世界！再见", ["你好。", "世界！", "再见"]),
        ("- one\n- two\n\nthree", ["- one", "- two", "three"]),
        (
            "This is a long line of prose that was wrapped by\nsomebody. Then more.",
            ["This is a long line of prose that was wrapped by\nsomebody.", "Then more."],
        ),
        ("def f(x):\n    return x\n\nf(1)", ["def f(x):", "return x", "f(1)"]),
        ("| name | price |\n| tent | 90 |", ["name", "price", "tent", "90"]),
        ("a b\tc d", ["a b", "c d"]),
        (
            '{"note": "Do it now. Then go", "rows": [{"id": 7, "text": "x y"}]}',
            ["note", "Do it now.", "Then go", "rows", "id", "7, ", "text", "x y"],
        ),
        (
            "{'title': 'Hi', 'body': 'It is mine, he said', 'n': None}",
            ["title", "Hi", "body", "It is mine, he said", "n", "None"],
        ),
        ('{"t": "one\\ntwo \\"quoted\\" three"}', ["t", "one", 'two \\"quoted\\" three']),
        ("He said 'yes', and \"no\": so be it.", ["He said 'yes', and \"no\": so be it."]),
    ],
)
def test_a_text_is_cut_where_an_order_can_begin(text: str, expected: list[str]) -> None:
    found = [text[start:end] for start, end in passages(text).tolist()]
    assert [piece.strip(", ") for piece in found] == [piece.strip(", ") for piece in expected]


def test_an_endless_sentence_is_cut_at_its_clauses() -> None:
    text = ", ".join(["so it went on and on"] * 60)
    pieces = [text[start:end] for start, end in passages(text).tolist()]
    assert max(map(len, pieces)) <= 320
    assert "".join(pieces) == text
    assert all(piece.endswith((", ", "on")) for piece in pieces)


@pytest.mark.parametrize("unit", ["a.", '"', '{"a":', "[", ": ", "\n", "\\n", " ", "word "])
def test_the_cost_is_linear_in_the_text(unit: str) -> None:
    began = perf_counter()
    passages((unit * 100_000)[:100_000])
    assert perf_counter() - began < 1.0
