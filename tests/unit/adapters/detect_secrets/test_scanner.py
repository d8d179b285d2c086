import base64
import json
import random
import time

import pytest

from gateway.adapters.detect_secrets.rules import FROM_DETECT_SECRETS, OWN
from gateway.adapters.detect_secrets.scanner import DetectSecretsScanner

SCANNER = DetectSecretsScanner()


def token(size: int, alphabet: str = "aB3dE5gH7jK9mN1pQ") -> str:
    """A token body. Every credential here is put together at run time, so that this file holds
    none."""
    return "".join(alphabet[i % len(alphabet)] for i in range(size))


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


HEX = "0123456789abcdef"
JWT = f"{encoded({'alg': 'HS256'})}.{encoded({'sub': '1', 'name': 'Jane'})}.{token(43)}"
PEM_BODY = "\n".join([token(64)] * 3)
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----"

SECRETS = [
    ("AWS_ACCESS_KEY", "AKIA" + token(16, "ABCDEFGH23456789")),
    ("AWS_ACCESS_KEY", "ASIA" + token(16, "ABCDEFGH23456789")),
    ("AZURE_STORAGE_KEY", "AccountKey=" + token(86) + "=="),
    ("DISCORD_BOT_TOKEN", "M" + token(23) + "." + token(6) + "." + token(27)),
    ("GITHUB_TOKEN", "ghp_" + token(36)),
    ("GITHUB_TOKEN", "github_pat_" + token(22) + "_" + token(59)),
    ("GITLAB_TOKEN", "glpat-" + token(20)),
    ("MAILCHIMP_KEY", token(32, HEX) + "-us12"),
    ("PYPI_TOKEN", "pypi-AgEIcHlwaS5vcmc" + token(80)),
    ("SENDGRID_KEY", "SG." + token(22) + "." + token(43)),
    ("SLACK_TOKEN", "xoxb-" + "123456789012-123456789012-" + token(24)),
    ("SLACK_TOKEN", "xapp-1-" + "A0123456789-1234567890123-" + token(64, HEX)),
    ("SLACK_TOKEN", "https://hooks.slack.com/services/T00000000/B00000000/" + token(24)),
    ("SQUARE_OAUTH_SECRET", "sq0csp-" + token(43)),
    ("STRIPE_KEY", "sk_live_" + token(24)),
    ("STRIPE_KEY", "rk_live_" + token(99)),
    ("STRIPE_KEY", "whsec_" + token(32)),
    ("TELEGRAM_BOT_TOKEN", "123456789:" + token(35)),
    ("TWILIO_KEY", "SK" + token(32, HEX)),
    ("ARTIFACTORY_TOKEN", " AKC" + token(40) + " "),
    ("ANTHROPIC_KEY", "sk-ant-api03-" + token(93) + "AA"),
    ("DATABRICKS_TOKEN", "dapi" + token(32, HEX)),
    ("DIGITALOCEAN_TOKEN", "dop_v1_" + token(64, HEX)),
    ("GATEHOUSE_KEY", "sk-gh-" + token(32)),
    ("GOOGLE_API_KEY", "AIza" + token(35)),
    ("GOOGLE_OAUTH", "GOCSPX-" + token(28)),
    ("HUGGINGFACE_TOKEN", "hf_" + token(34)),
    ("JWT", JWT),
    ("NPM_TOKEN", "npm_" + token(36)),
    ("OPENAI_KEY", "sk-" + token(20) + "T3Blbk" + "FJ" + token(20)),
    ("OPENAI_KEY", "sk-proj-" + token(74) + "T3Blbk" + "FJ" + token(74)),
    ("OPENAI_KEY", "sk-svcacct-" + token(60)),
    ("PRIVATE_KEY", PEM),
]


@pytest.mark.parametrize(("kind", "secret"), SECRETS)
def test_each_kind_is_found_whole_in_prose_code_and_json(kind: str, secret: str) -> None:
    for before, after in (("", ""), ("use ", " now"), ('key = "', '"\n'), ("a=", ","), ("", ".")):
        text = before + secret + after
        (entity,) = SCANNER.scan(text)
        assert entity.kind == kind
        covered = text[entity.start : entity.end]
        assert covered.strip(" .") == secret.strip() or secret in covered
        assert entity.score >= 0.7


