"""The rules for credentials: detect-secrets' expressions, and our own where it has none.

Left out of detect-secrets, on purpose: its entropy and keyword plugins (they flag hashes, UUIDs and
prose), public IP addresses (not a credential), and the assignments of Cloudant, SoftLayer and IBM
Cloud, whose expressions take time in the third power of a run of spaces. Its expressions for JWT,
npm and OpenAI take time in the square of the text, so these have a linear one here that finds at
least the same tokens.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of credential.

    ``needles`` are the literals of which a text must have one, in lower case where ``fold``.
    ``group`` is the part of the match that is the credential. ``score`` says how much its form
    alone proves: 1.0 where the vendor reserves a prefix.
    """

    kind: str
    needles: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    score: float = 1.0
    group: int = 0
    fold: bool = False
    valid: Callable[[str], bool] | None = None


def _taken(plugin: type[RegexBasedDetector]) -> tuple[re.Pattern[str], ...]:
    return tuple(plugin.denylist)


def _own(*sources: str, flags: int = 0) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<![A-Za-z0-9]){source}", flags) for source in sources)


def _has_digit(token: str) -> bool:
    return any(c.isdigit() for c in token)


def _is_value(password: str) -> bool:
    """Whether it is a password rather than the place of one, as in ``user:<password>@host``."""
    return (
        password.lower() not in {"password", "passwd", "pass", "pwd"}
        and password[0] not in "{<%"
        and len(set(password)) > 1
    )


def _is_jwt(token: str) -> bool:
    return bool(JwtTokenDetector.is_formally_valid(token.rstrip(".=")))


FROM_DETECT_SECRETS: Sequence[Rule] = (
    Rule(
        "ARTIFACTORY_TOKEN",
        ("AKC", "AP"),
        _taken(ArtifactoryDetector),
        score=0.7,
        valid=_has_digit,
    ),
    Rule(
        "AWS_ACCESS_KEY",
        ("A3T", "ABIA", "ACCA", "AKIA", "ASIA"),
        (AWSKeyDetector.denylist[0],),
    ),
    Rule("AWS_SECRET_KEY", ("aws",), (AWSKeyDetector.denylist[1],), group=1, fold=True),
    Rule("AZURE_STORAGE_KEY", ("AccountKey=",), _taken(AzureStorageKeyDetector)),
    Rule("BASIC_AUTH", ("://",), _taken(BasicAuthDetector), score=0.8, group=1, valid=_is_value),
    Rule("DISCORD_BOT_TOKEN", (".",), _taken(DiscordBotTokenDetector), score=0.9),
    Rule("GITHUB_TOKEN", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), _taken(GitHubTokenDetector)),
    Rule(
        "GITLAB_TOKEN",
        (
            *("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "GR1348941"),
            *("glcbt-", "glimt-", "glptt-", "glagent-", "gloas-"),
        ),
        _taken(GitLabTokenDetector),
    ),
    Rule("MAILCHIMP_KEY", ("-us",), _taken(MailchimpDetector)),
    Rule("PYPI_TOKEN", ("pypi-AgE",), _taken(PypiTokenDetector)),
    Rule("SENDGRID_KEY", ("SG.",), _taken(SendGridDetector)),
    Rule("SLACK_TOKEN", ("xox", "hooks.slack.com"), _taken(SlackDetector), fold=True),
    Rule("SQUARE_OAUTH_SECRET", ("sq0csp-",), _taken(SquareOAuthDetector)),
    Rule("STRIPE_KEY", ("k_live_",), _taken(StripeDetector)),
    Rule("TELEGRAM_BOT_TOKEN", (":",), _taken(TelegramBotTokenDetector), score=0.9),
    Rule("TWILIO_KEY", ("AC", "SK"), _taken(TwilioKeyDetector), score=0.8),
)

OWN: Sequence[Rule] = (
    # https://docs.claude.com/en/api/overview
    Rule("ANTHROPIC_KEY", ("sk-ant-",), _own(r"sk-ant-[A-Za-z0-9_\-]{20,}")),
    # https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html (without quotes)
    Rule(
        "AWS_SECRET_KEY",
        ("secret",),
        _own(
            r"(?:aws)?_?secret_?access_?key[\"']?\s{0,5}[=:]\s{0,5}[\"']?([A-Za-z0-9/+]{40})"
            r"(?![A-Za-z0-9/+=])",
            flags=re.IGNORECASE,
        ),
        group=1,
        fold=True,
    ),
    # https://docs.databricks.com/en/dev-tools/auth/pat.html
    Rule("DATABRICKS_TOKEN", ("dapi",), _own(r"dapi[0-9a-f]{32}(?:-\d)?")),
    # https://docs.digitalocean.com/reference/api/create-personal-access-token/
    Rule("DIGITALOCEAN_TOKEN", ("_v1_",), _own(r"do[opr]_v1_[0-9a-f]{64}")),
    # A key of this gateway.
    Rule("GATEHOUSE_KEY", ("sk-gh-",), _own(r"sk-gh-[A-Za-z0-9_\-]{16,}")),
    # https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    Rule("GITHUB_TOKEN", ("github_pat_",), _own(r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}")),
    # https://cloud.google.com/docs/authentication/api-keys
    Rule("GOOGLE_API_KEY", ("AIza",), _own(r"AIza[0-9A-Za-z_\-]{35}")),
    # https://developers.google.com/identity/protocols/oauth2 (client secrets, access tokens)
    Rule(
        "GOOGLE_OAUTH",
        ("GOCSPX-", "ya29."),
        _own(r"GOCSPX-[A-Za-z0-9_\-]{28}", r"ya29\.[A-Za-z0-9_\-]{30,}"),
    ),
    # https://huggingface.co/docs/hub/security-tokens
    Rule("HUGGINGFACE_TOKEN", ("hf_",), _own(r"hf_[A-Za-z0-9]{30,}"), valid=_has_digit),
    # https://www.rfc-editor.org/rfc/rfc7519; decoded by detect-secrets' own check
    Rule(
        "JWT",
        ("eyJ",),
        (re.compile(r"(?<![\w\-])eyJ[\w\-]+={0,2}\.[\w\-]+={0,2}(?:\.[\w\-]*={0,2})?", re.ASCII),),
        valid=_is_jwt,
    ),
    # https://docs.npmjs.com/about-access-tokens
    Rule(
        "NPM_TOKEN",
        ("npm_", ":_authToken="),
        (
            *_own(r"(npm_[A-Za-z0-9]{36})"),
            re.compile(r":_authToken=[ \t]{0,8}([A-Za-z0-9_\-]{20,})"),
        ),
        group=1,
    ),
    # https://platform.openai.com/docs/api-reference/authentication
    Rule(
        "OPENAI_KEY",
        ("sk-",),
        (
            re.compile(r"(?<![\w\-])sk-[\w\-]{20,}T3BlbkFJ[\w\-]{20,}", re.ASCII),
            re.compile(r"(?<![\w\-])sk-(?:proj|svcacct|admin)-[\w\-]{40,}", re.ASCII),
        ),
    ),
    # https://api.slack.com/concepts/token-types (app-level tokens)
    Rule("SLACK_TOKEN", ("xapp-",), _own(r"xapp-\d-[A-Z0-9]{5,20}-\d{5,20}-[a-f0-9]{32,}")),
    # https://docs.stripe.com/webhooks#verify-official-libraries
    Rule("STRIPE_KEY", ("whsec_",), _own(r"whsec_[A-Za-z0-9+/=]{32,}")),
)
