import gc
import time
from collections.abc import Iterator

import pytest

from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.adapters.presidio.tables import tables

KINDS = frozenset({"PHONE_NUMBER", "US_DRIVER_LICENSE"})


@pytest.fixture(scope="module")
def presidio() -> Iterator[PresidioRecognizer]:
    recognizer = PresidioRecognizer()
    yield recognizer
    recognizer.close()


async def evident(recognizer: PresidioRecognizer, text: str) -> list[tuple[str, str]]:
    found = await recognizer.recognize(text, KINDS)
    return [(e.kind, text[e.start : e.end]) for e in found if e.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("name,phone,city\nAda,766 293,Rome\nBob,902.98.545,Oslo", ["766 293", "902.98.545"]),
        ("Name\tMobile No.\nAda\t48644248\n\nThanks", ["48644248"]),
        ('"name";"home phone"\n"Ada";"51-95-56-74"', ["51-95-56-74"]),
        ("| Name | Tel |\n| --- | --- |\n| Ada | 334 61 30 58 |", ["334 61 30 58"]),
        ("* Ada, 48644248\n* Bob, 06 18 190 5480", ["48644248", "06 18 190 5480"]),
        ("Engines / Rome / 755 463 452\nLooms / Oslo / +45 34363315",
         ["755 463 452", "+45 34363315"]),
        ("INSERT INTO t (name, phone) VALUES ('O''Neil, A', '842467578'), ('B', '(99) 349-65');",
         ["842467578", "(99) 349-65"]),
    ],
)  # fmt: skip
async def test_columns_of_telephones_are_found(
    presidio: PresidioRecognizer, text: str, numbers: list[str]
) -> None:
    assert await evident(presidio, text) == [("PHONE_NUMBER", number) for number in numbers]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("name,driver_license,city\nAda,24SYU0032x,Rome 123456", "24SYU0032x"),
        ("INSERT INTO d (licence_no, name) VALUES ('A1234567', 'Ada');", "A1234567"),
    ],
)
async def test_columns_of_licences_are_found(
    presidio: PresidioRecognizer, text: str, number: str
) -> None:
    assert await evident(presidio, text) == [("US_DRIVER_LICENSE", number)]


@pytest.mark.parametrize(
    "text",
    [
        "name,order,city\nAda,48644248,Rome\nBob,4864 4249,Oslo",
        "phone,launched\nModel X,2024-05-17\nModel Y,17.05.2024",  # another sort of telephone
        "host,home phone,os\nweb,192.168.100.240,x",
        "phone,price\nModel X,499\nModel Y,1299.50",
        "item,sold\nA,123456\nB,789012",
        "Ada, 2024-05-17\nBob, 2023-01-02",
        "INSERT INTO orders (id, total) VALUES ('48644248', 12);",
        "please insert 1234567 into the phone",
        "Mon,0900-1700\nTue,0930-1800",
        "02139-4307,12\n02139-4308,13",
        "2024-01-01,+10000\n2024-01-02,+20000",
        "INSERT INTO t (id, phone) VALUES (%s, %s)\nthen 1234567, 7654321 and 1234567",
        "year,telephones\n1990,12 345 678",
    ],
)
async def test_other_columns_are_left(presidio: PresidioRecognizer, text: str) -> None:
    assert await evident(presidio, text) == []


def test_a_table_ends_where_the_number_of_cells_changes() -> None:
    text = "a,b\nc,d\n\ne,f,g\nh,i,j\nalone, here"
    rows = [[[cell.text for cell in row] for row in table] for table in tables(text)]
    assert rows == [[["a", "b"], ["c", "d"]], [["e", "f", "g"], ["h", "i", "j"]]]
    for table in tables(text):
        for row in table:
            assert all(text[cell.start : cell.end] == cell.text for cell in row)


@pytest.mark.parametrize(
    "unit",
    ["name,phone\n", "a,1234567\n", "(1,", "insert into t (phone) values ", "+1;", ", \n"],
)
async def test_the_cost_grows_with_the_text_and_not_faster(
    presidio: PresidioRecognizer, unit: str
) -> None:
    async def seconds(characters: int) -> float:
        text = "1234567 " + unit * (characters // len(unit))
        spent = []
        gc.disable()  # how much garbage there is to look through is no fault of the text
        try:
            for _ in range(3):
                began = time.process_time()
                await presidio.recognize(text, KINDS)
                spent.append(time.process_time() - began)
        finally:
            gc.enable()
        return min(spent)

    await seconds(2_000)
    assert await seconds(32_000) < 14 * max(await seconds(8_000), 0.004)
