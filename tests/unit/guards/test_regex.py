import pytest
from pydantic import ValidationError

from gateway.core.findings import Finding
from gateway.core.patterns import nested_repetition
from gateway.core.segments import Origin, Segment
from gateway.guards.regex import Pattern, RegexGuard, RegexOptions
from gateway.testing.exchanges import make_exchange


async def test_every_match_is_a_finding_under_the_patterns_name() -> None:
    guard = RegexGuard(
        RegexOptions(
            patterns=(
                Pattern(name="ticket", pattern=r"TCK-\d{4}", score=0.7),
                Pattern(name="host", pattern=r"\bcorp\.internal\b", ignore_case=True),
            )
        )
    )
    segments = [Segment("see TCK-1234, tck-1", Origin.USER), Segment("CORP.internal", Origin.MODEL)]
    assert await guard.check(segments, make_exchange()) == [
        Finding("ticket", 0.7, 0, 4, 12, "ticket"),
        Finding("host", 1.0, 1, 0, 13, "host"),
    ]


async def test_empty_matches_do_not_count() -> None:
    guard = RegexGuard(RegexOptions(patterns=(Pattern(name="x", pattern="x*"),)))
    assert await guard.check([Segment("aaa", Origin.USER)], make_exchange()) == []


def test_a_broken_pattern_is_named_with_the_reason() -> None:
    with pytest.raises(ValidationError, match=r"'ticket' is not a regular expression.*position 3"):
        RegexOptions(patterns=(Pattern(name="ticket", pattern="TCK(\\d"),))


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+b",
        r"(?:a*)*",
        r"(?:\w+\s*)+$",
        r"((ab)+c?)*",
        r"(?P<x>a{2,})+",
        r"(x(a+)){10,}",
        r"(?i:a+)*",
    ],
)
def test_a_pattern_whose_cost_can_explode_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="'slow' repeats a group"):
        RegexOptions(patterns=(Pattern(name="slow", pattern=pattern),))


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{13,19}",
        r"(?:\d[ -]?){13,16}",
        r"(?:abc)+\d+",
        r"(?:\w++\s)+",
        r"(?>a+)+b",
        r"[(+*]+x+",
        r"\(a+\)+",
        r"(?:a+b){1,9}",
        r"(?:ab|cd)*",
        r"[]+]+(?=a+)",
        r"a{2}(?:b{3})+",
    ],
)
def test_a_harmless_pattern_is_accepted(pattern: str) -> None:
    assert nested_repetition(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"project\s+blue", "about project ", True),
        (r"project\s+blue", "about Project ", False),
        (r"project\s+blue", "about project red ", False),
        (r"project\s+blue", "about project blue ", False),
        (r"(?s)<note>.*?</note>", "so <note>One. Two. ", True),
        (r"(?s)<note>.*?</note>", "so <note>One.</note> Two. ", False),
        (r"case-\d+", "see case-12. ", False),
        (r"\s*word", "some other \n", False),
        (r"code: .*", "code: all of it\n", False),
    ],
)
def test_a_text_that_ends_inside_a_match_waits_for_more(
    pattern: str, text: str, expected: bool
) -> None:
    options = RegexOptions(patterns=(Pattern(name="p", pattern=pattern),))
    assert RegexGuard(options).pending(text) is expected
