"""Placeholders: what a model reads in place of a value, and how the value is found again.

A placeholder looks like ``<EMAIL_ADDRESS_k3f9m2>``: what kind of value it stands for, then a tag
derived from the value under a key of this conversation. No state outlives an exchange: the client
sends its history again, and the same values get the same placeholders again.
``docs/adr/0002-placeholders.md`` says why they look so.
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.exchange import Exchange
from gateway.core.segments import Json, Origin

LETTERS = "bcdfghjkmnpqrstvwxz"
"""Letters of tags: no vowels, so that no word can come out, and none that reads as a digit."""
DIGITS = "23456789"
PAIRS = 3
"""Pairs of a letter and a digit in a tag: 152 ** 3, 3.5 million tags."""
MOST_PAIRS = 8
"""Pairs of the longest tag that is given when shorter ones are taken."""

TAG = re.compile(
    rf"(?:[{LETTERS}][{DIGITS}]){{{PAIRS},{MOST_PAIRS}}}(?![a-z0-9])", re.ASCII | re.IGNORECASE
)
"""What may be a tag, unless a letter or a digit stands right before it."""
PLACEHOLDER = re.compile(rf"<[A-Z][A-Z0-9_]*_(?:[{LETTERS}][{DIGITS}]){{{PAIRS},{MOST_PAIRS}}}>")
"""A placeholder as it is issued, of any exchange."""

DAY = 86_400.0
_ATTEMPTS = 64
_LABEL_SIZE = 28
_NOT_LABEL = re.compile(r"[^A-Z0-9]+")
_STATE = "gateway.placeholders"
_WHO = ("user", "safety_identifier", "conversation")
_METADATA = ("user_id", "session_id", "conversation_id", "thread_id", "chat_id")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that was taken out of this exchange. ``label`` is its kind, ``tag`` its name."""

    label: str
    tag: str
    value: str

    @property
    def text(self) -> str:
        return f"<{self.label}_{self.tag}>"

    def __repr__(self) -> str:
        return f"Placeholder({self.text})"  # never the value: it might be logged


