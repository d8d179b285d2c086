"""The guard for personal data."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.registry import did_you_mean
from gateway.core.segments import Segment
from gateway.ports.entity_recognizer import EntityRecognizer

USUAL = (
    "CREDIT_CARD",
    "CRYPTO",
    "DATE_OF_BIRTH",
    "EMAIL_ADDRESS",
    "IBAN_CODE",
    "IP_ADDRESS",
    "LOCATION",
    "MEDICAL_LICENSE",
    "PERSON",
    "PHONE_NUMBER",
    "STREET_ADDRESS",
    "UK_NHS",
    "UK_NINO",
    "US_BANK_NUMBER",
    "US_DRIVER_LICENSE",
    "US_ITIN",
    "US_PASSPORT",
    "US_SSN",
)
"""What is looked for when a rule names no kinds: those of these that the recogniser supports, and
those that the house defined. Dates and URLs say nothing of a person by themselves."""

OTHERS = "*"
"""Stands in ``scores`` for the kinds that are not named there."""

_open_address = re.compile(
    r"(?<![\w.,])\d{1,6}[A-Za-z]?(?:-\d{1,5})?(?:\s[^\W_a-z][\w'’-]*\.?){0,5},?\s*$"
    r"|(?i:str\.?|straße|strasse|gasse|allee|platz|weg|damm|ufer)\s*$"
).search
_street = re.compile(
    r"\d[^\n!?]{1,60}?\b(?:Street|Str|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|"
    r"Court|Ct|Place|Pl|Square|Sq|Terrace|Terr?|Way|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Trl|"
    r"Crescent|Cres|Close|Mews|Alley|Plaza|Turnpike|Tpke|Expressway|Loop|Gardens|Gdns|Grove|Hill|"
    r"Row|Walk|Quay|Wharf)\b\.?|(?i:str\.|straße|strasse|gasse|allee|platz|weg|damm|ufer)\s\d"
).finditer
_town_may_follow = re.compile(  # each run of letters in one go: it is one word, not many
    r"(?:[ ,]*+\s?(?:#\s?|[A-Z\d])[\w.'’-]*+|[ ,]++(?:of|on|upon))*+[ ,]*+\s*+"
).fullmatch
_open_name = re.compile(
    r"[^\W\d_a-z][\w'’-]*\s(?:(?:van|von|de|der|den|del|della|di|da|dos|la|le|bin|al|el|ter|ten|zu|"
    r"zum|y|am|an|im|of|upon|sur)\s){1,2}$"
    r"|(?<!\w)(?:[^\W\d_a-z][\w'’-]*\.?\s[^\W\d_a-z]|(?!I)[^\W\d_a-z])\.\s+$"
).search
_signed = re.compile(  # an e-mail address behind a number says that it is a telephone's
    r"(?:\d[() .\-/+]{0,3}){5,14}\d(?: ?(?i:x|ext\.?|extension) ?\d{1,6})?"
    r"[\s,;|/)(·•-]{1,4}[\w.+-]{0,64}$"
).search
_ADDRESS_REACH = 120
_NAMES = frozenset({"PERSON", "LOCATION"})


class PiiOptions(Options):
    """Which personal data to look for.

    Scores are those of the recogniser. With Presidio's: 1.0 for what carries a checksum or a
    registered domain (cards, IBANs, e-mail addresses), 0.5 to 0.85 for what has an unmistakable
    form or a word before it that says what it is (``SSN``, ``phone``, ``my name is``), 0.6 for
    phone numbers with their country code, 0.5 for those in the form of North America, 0.4 for other
    phone numbers, below that for bare numbers that could be anything. The default threshold of a
    rule, 0.5, takes what is evident; 0.4 adds phone numbers in national form and numbers that a
    word speaks for; lower ones flag most long numbers.
    """

    entities: tuple[str, ...] | None = None
    """Kinds to look for, such as ``CREDIT_CARD``. When left out: the usual ones of a person."""
    language: str = "en"
    """Language of the texts. Only kinds that need a language model (PERSON, ...) depend on it."""
    allow: tuple[str, ...] = ()
    """Exact texts that are never reported, such as the address of your own help desk."""
    scores: Mapping[str, Annotated[float, Field(ge=0.0, le=1.0)]] = {}
    """Least score by kind, such as ``{PHONE_NUMBER: 0.4, "*": 0.6}``; ``*`` stands for all others.
    Findings below are not reported. What is reported is then held against the rule's own
    ``threshold``: set that to the lowest of these for them alone to decide."""


class PiiGuard:
    """Personal data: cards, accounts, identity numbers, addresses of all sorts, names."""

    name = "pii"
    inline = True  # long texts are handed to a thread inside
    pure = True
    Options = PiiOptions

    def __init__(self, options: PiiOptions, *, recognizer: EntityRecognizer) -> None:
        """Raises ValueError for a kind that the recogniser does not support."""
        known = recognizer.supported
        wanted = options.entities
        if wanted is None:
            wanted = (*(kind for kind in USUAL if kind in known), *recognizer.house)
        for kind in wanted:
            _require(kind, known)
        for kind in options.scores:
            if kind != OTHERS:
                _require(kind, known, " in 'scores'")
        self._recognizer = recognizer
        self._kinds = frozenset(wanted)
        self._addresses = "STREET_ADDRESS" in self._kinds
        self._names = not self._kinds.isdisjoint(_NAMES)
        self._phones = "PHONE_NUMBER" in self._kinds
        self._language = options.language
        self._allow = frozenset(options.allow)
        least = options.scores.get(OTHERS, 0.0)
        self._least = {kind: options.scores.get(kind, least) for kind in wanted}

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per entity; its category is the kind."""
        findings: list[Finding] = []
        scope = ex.principal.tenant if ex.principal is not None else ""
        for index, segment in enumerate(segments):
            text = segment.text
            entities = await self._recognizer.recognize(text, self._kinds, self._language, scope)
            findings += [
                Finding(e.kind, e.score, index, e.start, e.end)
                for e in entities
                if e.score >= self._least[e.kind]
                and (not self._allow or text[e.start : e.end] not in self._allow)
            ]
        return findings

    def pending(self, text: str) -> bool:
        """Whether the text ends inside what may become a street address (a house number and names
        without the word that makes them a street, a street whose town may follow) or a name, or
        behind what an e-mail address that follows would make a telephone number."""
        tail = text[-_ADDRESS_REACH:]
        if self._names and _open_name(tail):
            return True
        if self._phones and _signed(tail):
            return True
        if not self._addresses:
            return False
        return _open_address(tail) is not None or any(
            _town_may_follow(tail, match.end()) for match in _street(tail)
        )


def _require(kind: str, known: frozenset[str], where: str = "") -> None:
    if kind not in known:
        raise ValueError(
            f"unknown entity {kind!r}{where}{did_you_mean(kind, sorted(known))}{_missing(kind)}"
        )


def _missing(kind: str) -> str:
    if kind in {"NRP", "ORGANIZATION", "PERSON", "LOCATION"}:
        return "; it needs a language model: set 'spacy_model' of the recogniser"
    if kind[2:3] == "_" and kind[:2].isalpha():
        return "; a kind of another country must stand in 'extra_kinds' of the recogniser"
    return "; a kind of your own is defined in 'custom' or 'deny' of the recogniser"
