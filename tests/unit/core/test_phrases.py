import pytest

from gateway.core.phrases import PhraseMatcher


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("refund", "A refund, please", ["refund"]),
        ("refund", "REFUND!", ["REFUND"]),
        ("refund", "refunds and prerefund", []),
        ("insider trading", "about Insider   Trading.", ["Insider   Trading"]),
        ("insider trading", "insider-trading", ["insider-trading"]),
        ("insider trading", "trading insider", []),
        ("diagnos*", "The diagnosis and diagnoses", ["diagnosis", "diagnoses"]),
        ("tax evas*", "tax evasion", ["tax evasion"]),
        ("café", "the CAFE is open", ["CAFE"]),
        ("cafe", "the ｃａｆé is open", ["ｃａｆé"]),
        ("退款", "我要退款吗", ["退款"]),
        ("c++", "I like C++ a lot", ["C++"]),
        ("c++", "abc++", []),
        ("запрет", "Это ЗАПРЕТ.", ["ЗАПРЕТ"]),
    ],
)
def test_a_phrase_is_found_as_whole_words(phrase: str, text: str, found: list[str]) -> None:
    hits = PhraseMatcher({"x": [phrase]}).find(text)
    assert [text[hit.start : hit.end] for hit in hits] == found


def test_zero_width_characters_hide_nothing() -> None:
    text = "bad re\u200bfund here"
    (hit,) = PhraseMatcher({"x": ["refund"]}).find(text)
    assert text[hit.start : hit.end] == "re\u200bfund"


def test_a_phrase_without_letters_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\?\?\?"):
        PhraseMatcher({"x": ["???"]})


def test_thousands_of_phrases_cost_no_more_than_one() -> None:
    matcher = PhraseMatcher({"x": [f"word{n} other" for n in range(5_000)]})
    text = "word17 other " * 3
    assert [hit.phrase for hit in matcher.find(text)] == ["word17 other"] * 3


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("insider trading", "about insider ", True),
        ("insider trading", "about Insider.\n", True),
        ("insider trading", "about insiders ", False),
        ("insider trading", "insider trading ", False),
        ("insider trading tips", "insider trading ", True),
        ("tax* evas*", "no taxes. ", True),
        ("insider", "insider ", False),
        ("insider trading", "", False),
    ],
)
def test_a_text_is_open_between_the_words_of_a_phrase(
    phrase: str, text: str, expected: bool
) -> None:
    assert PhraseMatcher({"x": [phrase]}).open(text) is expected
