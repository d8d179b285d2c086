import time
from collections.abc import Iterator

import pytest

from gateway.adapters.presidio.recognizer import PresidioRecognizer

KINDS = frozenset({"DATE_TIME"})


@pytest.fixture(scope="module")
def presidio() -> Iterator[PresidioRecognizer]:
    recognizer = PresidioRecognizer()
    yield recognizer
    recognizer.close()


async def dates(recognizer: PresidioRecognizer, text: str) -> list[str]:
    found = await recognizer.recognize(text, KINDS)
    return [text[e.start : e.end] for e in found if e.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("on 5 May 2024 we", "5 May 2024"),
        ("on the 5th of May 2024", "5th of May 2024"),
        ("due March 3rd, 2021.", "March 3rd, 2021"),
        ("due march 3, 2021", "march 3, 2021"),
        ("am 3. Oktober 1990", "3. Oktober 1990"),
        ("el 4 de julio de 2019", "4 de julio de 2019"),
        ("le 14 juillet 1989", "14 juillet 1989"),
        ("since May 2024,", "May 2024"),
        ("on June 7 at noon", "June 7"),
        ("see you Friday", "Friday"),
        ("we meet on sunday at ten", "sunday"),
        ("Tuesday, 4 June 2024 is", "Tuesday, 4 June 2024"),
        ("Date: 2004-12-06 08:35:20", "2004-12-06 08:35:20"),
        ("at 2024-05-17T10:11:12Z it", "2024-05-17T10:11:12Z"),
        ("at 12 Jan 2020 10:30 pm", "12 Jan 2020 10:30 pm"),
        ("on 31.12.1999 at", "31.12.1999"),
        ("[10/Oct/1999:21:14:39 +0000] GET", "10/Oct/1999:21:14:39 +0000"),
        ("from oct 1958 on", "oct 1958"),
        ("ON THE 15TH OF FEBRUARY.", "15TH OF FEBRUARY"),
        ("come at 15:15 sharp", "15:15"),
        ("come at 8pm.", "8pm"),
        ("closes 6:30 p.m. daily", "6:30 p.m."),
    ],
)
async def test_dates_in_words_are_found_whole(
    presidio: PresidioRecognizer, text: str, date: str
) -> None:
    assert await dates(presidio, text) == [date]


MONTHS = """january february march april may june july august september october november december
    januar februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août
    septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre
    octubre noviembre diciembre januari februari maart mei augustus
    jan feb mar apr jun jul aug sep sept oct okt nov dec dez"""


@pytest.mark.parametrize("month", MONTHS.split())
async def test_a_day_without_a_year_is_found_in_every_month(
    presidio: PresidioRecognizer, month: str
) -> None:
    for name in (month.title(), month.upper()):
        for date in (f"{name} 7", f"7 {name}", f"7th of {name}"):
            assert await dates(presidio, f"it is {date} today") == [date]


@pytest.mark.parametrize(
    "text",
    [
        "you may 5 times a day",
        "they march 4 miles",
        "May I ask?",
        "in 2024 we moved",
        "Mardi gras in Santo Domingo",
        "version 3.11.2 of 10.0.0.1",
        "today and yesterday",
        "August 55% off",
        "a holiday, every day",
        "the ratio is 10:30, John 3:16",
        "5 amps and 3 pms",
    ],
)
async def test_what_is_no_date_is_left(presidio: PresidioRecognizer, text: str) -> None:
    assert await dates(presidio, text) == []


@pytest.mark.parametrize("piece", ["1 ", "may ", "2024-", "day ", "1.1.", "call 1-", "card 1 "])
async def test_the_cost_is_bounded(presidio: PresidioRecognizer, piece: str) -> None:
    began = time.perf_counter()
    await presidio.recognize(piece * 20_000, KINDS | {"PHONE_NUMBER", "CREDIT_CARD"})
    assert time.perf_counter() - began < 5.0
