import time

import pytest

from gateway.core.segments import Origin, Segment
from gateway.guards.pii import PiiGuard, PiiOptions
from gateway.testing.exchanges import make_exchange
from gateway.testing.recognizers import LiteralRecognizer

RECOGNIZER = LiteralRecognizer(
    {
        "jane@example.com": ("EMAIL_ADDRESS", 1.0),
        "help@example.com": ("EMAIL_ADDRESS", 1.0),
        "4111111111111111": ("CREDIT_CARD", 1.0),
        "17 May": ("DATE_TIME", 0.6),
        "12345678": ("US_BANK_NUMBER", 0.05),
    }
)


async def seen(options: PiiOptions, *texts: str) -> list[tuple[str, float, int, str]]:
    guard = PiiGuard(options, recognizer=RECOGNIZER)
    segments = [Segment(text, Origin.USER) for text in texts]
    findings = await guard.check(segments, make_exchange())
    return [
        (f.category, f.score, f.segment, segments[f.segment].text[f.start : f.end])
        for f in findings
    ]


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        (PiiOptions(), "nothing here", []),
        (PiiOptions(), "to jane@example.com", [("EMAIL_ADDRESS", 1.0, 0, "jane@example.com")]),
        (PiiOptions(), "acct 12345678", [("US_BANK_NUMBER", 0.05, 0, "12345678")]),
        (PiiOptions(), "on 17 May", []),  # dates are no usual kind
        (PiiOptions(entities=("DATE_TIME",)), "17 May", [("DATE_TIME", 0.6, 0, "17 May")]),
        (PiiOptions(entities=("CREDIT_CARD",)), "to jane@example.com", []),
        (PiiOptions(allow=("help@example.com",)), "to help@example.com", []),
        (
            PiiOptions(allow=("help@example.com",)),
            "help@example.com, jane@example.com",
            [("EMAIL_ADDRESS", 1.0, 0, "jane@example.com")],
        ),
    ],
)
async def test_findings(
    options: PiiOptions, text: str, expected: list[tuple[str, float, int, str]]
) -> None:
    assert await seen(options, text) == expected


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({}, ["EMAIL_ADDRESS", "US_BANK_NUMBER"]),
        ({"US_BANK_NUMBER": 0.1}, ["EMAIL_ADDRESS"]),
        ({"US_BANK_NUMBER": 0.05}, ["EMAIL_ADDRESS", "US_BANK_NUMBER"]),
        ({"*": 0.1}, ["EMAIL_ADDRESS"]),
        ({"*": 0.1, "US_BANK_NUMBER": 0.0}, ["EMAIL_ADDRESS", "US_BANK_NUMBER"]),
        ({"EMAIL_ADDRESS": 1.0}, ["EMAIL_ADDRESS", "US_BANK_NUMBER"]),
    ],
)
async def test_findings_below_the_least_score_of_their_kind_are_not_reported(
    scores: dict[str, float], expected: list[str]
) -> None:
    found = await seen(PiiOptions(scores=scores), "jane@example.com, acct 12345678")
    assert [kind for kind, *_ in found] == expected


async def test_what_the_house_defined_is_looked_for_unless_kinds_are_named() -> None:
    recognizer = LiteralRecognizer({"Falcon": ("PROJECT", 1.0)}, house=["PROJECT"])
    for options, expected in ((PiiOptions(), 1), (PiiOptions(entities=()), 0)):
        guard = PiiGuard(options, recognizer=recognizer)
        findings = await guard.check([Segment("on Falcon", Origin.USER)], make_exchange())
        assert len(findings) == expected


@pytest.mark.parametrize("run", ["A", "7", "A1", "A ", "A, ", "# ", "1-", "St ", "12 St ", ". "])
def test_how_long_a_text_is_looked_at_does_not_depend_on_what_it_says(run: str) -> None:
    recognizer = LiteralRecognizer({"12 Main Street": ("STREET_ADDRESS", 0.75)})
    guard = PiiGuard(PiiOptions(), recognizer=recognizer)
    started = time.process_time()
    for text in ("12 Main St " + run * 60, "12 Main St " + run * 60 + "!", run * 200 + "\n"):
        guard.pending(text)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("text", "pending"),
    [
        ("856 45.6789\n", True),
        ("0306 9990666, ", True),
        ("(022) 131634 | ada.love", True),
        ("0306 9990666 ext. 12\n", True),
        ("0306 9990666, or later, ", False),
        ("in 2024\n", False),
        ("It is 0306 9990666. ", False),
    ],
)
def test_a_number_waits_for_the_address_that_makes_it_a_telephone_number(
    text: str, pending: bool
) -> None:
    recognizer = LiteralRecognizer({"0306 9990666": ("PHONE_NUMBER", 0.55)})
    assert PiiGuard(PiiOptions(), recognizer=recognizer).pending(text) is pending
    assert not PiiGuard(PiiOptions(entities=()), recognizer=recognizer).pending(text)


@pytest.mark.parametrize(
    ("text", "pending"),
    [
        ("send it to 12 Main ", True),
        ("send it to 1600 N. Evergreen Linden ", True),
        ("Musterstraße ", True),
        ("I have 12 ", True),
        ("We sold 12 units. ", False),
        ("send it to 12 Main Street, please ", False),
        ("we walked down Main Street, ", False),
        ("in 2024. ", False),
        ("12 Main Street, Springfield, ", True),
        ("Hauptstraße 12, ", True),
        ("", False),
    ],
)
def test_a_text_that_ends_inside_an_address_waits_for_more(text: str, pending: bool) -> None:
    recognizer = LiteralRecognizer({"12 Main Street": ("STREET_ADDRESS", 0.75)})
    assert PiiGuard(PiiOptions(), recognizer=recognizer).pending(text) is pending
    assert not PiiGuard(PiiOptions(entities=()), recognizer=recognizer).pending(text)


@pytest.mark.parametrize(
    ("text", "pending"),
    [
        ("Ask John A. ", True),
        ("my name is J. ", True),
        ("Ask Anna van der ", True),
        ("based in Frankfurt am ", True),
        ("Ask John. ", False),
        ("So do I. ", False),
        ("the end of the ", False),
    ],
)
def test_a_text_that_ends_inside_a_name_waits_for_more(text: str, pending: bool) -> None:
    recognizer = LiteralRecognizer({"Jane": ("PERSON", 0.75)})
    assert PiiGuard(PiiOptions(), recognizer=recognizer).pending(text) is pending
    assert not PiiGuard(PiiOptions(entities=()), recognizer=recognizer).pending(text)


async def test_each_finding_names_its_segment() -> None:
    found = await seen(PiiOptions(), "none", "jane@example.com", "4111111111111111")
    assert [(kind, segment) for kind, _, segment, _ in found] == [
        ("EMAIL_ADDRESS", 1),
        ("CREDIT_CARD", 2),
    ]


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("EMAIL_ADRESS", "did you mean 'EMAIL_ADDRESS'"),
        ("PERSON", "needs a language model: set 'spacy_model'"),
        ("DE_TAX_ID", "must stand in 'extra_kinds'"),
        ("BADGE", "defined in 'custom' or 'deny'"),
    ],
)
def test_an_unknown_kind_is_refused_at_load_with_a_hint(kind: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        PiiGuard(PiiOptions(entities=(kind,)), recognizer=RECOGNIZER)
    with pytest.raises(ValueError, match="in 'scores'"):
        PiiGuard(PiiOptions(scores={kind: 0.5}), recognizer=RECOGNIZER)