def test_every_rule_has_an_example() -> None:
    shown = {kind for kind, _ in SECRETS} | {"BASIC_AUTH", "AWS_SECRET_KEY"}
    assert {rule.kind for rule in (*FROM_DETECT_SECRETS, *OWN)} | {"PRIVATE_KEY"} == shown
    assert SCANNER.supported == shown


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("postgres://app:s3cr3t-Pw@db:5432/x", "BASIC_AUTH", "s3cr3t-Pw"),
        ("aws_secret_access_key = " + token(40), "AWS_SECRET_KEY", token(40)),
        (f"AWS_SECRET_ACCESS_KEY='{token(40)}'", "AWS_SECRET_KEY", token(40)),
        (f"//registry.example/:_authToken={token(36)}", "NPM_TOKEN", token(36)),
    ],
)
def test_of_an_assignment_only_the_value_is_found(text: str, kind: str, value: str) -> None:
    (entity,) = SCANNER.scan(text)
    assert (entity.kind, text[entity.start : entity.end]) == (kind, value)


def _image() -> str:
    data = random.Random(7).randbytes(60_000)
    return "![x](data:image/png;base64," + base64.b64encode(data).decode() + ")"


@pytest.mark.parametrize(
    "text",
    [
        "Our customers have thirty days to ask for a refund; ask Key Account Services.",
        "APPLICATION FORM: APARTMENT APEARANCE, ACME SKU-2211, task-force, risk-averse",
        "id 123e4567-e89b-12d3-a456-426614174000, commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        _image(),
        "fetch('https://api.example.com:8080/v1?x=1').then(r => r.json()) // @me",
        "DATABASE_URL=postgres://user:password@localhost/app",
        "DATABASE_URL=postgres://{user}:{password}@localhost/app",
        "client = OpenAI(api_key=os.environ['OPENAI_API_KEY'])",
        "export OPENAI_API_KEY=sk-...",
        "key = 'sk-your-key-here'; token = 'ghp_xxx'; aws configure set region eu-west-1",
        "def begin_private_key(): ...  # BEGIN PRIVATE KEY is what the header says",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        "eyJub3Q.eyJhand0 and hf_transfer, hf_hub_download_from_the_repository",
        "from module.submodule import Name\nMyVeryLongClassNameForTests.method.call()",
    ],
)
def test_ordinary_texts_hold_no_secret(text: str) -> None:
    assert SCANNER.scan(text) == []


@pytest.mark.parametrize(
    "header",
    [
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
    ],
)
def test_a_private_key_is_one_span_from_its_first_line_to_its_last(header: str) -> None:
    block = f"{header}\n{PEM_BODY}\n{header.replace('BEGIN', 'END')}"
    for text in (block, block.replace("\n", "\\n")):
        (entity,) = SCANNER.scan(f"here:\n{text}\nthat was it")
        assert (entity.kind, entity.start) == ("PRIVATE_KEY", 6)
        assert f"here:\n{text}\nthat was it"[entity.end :].lstrip() in (
            "that was it",
            "\\nthat was it",
        )
        assert not SCANNER.pending(f"here:\n{text}\nthat was it")


def test_an_unterminated_private_key_reaches_to_the_end() -> None:
    text = "x " + PEM.rsplit("\n", 1)[0]
    (entity,) = SCANNER.scan(text)
    assert (entity.start, entity.end) == (2, len(text))


def test_two_private_keys_are_two_spans() -> None:
    assert len(SCANNER.scan(f"{PEM}\nand\n{PEM}")) == 2


def test_a_putty_key_is_one_span() -> None:
    text = f"PuTTY-User-Key-File-2: ssh-rsa\n{PEM_BODY}\nPrivate-MAC: {token(40, HEX)}\nbye"
    (entity,) = SCANNER.scan(text)
    assert text[entity.end :].strip() == "bye"


def test_every_prefix_of_a_private_key_is_pending_and_what_follows_is_not() -> None:
    for size in range(len("-----B"), len(PEM) - len("-----")):
        assert SCANNER.pending("Here it is: " + PEM[:size]), PEM[:size]
    assert not SCANNER.pending(PEM)
    assert not SCANNER.pending(PEM + "\nDone.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A clause - and more.",
        "Heading\n---\n",
        "BEGIN with this.",
        "a well--known fact",
        "Best",
    ],
)
def test_ordinary_texts_are_not_pending(text: str) -> None:
    assert not SCANNER.pending(text)


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "piece",
    [
        "a", " ", "-", "eyJ", "sk-", "sk-ant-", "aws", "aws key ", "://a:", "://", "BEGIN ",
        "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "ghp_", "glagent-", "xoxb-1-", "1", "//",
        "AP", "AKC", "secret_access_key ", "M", "AC", ".", "0123456789:", "npm_", ":_authToken=",
        "PuTTY-User-Key-File-2", "hf_", "eyJhIjoxfQ.", "pypi-AgEIcHlwaS5vcmc", "A1 ", "-us",
    ],
)  # fmt: skip
def test_time_is_linear_in_an_adversarial_megabyte(piece: str) -> None:
    text = piece * (MEGABYTE // len(piece))
    began = time.perf_counter()
    SCANNER.scan(text)
    SCANNER.pending(text)
    assert time.perf_counter() - began < 5.0
