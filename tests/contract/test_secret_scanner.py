"""What every SecretScanner must do."""

import pytest

from gateway.adapters.detect_secrets.scanner import DetectSecretsScanner
from gateway.ports.secret_scanner import SecretScanner
from gateway.testing.recognizers import LiteralScanner

TOKEN = "ghp_" + "a1B2" * 9
BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
BLOCK = f"{BEGIN}\nMIIE\n{END}"

every_scanner = pytest.mark.parametrize(
    "scanner",
    [DetectSecretsScanner(), LiteralScanner({TOKEN: ("GITHUB_TOKEN", 1.0)})],
    ids=["detect_secrets", "literal"],
)


@every_scanner
def test_what_it_finds_is_among_the_kinds_it_says_it_finds(scanner: SecretScanner) -> None:
    assert {e.kind for e in scanner.scan(f"{TOKEN} {BLOCK}")} <= scanner.supported


@every_scanner
def test_secrets_come_in_order_with_kind_and_span(scanner: SecretScanner) -> None:
    text = f"one {TOKEN} two\n{BLOCK}\nthree {TOKEN}"
    assert [(e.kind, text[e.start : e.end].strip()) for e in scanner.scan(text)] == [
        ("GITHUB_TOKEN", TOKEN),
        ("PRIVATE_KEY", BLOCK),
        ("GITHUB_TOKEN", TOKEN),
    ]


@every_scanner
@pytest.mark.parametrize("text", ["", "Nothing secret is in this text."])
def test_a_clean_text_has_none(scanner: SecretScanner, text: str) -> None:
    assert list(scanner.scan(text)) == []
    assert not scanner.pending(text)


@every_scanner
def test_a_private_key_without_its_end_goes_on_to_the_end(scanner: SecretScanner) -> None:
    text = f"key: {BEGIN}\nMIIE"
    (entity,) = scanner.scan(text)
    assert (entity.kind, entity.start, entity.end) == ("PRIVATE_KEY", 5, len(text))


@every_scanner
def test_a_text_is_pending_while_a_private_key_is_open(scanner: SecretScanner) -> None:
    assert scanner.pending(f"key: {BEGIN}\nMIIE")
    assert scanner.pending("key: -----BEGIN PRIV")
    assert not scanner.pending(f"{BLOCK}\nDone.")
