import pytest
from pydantic import ValidationError

from gateway.core.findings import Finding
from gateway.core.segments import Origin, Segment
from gateway.guards.length import LengthGuard, LengthOptions
from gateway.testing.exchanges import make_exchange


@pytest.mark.parametrize(
    ("options", "segment", "expected"),
    [
        (LengthOptions(max_characters=5), Segment("12345", Origin.USER), []),
        (
            LengthOptions(max_characters=5),
            Segment("123456", Origin.USER),
            [Finding("length.characters", 1.0, 0, 5, 6)],
        ),
        (
            LengthOptions(max_characters=5),
            Segment("123", Origin.MODEL, offset=4),
            [Finding("length.characters", 1.0, 0, 1, 3)],
        ),
        (
            LengthOptions(max_characters=5),
            Segment("123", Origin.MODEL, offset=100),
            [Finding("length.characters", 1.0, 0, 0, 3)],
        ),
        (LengthOptions(max_tokens=2), Segment("12345678", Origin.USER), []),
        (
            LengthOptions(max_tokens=2),
            Segment("123456789", Origin.USER),
            [Finding("length.tokens", 1.0, 0, 0, 9)],
        ),
        (
            LengthOptions(max_tokens=2),
            Segment("1234", Origin.MODEL, offset=8),
            [Finding("length.tokens", 1.0, 0, 0, 4)],
        ),
    ],
)
async def test_what_is_too_much_is_a_finding(
    options: LengthOptions, segment: Segment, expected: list[Finding]
) -> None:
    assert await LengthGuard(options).check([segment], make_exchange()) == expected


def test_without_a_limit_there_is_nothing_to_check() -> None:
    with pytest.raises(ValidationError, match="max_characters"):
        LengthOptions()
