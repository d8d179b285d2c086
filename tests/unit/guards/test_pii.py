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
    ],
)
def test_an_unknown_kind_is_refused_at_load_with_a_hint(kind: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        PiiGuard(PiiOptions(entities=(kind,)), recognizer=RECOGNIZER)
