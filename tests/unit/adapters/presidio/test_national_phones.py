import time
from collections.abc import Iterator

import pytest

from gateway.adapters.presidio.national_phones import national
from gateway.adapters.presidio.recognizer import PresidioRecognizer


@pytest.fixture(scope="module")
def presidio() -> Iterator[PresidioRecognizer]:
    recognizer = PresidioRecognizer()
    yield recognizer
    recognizer.close()


async def phones(recognizer: PresidioRecognizer, text: str) -> list[str]:
    found = await recognizer.recognize(text, frozenset({"PHONE_NUMBER"}))
    return [text[e.start : e.end] for e in found if e.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        # a trunk zero and groups
        ("Ada, 070-598-508, Rome", "070-598-508"),
        ("Lahore;03.96.32.45.30", "03.96.32.45.30"),
        ("ada 0471 88 34 51 bob", "0471 88 34 51"),
        ("ada 0151 23456789 bob", "0151 23456789"),
        ("ada 089/72634115 bob", "089/72634115"),
        ("20 Oak Lane, 78107, 0650 269 94 82", "0650 269 94 82"),
        # an area in parentheses
        ("1925;Rome;(13) 3032-6613", "(13) 3032-6613"),
        ("ada (0306) 999066 bob", "(0306) 999066"),
        ("ada (11) 4103-7371 bob", "(11) 4103-7371"),
        # area and exchange of North America, with spaces
        ("Rome 5292, 941 731 2992", "941 731 2992"),
        # beside an e-mail address
        ("Ada (ada@example.com, 0306 99906)", "0306 99906"),
        ("Ada,ada@example.com,639 850 0195,Rome", "639 850 0195"),
        ("CTO at Engines, 01857031682, ada@example.com", "01857031682"),
        # words that take up an earlier number or ask for one
        ("Ada is out; if no answer try 448 7482.", "448 7482"),
        ("Ada asked Bob for Flor's number. It's 9575 9921.", "9575 9921"),
        ("Bot: phone number? User: 9575 9921", "9575 9921"),
        ("il mio numero è 8 961 270 90 53.", "8 961 270 90 53"),
        ("reach our Colombo branch at 22 131634 from Monday", "22 131634"),
        ("call ximena at 96 207338", "96 207338"),
        ("caller id 29/994-2664 matched", "29/994-2664"),
        ("New voicemail from ada, 61 47 11 15, at noon", "61 47 11 15"),
        ("Next of kin: Ada Lovelace, 738 3565", "738 3565"),
        ("asked for a callback on 96 70 88 47.", "96 70 88 47"),
        ("sms sent to 614 5454 (order 1142809)", "614 5454"),
        ("Rome,(518)636-6739X8421,Oslo", "(518)636-6739X8421"),
        # signatures
        ("Cordialement,\nAda\nEngines Ltd\n334 61 30 58", "334 61 30 58"),
        ("Ada / Engines\nm: 334 6130", "334 6130"),
        ("t 334 6130 | ada@example.com", "334 6130"),
    ],
)
async def test_national_telephones_are_found(
    presidio: PresidioRecognizer, text: str, number: str
) -> None:
    assert await phones(presidio, text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        # orders, invoices, parcels, parts
        "order number 0567883, can you check?",
        "order 012-345-678 is late",
        "invoice no. 0123 456 789",
        "ticket 05-1234-123",
        "Tracking number 0480829, weight 8 kg",
        "tracking number: 0123 4567 890",
        "my customer number, E-359807, twice",
        "What's your order number? It's 9575 9921.",
        "Bot: employee number? User: 9542243156",
        "Please enter your phone number. Part 40416-78 fits",
        "PN 012-3456-71",
        "please transfer to account number 123-1234-1234",
        # versions, addresses of machines, pages
        "version 02.10.4512.01",
        "upgrade from 10.02.1904 to 10.02.2004",
        "host 010.020.030.040 is down",
        "jane@example.com 10.20.30.40",
        "pages 0123-456-789",
        "J. Chem. 45 (2003) 345-3671",
        # prices, figures
        "it costs 012 345 678 €",
        "revenue 941 731 2992 %",
        "0.123 456 789",
        "between 200 300 2000 and more",
        # dates and times
        "from 01.02.2024 to 03.04.2024",
        "jane@example.com, 2024-05-17",
        "call Ada at 2024-05-17",
        "call us on 01/02/2024",
        "09-12-2024 1500",
        "05-11-2024-123 is the job",
        "t: 1714992000",
        "calls from 192.168.1.100",
        "Thanks\nHere is the code:\n1234567",
        # counts and bits
        "tracks 001 002 003 are done",
        "bits 01 10 11 00 01",
        "our number of rows, it's 1000000",
        # accounts, books, draws
        "DE89 0370 0440 0532 0130 00",
        "IBAN GB82 WEST 0345 698 765 432",
        "ISBN 0306 406 152",
        "drawn: 03 12 24 33 41",
        "Konto 0532 013 000",
        "calls from 3 to 5 cost 12 each",
    ],
)
async def test_numbers_that_look_like_national_telephones_are_left(
    presidio: PresidioRecognizer, text: str
) -> None:
    assert await phones(presidio, text) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("03.96.32.45.30", True),
        ("03 96 32 45 30", True),
        ("03 12 24 33 41", False),  # in order, to 49: drawn
        ("03 12 24 33 61", True),
        ("012 345 67", False),
        ("0123 4567 8901", False),
        ("0151 23456789", True),
        ("012 045 078", False),
        ("05-11-2024-123", False),
        ("01 10 11 00 01", False),
        ("", False),
    ],
)
def test_a_national_number_has_nine_to_eleven_digits_and_is_no_draw(
    text: str, is_one: bool
) -> None:
    assert national(text) is is_one


async def test_a_telephone_before_an_address_is_no_part_of_it(
    presidio: PresidioRecognizer,
) -> None:
    text = "w: 017-926-1924\nm: 798 9719\n55 Hyde Street, Springfield"
    kinds = frozenset({"PHONE_NUMBER", "STREET_ADDRESS"})
    found = await presidio.recognize(text, kinds)
    assert [text[e.start : e.end] for e in found] == [
        "017-926-1924",
        "798 9719",
        "55 Hyde Street",
    ]


@pytest.mark.parametrize("unit", ["· t ", "·  t", "((", "my number ", "no answer try "])
async def test_the_cost_grows_with_the_text_and_not_faster(
    presidio: PresidioRecognizer, unit: str
) -> None:
    async def seconds(characters: int) -> float:
        text = "| t 123456 number a@b.cc " + unit * (characters // len(unit))
        spent = []
        for _ in range(2):  # the least, as a collection of garbage may fall into either
            began = time.process_time()
            await phones(presidio, text)
            spent.append(time.process_time() - began)
        return min(spent)

    await seconds(2_000)
    assert await seconds(32_000) < 14 * max(await seconds(8_000), 0.004)