class PlaceholderSecret:
    """The secret from which tags are derived. It rotates by itself: every ``rotation`` seconds of
    the wall clock the keys derived from it are others."""

    def __init__(self, secret: bytes, rotation: float = DAY) -> None:
        """Raises ValueError for a secret of fewer than 16 bytes."""
        if len(secret) < 16:
            raise ValueError("the placeholder secret needs 16 bytes at least")
        self._secret = secret
        self._rotation = rotation

    def __repr__(self) -> str:
        return "PlaceholderSecret(...)"

    def conversation_key(self, ex: Exchange) -> bytes:
        """The key of the conversation that ``ex`` is a turn of.

        From the epoch, the caller's key and tenant, what the request says of user and session, and
        the texts up to the first one of the user, which stay the same as a history grows.
        """
        who = ex.principal
        parts = [str(int(ex.at // self._rotation))]
        parts += [who.tenant, who.key_id] if who is not None else ["", ""]
        parts += _named(ex.body)
        parts += _opening(ex)
        digest = hmac.new(self._secret, digestmod="sha256")
        for part in parts:  # lengths first, so that no two lists of parts read the same
            raw = part.encode("utf-8", "surrogatepass")
            digest.update(len(raw).to_bytes(8, "big"))
            digest.update(raw)
        return digest.digest()


def _named(body: Json) -> list[str]:
    metadata = body.get("metadata")
    given = metadata if isinstance(metadata, dict) else {}
    found = [(name, body.get(name)) for name in _WHO]
    found += [(f"metadata.{name}", given.get(name)) for name in _METADATA]
    return [f"{name}={value}" for name, value in found if value is not None]


def _opening(ex: Exchange) -> list[str]:
    """The system texts that come first, and the first text of the user."""
    texts: list[str] = []
    for segment in ex.segments():
        if segment.origin is Origin.SYSTEM or segment.origin is Origin.USER:
            texts.append(f"{segment.origin.value}:{segment.text}")
        if segment.origin is Origin.USER:
            break
    return texts


class Vault:
    """The placeholders of one exchange: issued here, known nowhere else, gone with it.

    No two values share a placeholder, none is the beginning of another, and none is issued that
    already stands in the request: what a caller typed is never mistaken for one of these.
    """

    def __init__(self, secret: PlaceholderSecret) -> None:
        self._secret = secret
        self._key: bytes | None = None
        self._by_value: dict[str, Placeholder] = {}
        self._typed: set[str] = set()
        self._heads: set[str] = set()
        self.live: dict[str, Placeholder] = {}
        """The placeholders issued so far, by tag."""

    def __repr__(self) -> str:
        return f"Vault({len(self.live)} placeholders)"

    def begin(self, ex: Exchange) -> None:
        """Read the request as it is before anything is taken out of it. Must come before ``issue``;
        once is enough, and more does nothing."""
        if self._key is None:
            self._key = self._secret.conversation_key(ex)
            self.avoid(segment.text for segment in ex.segments())

    def avoid(self, texts: Iterable[str]) -> None:
        """Issue nothing that stands in one of these texts, in any case or spelling."""
        for text in texts:
            for match in TAG.finditer(text):
                self._typed.add(match[0].lower())

    def issue(self, category: str, value: str) -> str:
        """The placeholder of ``value``, as text: the same one for the same value.

        Raises ValueError when no tag is free, as in a request made of nothing but tags, and before
        ``begin``.
        """
        known = self._by_value.get(value)
        if known is not None:
            return known.text
        if self._key is None:
            raise ValueError("this vault has not read its request yet")
        made = Placeholder(label_of(category), self._tag(self._key, value), value)
        self._by_value[value] = made
        self._heads.add(made.tag[: 2 * PAIRS])
        self.live[made.tag] = made
        return made.text

    def _tag(self, key: bytes, value: str) -> str:
        raw = value.encode("utf-8", "surrogatepass")
        for attempt in range(_ATTEMPTS):
            digest = hmac.digest(key, bytes([attempt]) + raw, "sha256")
            tag = _spelled(digest, min(PAIRS + attempt, MOST_PAIRS))
            if tag not in self._typed and tag[: 2 * PAIRS] not in self._heads:
                return tag
        raise ValueError("no placeholder is free for a value of this request")


class NumberedVault(Vault):
    """Placeholders that are counted, such as ``<EMAIL_ADDRESS_1>``: for tests of policies, which
    want to read the same every time. Never for requests, since anybody can type these."""

    def __init__(self) -> None:
        self._numbered: dict[str, str] = {}
        self._count: dict[str, int] = {}
        self.live = {}

    def begin(self, ex: Exchange) -> None:
        """Numbers depend on no request."""

    def avoid(self, texts: Iterable[str]) -> None:
        """Nothing is typed by chance in a test."""

    def issue(self, category: str, value: str) -> str:
        label = label_of(category)
        if value not in self._numbered:
            self._count[label] = self._count.get(label, 0) + 1
            self._numbered[value] = f"<{label}_{self._count[label]}>"
        return self._numbered[value]


def _spelled(digest: bytes, pairs: int) -> str:
    number = int.from_bytes(digest, "big")
    made: list[str] = []
    for _ in range(pairs):
        number, letter = divmod(number, len(LETTERS))
        number, digit = divmod(number, len(DIGITS))
        made += (LETTERS[letter], DIGITS[digit])
    return "".join(made)


def label_of(category: str) -> str:
    """A category as it stands in a placeholder: capitals, digits and single underscores."""
    label = _NOT_LABEL.sub("_", category.upper()).strip("_")[:_LABEL_SIZE].rstrip("_")
    if not label:
        return "VALUE"
    return label if label[0].isalpha() else f"X_{label}"


def keep_vault(ex: Exchange, vault: Vault) -> None:
    """Use ``vault`` for this exchange."""
    ex.state[_STATE] = vault


def open_vault(ex: Exchange, secret: PlaceholderSecret) -> Vault:
    """The vault of this exchange, made on first use."""
    vault: Vault | None = ex.state.get(_STATE)
    if vault is None:
        vault = ex.state[_STATE] = Vault(secret)
    return vault


def vault_of(ex: Exchange) -> Vault | None:
    """The vault of this exchange; None when no rule of it could issue placeholders."""
    return ex.state.get(_STATE)


def forget(ex: Exchange) -> None:
    """Let go of the values."""
    ex.state.pop(_STATE, None)
