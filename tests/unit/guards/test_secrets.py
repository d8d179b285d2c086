import pytest

from gateway.core.findings import PrefixGuard
from gateway.core.segments import Origin, Segment
from gateway.guards.secrets import SecretsGuard, SecretsOptions
from gateway.testing.exchanges import make_exchange
from gateway.testing.recognizers import LiteralScanner

SCANNER = LiteralScanner({"cloud-token": ("CLOUD_TOKEN", 1.0), "api-token": ("API_TOKEN", 0.8)})


@pytest.mark.parametrize(
    ("kinds", "texts", "expected"),
    [
        (None, ["nothing"], []),
        (None, ["x cloud-token"], [("CLOUD_TOKEN", 1.0, 0, 2, 13)]),
        (
            None,
            ["api-token", "none", "cloud-token"],
            [("API_TOKEN", 0.8, 0, 0, 9), ("CLOUD_TOKEN", 1.0, 2, 0, 11)],
        ),
        (("API_TOKEN",), ["cloud-token api-token"], [("API_TOKEN", 0.8, 0, 12, 21)]),
    ],
)
async def test_findings(
    kinds: tuple[str, ...] | None,
    texts: list[str],
    expected: list[tuple[str, float, int, int, int]],
) -> None:
    guard = SecretsGuard(SecretsOptions(kinds=kinds), secret_scanner=SCANNER)
    findings = await guard.check([Segment(t, Origin.USER) for t in texts], make_exchange())
    assert [(f.category, f.score, f.segment, f.start, f.end) for f in findings] == expected


def test_an_unknown_kind_is_refused_at_load_with_a_hint() -> None:
    with pytest.raises(ValueError, match="did you mean 'CLOUD_TOKEN'"):
        SecretsGuard(SecretsOptions(kinds=("CLOUD_TOKENS",)), secret_scanner=SCANNER)


def test_it_says_when_a_private_key_is_still_arriving() -> None:
    guard = SecretsGuard(SecretsOptions(), secret_scanner=SCANNER)
    assert isinstance(guard, PrefixGuard)
    assert guard.pending("Here: -----BEGIN PRIVATE KEY-----\nabc")
    assert not guard.pending("Here: nothing")
