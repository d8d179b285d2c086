"""What models make of placeholders, and what comes back."""

import time

import pytest

from gateway.core.json_text import quoted
from gateway.core.placeholder_forms import Forms, RestoreBuffer
from gateway.core.placeholders import Placeholder

LIVE = {
    "k3f9m2": Placeholder("EMAIL_ADDRESS", "k3f9m2", "jane@example.com"),
    "b4c5d6": Placeholder("PERSON", "b4c5d6", 'Jane "J" Doe & Co'),
    "b4c5d7f8": Placeholder("PERSON", "b4c5d7f8", "Joe"),
}
FORMS = Forms(LIVE)
MAIL = "jane@example.com"


def in_pieces(text: str, size: int = 1) -> str:
    buffer = RestoreBuffer(FORMS)
    parts = [buffer.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join([*parts, buffer.feed("", final=True)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<EMAIL_ADDRESS_k3f9m2>", MAIL),
        ("a<EMAIL_ADDRESS_k3f9m2>b", f"a{MAIL}b"),
        ("<<EMAIL_ADDRESS_k3f9m2>>", f"<{MAIL}>"),
        ("<EMAIL_ADDRESS_k3f9m2><PERSON_b4c5d7f8>", f"{MAIL}Joe"),
        # case
        ("<email_address_K3F9M2>", MAIL),
        ("<Email_Address_k3f9m2>", MAIL),
        # spacing
        ("< EMAIL_ADDRESS_k3f9m2 >", MAIL),
        ("<EMAIL ADDRESS k3f9m2>", MAIL),
        ("<EMAIL-ADDRESS-k3f9m2>", MAIL),
        ("<EMAIL_ADDRESS _k3f9m2>", MAIL),
        # brackets
        ("<EMAIL_ADDRESS_k3f9m2 and", f"{MAIL} and"),
        ("to EMAIL_ADDRESS_k3f9m2> and", f"to {MAIL} and"),
        ("EMAIL_ADDRESS_k3f9m2, and", f"{MAIL}, and"),
        ("[EMAIL_ADDRESS_k3f9m2]", f"[{MAIL}]"),
        ("a < EMAIL_ADDRESS_k3f9m2 b", f"a < {MAIL} b"),
        ('href="mailto:EMAIL_ADDRESS_k3f9m2">', f'href="mailto:{MAIL}">'),
        ("<a href=mailto:EMAIL_ADDRESS_k3f9m2>", f"<a href=mailto:{MAIL}>"),
        # escapes
        (r"<EMAIL\_ADDRESS\_k3f9m2>", MAIL),
        (r"\<EMAIL\_ADDRESS\_k3f9m2\>", MAIL),
        ("&lt;EMAIL_ADDRESS_k3f9m2&gt;", MAIL),
        ("&lt;PERSON_b4c5d6&gt;", 'Jane "J" Doe &amp; Co'),
        (r"\u003cEMAIL_ADDRESS_k3f9m2\u003E", MAIL),
        ("mailto:%3CEMAIL_ADDRESS_k3f9m2%3e?x", f"mailto:{MAIL}?x"),
        ("%3CPERSON_b4c5d6%3E", "Jane%20%22J%22%20Doe%20%26%20Co"),
        ("**<EMAIL_ADDRESS_k3f9m2>**", f"**{MAIL}**"),
        ("`<EMAIL_ADDRESS_k3f9m2>`", f"`{MAIL}`"),
        (r"\<EMAIL_ADDRESS_k3f9m2>", f"\\{MAIL}"),
    ],
)
def test_a_placeholder_is_restored_in_every_spelling(text: str, expected: str) -> None:
    assert FORMS.restored(text, 0, len(text)) == expected
    assert [in_pieces(text, size) for size in (1, 2, 3, 5)] == [expected] * 4


@pytest.mark.parametrize(
    "text",
    [
        "k3f9m2",
        "the tag k3f9m2 alone",
        "<PERSON_k3f9m2>",
        "<EMAIL_ADDRESS_k3f9m3>",
        "<EMAIL_ADDRESS_k3f9m2b4>",
        "<EMAIL_ADDRESS_k3f9m2x",
        "<EMAIL_ADDRESS_k3f9>",
        "<EMAIL_ADDRESS>",
        "[EMAIL_ADDRESS]",
        "XEMAIL_ADDRESS_k3f9m2",
        "EMAILADDRESS_k3f9m2",
        "<EMAIL__ADDRESS__k3f9m2>",
        "<EMAIL_ADDRESS_k3 f9m2>",
        "<EMAIL_ADDRE",
        "<E",
        "&l",
        "\\",
    ],
)
def test_what_is_not_clearly_a_placeholder_stays(text: str) -> None:
    assert FORMS.restored(text, 0, len(text)) == text
    assert in_pieces(text) == text


def test_what_was_restored_is_not_read_again() -> None:
    forms = Forms({"k3f9m2": Placeholder("PERSON", "k3f9m2", "<PERSON_k3f9m2>")})
    assert forms.restored("<PERSON_k3f9m2>", 0, 15) == "<PERSON_k3f9m2>"


def test_the_value_is_written_as_its_place_asks() -> None:
    assert FORMS.restored('{"a":"<PERSON_b4c5d6>"}', 0, 23, quoted) == (
        '{"a":"Jane \\"J\\" Doe & Co"}'
    )


def test_ordinary_text_is_not_held_at_all() -> None:
    buffer = RestoreBuffer(FORMS)
    assert buffer.feed("Hello there, how are you? ") == "Hello there, how are you? "
    assert buffer.feed("A <b>bold</b> word; 1 < 2.") == "A <b>bold</b> word; 1 < 2."


def test_no_more_is_held_than_the_longest_placeholder() -> None:
    buffer = RestoreBuffer(FORMS)
    text = "\\\\<" * 50 + "EMAIL \\\\_ ADDRESS \\\\_ k3f9" * 20 + "<EMAIL_ADDRESS_" * 50
    for char in text:
        buffer.feed(char)
        assert buffer.held <= FORMS.longest < 80


def test_the_work_is_linear_in_the_text() -> None:
    hostile = ["k3" * 250_000, "<EMAIL_ADDRESS_" * 33_000, "<EMAIL_ADDRESS_k3f9m2> " * 20_000]
    began = time.perf_counter()
    for text in hostile:
        FORMS.restored(text, 0, len(text))
        in_pieces(text, 1_000)
    in_pieces(hostile[2][:100_000])
    assert time.perf_counter() - began < 8.0
