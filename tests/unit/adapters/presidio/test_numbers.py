from collections.abc import Iterator

import pytest

from gateway.adapters.presidio.numbers import issued
from gateway.adapters.presidio.recognizer import PresidioRecognizer


@pytest.fixture(scope="module")
def presidio() -> Iterator[PresidioRecognizer]:
    recognizer = PresidioRecognizer()
    yield recognizer
    recognizer.close()


async def evident(recognizer: PresidioRecognizer, text: str, kind: str) -> list[str]:
    found = await recognizer.recognize(text, frozenset({kind}))
    return [text[e.start : e.end] for e in found if e.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("please call me on 785 8949", "785 8949"),
        ("Call Maria at 20-32-85-26 tonight", "20-32-85-26"),
        ("Phone: (22) 154-300", "(22) 154-300"),
        ("my number: 97 111421 mobile", "97 111421"),
        ("phone number is 0471 88 34 51", "0471 88 34 51"),
        ("Tel. 089/7263411", "089/7263411"),
        ("Téléphone : 01 42 68 53 00", "01 42 68 53 00"),
        ("Handy 0151 23456789", "0151 23456789"),
        ("3185550132 (office)", "3185550132"),
        ("a 177-892-0730x52646 b", "177-892-0730x52646"),
        ("a (155) 555-0132 b", "(155) 555-0132"),
        ("a 001-668-040-8670x1711 b", "001-668-040-8670x1711"),
        ("from +999 12 345 67 89 today", "+999 12 345 67 89"),
        ("Ada\nT 041-192-060 | ada@example.com", "041-192-060"),
        ("Telephone ........ 9637 3075", "9637 3075"),
        ("port my number (99) 349-659 please", "(99) 349-659"),
        ("fax\t(044)688-7538x8775", "(044)688-7538x8775"),
    ],
)
async def test_telephones_of_any_country_are_found(
    presidio: PresidioRecognizer, text: str, number: str
) -> None:
    assert await evident(presidio, text, "PHONE_NUMBER") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "order 785 8949 is late",
        "call me on 12.05.2024",
        "call me on 2024-05-12 at noon",
        'the answer is {"text":"91480072"}',
        "the phone costs 499 and the other 1299",
        "ring 3 times in 2024",
        "pages 123-456 and 789-1011",
        "PO box 1684",
        "phone sales grew from 12000 to 13500",
    ],
)
async def test_other_numbers_are_no_telephones(presidio: PresidioRecognizer, text: str) -> None:
    assert await evident(presidio, text, "PHONE_NUMBER") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("my card number is 4111 1111 1111 1112", "4111 1111 1111 1112"),  # a slip of the pen
        ("Visa: 4929-1297-6168-9150", "4929-1297-6168-9150"),
        ("Kreditkarte Nr. 5273406477504400", "5273406477504400"),
        ("charge 2223003122003222 please", "2223003122003222"),
        ("charge 501800000009 please", "501800000009"),
        ("charge 6304000000000000 please", "6304000000000000"),
        ("charge 4000 0000 0000 0000 006 please", "4000 0000 0000 0000 006"),
    ],
)
async def test_cards_of_other_sorts_and_with_slips_are_found(
    presidio: PresidioRecognizer, text: str, number: str
) -> None:
    assert await evident(presidio, text, "CREDIT_CARD") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "order 4111 1111 1111 1112",
        "SIM card 8944 1111 1111 1111 112",
        "library card 12345678901234",
        "tracking number 123456789012",
        "my card was lost in 2023, then found in 2024",
        "timestamp 1716800000000000",
    ],
)
async def test_other_long_numbers_are_no_cards(presidio: PresidioRecognizer, text: str) -> None:
    assert await evident(presidio, text, "CREDIT_CARD") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("My driver's license number is 425700624", "425700624"),
        ("driving licence: U62928788557186, issued 2019", "U62928788557186"),
        ("DL# D123-4567-8901", "D123-4567-8901"),
        ("licence M80-55-0104, born in Rome", "M80-55-0104"),
    ],
)
async def test_licences_that_words_speak_for_are_found(
    presidio: PresidioRecognizer, text: str, number: str
) -> None:
    assert await evident(presidio, text, "US_DRIVER_LICENSE") == [number]


async def test_a_licence_needs_digits(presidio: PresidioRecognizer) -> None:
    text = "my driver license is new, the DL is abroad"
    assert await evident(presidio, text, "US_DRIVER_LICENSE") == []


async def test_the_number_of_a_flat_is_no_identity_number(presidio: PresidioRecognizer) -> None:
    assert await evident(presidio, "Suite 680 36 4022 Oak Lane", "US_SSN") == []
    assert await evident(presidio, "number 680 36 4022", "US_SSN") == ["680 36 4022"]


@pytest.mark.parametrize(
    ("digits", "is_card"),
    [
        ("4111111111111111", True),
        ("4111 1111 1111 1111", True),
        ("4111111111111112", False),
        ("7111111111111117", False),
        ("30569309025904", True),
        ("", False),
    ],
)
def test_a_card_is_of_a_range_that_is_issued(digits: str, is_card: bool) -> None:
    assert issued(digits) is is_card
