from collections.abc import Iterator

import pytest

from gateway.adapters.presidio.recognizer import PresidioRecognizer


@pytest.fixture(scope="module")
def presidio() -> Iterator[PresidioRecognizer]:
    recognizer = PresidioRecognizer()
    yield recognizer
    recognizer.close()


async def licences(recognizer: PresidioRecognizer, text: str) -> list[str]:
    found = await recognizer.recognize(text, frozenset({"US_DRIVER_LICENSE"}))
    return [text[e.start : e.end] for e in found if e.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("DL# D123-4567-8901", "D123-4567-8901"),
        ("D.L. A1234567", "A1234567"),
        ("driver licence no. 24SYU0032, expires soon", "24SYU0032"),
        ("I lost my driver's license, number 12-345-6789.", "12-345-6789"),
        ("driver licence G-229-968-864-641", "G-229-968-864-641"),
        ("id type: driver license\nid number: 867897400", "867897400"),
        ("The other driver was Ada, licence 49448587, insured", "49448587"),
        ("Officer asked for my license (2653050) and registration", "2653050"),
        ("They copied my licence (24SYU0032)", "24SYU0032"),
        ("Bot: license number? User: 867897400", "867897400"),
        ('{"licence": "53VAL7763", "state": "Ohio"}', "53VAL7763"),
        ("licence AB123456C", "AB123456C"),
        ("licence 7765573", "7765573"),
        ("pickup person: Ada, id G-229-968-864-641", "G-229-968-864-641"),
        ("pickup person: Ada, id Y035-2431-6345", "Y035-2431-6345"),
    ],
)
async def test_licences_are_found_by_form_and_words(
    presidio: PresidioRecognizer, text: str, number: str
) -> None:
    assert await licences(presidio, text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "the license costs 1234567 dollars",
        "MIT license 20240517",
        "software licence 12345678",
        "software license: AB12345678",
        "a fishing licence A1234567",
        "license 2.0.1234567",
        "Apache license, version 2.0, 2004",
        "licensed in 2019 under no. 4",
        "order id 2024-0517-1234",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "friendly 12345678",
        "hdl 12345678",
        "identification - H1-H6 headings",  # Presidio's own, of two characters
        "driving a 2014 e350 amg",
    ],
)
async def test_other_licences_and_numbers_are_left(presidio: PresidioRecognizer, text: str) -> None:
    assert await licences(presidio, text) == []
