"""Phone numbers are those of Presidio's own recogniser, at a bounded cost."""

import random
import time
from typing import Any

import phonenumbers
import pytest

from gateway.adapters.presidio.lean_import import load
from gateway.adapters.presidio.phones import quick_phone

FORMATS = phonenumbers.PhoneNumberFormat
TYPES = phonenumbers.PhoneNumberType
REGIONS = ["US", "GB", "DE", "FR", "IL", "IN", "CA", "BR", "AU", "IT", "GG", "JM", "AT", "ZA"]
AROUND = [
    "call", "ref", "on 2024-05-17", "5/17/2024", "2012-01-02 08:00", "2012-01-02 08:00:11", "$",
    "12:30", "€", "a", "é", "order", "211-227 (2003)", "164 9", "1.2.3.4", " ext 12", "x123", "日",
    "１６４９", "+", "++1", "00", "011",
]  # fmt: skip


@pytest.fixture(scope="module")
def base() -> type[Any]:
    return load().recognizers["PHONE_NUMBER"]


@pytest.fixture(scope="module")
def plain(base: type[Any]) -> Any:
    return base()


@pytest.fixture(scope="module")
def quick(base: type[Any]) -> Any:
    return quick_phone(base)()


def spans(recognizer: Any, text: str) -> list[tuple[int, int, float]]:
    return [(r.start, r.end, r.score) for r in recognizer.analyze(text, ["PHONE_NUMBER"])]


class Writer:
    """Writes texts with phone numbers of many countries, whole, broken and imitated."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self) -> str:
        kinds = [self.number, self.number, self.digits, self.noise, self.around]
        glue = [" ", " ", "", ", ", "\n", " / ", "; ", "."]
        return "".join(
            self.chance.choice(kinds)() + self.chance.choice(glue)
            for _ in range(self.chance.randint(1, 6))
        )

    def number(self) -> str:
        chance, number = self.chance, None
        while number is None:
            kind = chance.choice([TYPES.FIXED_LINE, TYPES.MOBILE, TYPES.TOLL_FREE, TYPES.PAGER])
            number = phonenumbers.example_number_for_type(chance.choice(REGIONS), kind)
        form = chance.choice([FORMATS.E164, FORMATS.INTERNATIONAL, FORMATS.NATIONAL])
        written = phonenumbers.format_number(number, form)
        how = chance.random()
        if how < 0.2:
            return written.lstrip("+").replace(" ", "")
        if how < 0.4:
            return written.replace(" ", chance.choice(["-", ".", "/", "  ", " - ", ")"]))
        if how < 0.6:
            at = chance.randrange(len(written))
            return written[:at] + chance.choice("0123456789 -/.(x") + written[at + 1 :]
        if how < 0.7:
            return written.replace("+", chance.choice(["00", "011", "", "+ "]))
        return written

    def digits(self) -> str:
        return "".join(self.chance.choices("0123456789", k=self.chance.randint(1, 22)))

    def noise(self) -> str:
        return "".join(self.chance.choices("0123456789 -./()+x[]~", k=self.chance.randint(1, 50)))

    def around(self) -> str:
        return self.chance.choice(AROUND)


@pytest.mark.parametrize("seed", range(4))
def test_numbers_are_those_of_presidio(plain: Any, quick: Any, seed: int) -> None:
    writer = Writer(seed)
    found = 0
    for _ in range(120):
        text = writer.text()
        expected = spans(plain, text)
        assert spans(quick, text) == expected, text
        found += len(expected)
    assert found > 60


@pytest.mark.parametrize(
    "unit",
    ["1 2 3 4 5 6 7 8 9 ", "123456789 ", "1", "88231945, ", "4155550132\n", "2012-01-02 08:00:11 "],
)
def test_the_cost_grows_with_the_text_and_not_faster(quick: Any, unit: str) -> None:
    def seconds(characters: int) -> float:
        text = unit * (characters // len(unit))
        began = time.process_time()
        spans(quick, text)
        return time.process_time() - began

    seconds(5_000)
    assert seconds(80_000) < 12 * max(seconds(20_000), 0.002)


def test_a_number_after_very_many_that_are_none_is_found(quick: Any) -> None:
    """phonenumbers' matcher gives up on a text after 65,535 of them."""
    text = "10:3, " * 66_000 + "415-555-0132"
    assert [text[start:end] for start, end, _ in spans(quick, text)] == ["415-555-0132"]


def test_an_unknown_layout_of_phonenumbers_falls_back_to_presidio(
    base: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("phonenumbers.phonenumbermatcher._INNER_MATCHES")
    assert quick_phone(base) is base
