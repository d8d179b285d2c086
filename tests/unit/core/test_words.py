"""Words, stems and the overlap rule."""

import pytest

from gateway.core.words import STOP_WORDS, content_words, enough_overlap, stem, stems


@pytest.mark.parametrize(
    "family",
    [
        ("refund", "refunds", "refunded", "refunding", "refundable"),
        ("ship", "ships", "shipped", "shipping", "shipment"),
        ("deliver", "delivers", "delivered", "delivery", "deliveries"),
        ("escalate", "escalates", "escalated", "escalation"),
        ("grant", "granted", "granting"),
        ("pay", "pays", "payment", "payments"),
        ("policy", "policies"),
    ],
)
def test_inflections_share_a_stem(family: tuple[str, ...]) -> None:
    assert len({stem(word) for word in family}) == 1, {word: stem(word) for word in family}


@pytest.mark.parametrize("pair", [("user", "use"), ("business", "busy"), ("1998", "1999")])
def test_stems_never_become_empty(pair: tuple[str, str]) -> None:
    assert all(len(stem(word)) >= 2 for word in pair)


def test_content_words_drop_stop_words_accents_and_possessives() -> None:
    assert content_words("What is this year's Café-budget, and WHY?") == ["year", "cafe", "budget"]


@pytest.mark.parametrize("text", ["", '" OR *', "the of and", "\x00\ud800"])
def test_text_without_words_has_none(text: str) -> None:
    assert content_words(text) == []


def test_content_words_stop_at_the_limit() -> None:
    assert content_words("alpha beta gamma delta", 2) == ["alpha", "beta"]


def test_stop_words_are_lower_case_and_single() -> None:
    assert all(word.islower() and word.isalpha() for word in STOP_WORDS)


def test_stems_are_distinct() -> None:
    assert stems("refund refunds refunded") == ["refund"]


@pytest.mark.parametrize(
    ("asked", "matched", "enough"),
    [
        ("a", "a", True),
        ("a", "", False),
        ("ab", "a", False),
        ("ab", "ab", True),
        ("abcde", "ab", True),
        ("abcdef", "ab", False),
        ("abcdefgh", "abc", True),
        ("abcdefghijkl", "ab", False),
        ("abcdefghijkl", "abc", True),
        ("", "", False),
    ],
)
def test_overlap_rule(asked: str, matched: str, enough: bool) -> None:
    assert enough_overlap(dict.fromkeys(asked, 1.0), set(matched), 0.4) is enough


def test_placeholders_are_no_words() -> None:
    text = "Did <EMAIL_ADDRESS_k3f9m2> or [PHONE_NUMBER] ask about refunds?"
    assert content_words(text) == ["ask", "refunds"]
