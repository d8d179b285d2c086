import re
import time
from collections.abc import Iterator

import pytest

from gateway.adapters.presidio import addresses, introduced
from gateway.adapters.presidio.facts import Facts
from gateway.adapters.presidio.recognizer import PresidioRecognizer

KINDS = frozenset({"PERSON", "LOCATION", "DATE_OF_BIRTH", "STREET_ADDRESS"})
DEFAULT_THRESHOLD = 0.5


@pytest.fixture(scope="module")
def presidio() -> Iterator[PresidioRecognizer]:
    recognizer = PresidioRecognizer()
    yield recognizer
    recognizer.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My name is Ada Lovelace and I like maths.", [("PERSON", "Ada Lovelace")]),
        ("Hi! I'm called Jean-Luc van der Berg.", [("PERSON", "Jean-Luc van der Berg")]),
        ("my name is jane doe, can you help", [("PERSON", "jane doe")]),
        ("Ich heiße Jürgen Groß.", [("PERSON", "Jürgen Groß")]),
        ("Mein Name ist Anna Müller. Danke!", [("PERSON", "Anna Müller")]),
        ("Please ask Mr. J. Smith or Mrs O'Neil.", [("PERSON", "J. Smith"), ("PERSON", "O'Neil")]),
        ("I saw Dr. Sinclair's report", [("PERSON", "Sinclair")]),
        ("Sehr geehrte Frau Dr. Weiß,", [("PERSON", "Weiß")]),
        ("Dear Jane,\nthank you", [("PERSON", "Jane")]),
        ("Thanks for all.\n\nKind regards,\nJane M. Doe\n", [("PERSON", "Jane M. Doe")]),
        ("Viele Grüße\nMax Mustermann", [("PERSON", "Max Mustermann")]),
        ("Patient name: Maria García", [("PERSON", "Maria García")]),
        ('{"first_name": "Grace"}', [("PERSON", "Grace")]),
        ("I was born on 12 May 1980.", [("DATE_OF_BIRTH", "12 May 1980")]),
        ("DOB: 05/12/1980", [("DATE_OF_BIRTH", "05/12/1980")]),
        ("Date of birth is 1980-05-12", [("DATE_OF_BIRTH", "1980-05-12")]),
        ("birthday: May 12th, 1980", [("DATE_OF_BIRTH", "May 12th, 1980")]),
        ("geboren am 12. März 1980", [("DATE_OF_BIRTH", "12. März 1980")]),
        ("I live in Berlin.", [("LOCATION", "Berlin")]),
        ("She lives in New York, and we moved.", [("LOCATION", "New York")]),
        ("Ich wohne in Frankfurt am Main", [("LOCATION", "Frankfurt am Main")]),
        (
            "Send it to 742 Evergreen Terrace, Springfield, IL 62704 please",
            [("STREET_ADDRESS", "742 Evergreen Terrace, Springfield, IL 62704")],
        ),
        ("at 350 Fifth Ave Apt 12B now", [("STREET_ADDRESS", "350 Fifth Ave Apt 12B")]),
        (
            "221b Baker Street, London NW1 6XE",
            [("STREET_ADDRESS", "221b Baker Street, London NW1 6XE")],
        ),
        ("Musterstraße 12a, 10115 Berlin", [("STREET_ADDRESS", "Musterstraße 12a, 10115 Berlin")]),
        ("Unter den Linden Allee 5", [("STREET_ADDRESS", "Linden Allee 5")]),
    ],
)  # fmt: skip
async def test_what_words_introduce_is_found_at_the_default_threshold(
    presidio: PresidioRecognizer, text: str, expected: list[tuple[str, str]]
) -> None:
    found = await presidio.recognize(text, KINDS)
    evident = [e for e in found if e.score >= DEFAULT_THRESHOLD]
    assert [(e.kind, text[e.start : e.end]) for e in evident] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir or Madam,",
        "Dear Customer, your order is on its way.",
        "My name is on the list.",
        "my name is misspelled there",
        "The name is registered.",
        "Thanks\nBest regards",
        "In 2008 Wall Street crashed.",
        "During 1920 and Spring 2008 it rained.",
        "She was born in May 1980 in a small town.",
        "The call lasts 5 minutes and costs 20 Dollars.",
        "We moved to a new system.",
        "Open Monday 10 to 12, room 5.",
        "Auf Platz 3 steht die Mannschaft.",
        "The album was released on 12 May 1980.",
        "I live in the moment.",
    ],
)
async def test_what_only_looks_introduced_is_not_found(
    presidio: PresidioRecognizer, text: str
) -> None:
    found = await presidio.recognize(text, KINDS)
    assert [e for e in found if e.score >= DEFAULT_THRESHOLD] == []


async def test_a_finding_within_an_address_does_not_take_it_apart(
    presidio: PresidioRecognizer,
) -> None:
    text = "1600 Linden Dr Washington, DC 20500"
    (entity,) = await presidio.recognize(text, KINDS)
    assert entity.kind == "STREET_ADDRESS"


RULES = [*introduced.RULES, *addresses.RULES]
PIECES = [
    "my name is ", "Ada ", "lovelace", "Dear ", "Mr. ", "\n", "Kind regards,\n", "12 Main ",
    "Street ", "1 ", "12/", "born ", "on ", "I live in ", "A", "a", "-", "'", ": ", "name", ", ",
    "Straße ", "Apt ", "Alle",
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_the_cost_of_a_rule_grows_with_the_text_and_not_faster(rule: introduced.Rule) -> None:
    def seconds(text: str) -> float:
        began = time.process_time()
        list(rule.finditer(text))
        return time.process_time() - began

    for piece in PIECES:
        small, large = piece * (6_000 // len(piece)), piece * (48_000 // len(piece))
        seconds(small)
        assert seconds(large) < 30 * max(seconds(small), 0.001), piece


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_what_a_rule_asks_for_first_is_in_all_that_it_finds(rule: introduced.Rule) -> None:
    source = re.sub(r"\s+", " ", __file__)
    texts = [
        a + b + c + d
        for a in PIECES
        for b in PIECES
        for c in ("Ada ", "12 ", "Straße 1")
        for d in (",", "\n", "")
    ]
    for text in [*texts, source]:
        if next(iter(rule.finditer(text)), None) is not None:
            assert rule.possible(Facts(text)), text
