"""The guard for personal data."""

from collections.abc import Sequence

from gateway.core.exchange import Exchange
from gateway.core.findings import Finding
from gateway.core.options import Options
from gateway.core.registry import did_you_mean
from gateway.core.segments import Segment
from gateway.ports.entity_recognizer import EntityRecognizer

USUAL = (
    "CREDIT_CARD",
    "CRYPTO",
    "EMAIL_ADDRESS",
    "IBAN_CODE",
    "IP_ADDRESS",
    "LOCATION",
    "MEDICAL_LICENSE",
    "PERSON",
    "PHONE_NUMBER",
    "UK_NHS",
    "UK_NINO",
    "US_BANK_NUMBER",
    "US_DRIVER_LICENSE",
    "US_ITIN",
    "US_PASSPORT",
    "US_SSN",
)
"""What is looked for when a rule names no kinds: those of these that the recogniser supports. Dates
and URLs say nothing of a person by themselves."""


class PiiOptions(Options):
    """Which personal data to look for.

    Scores are those of the recogniser. With Presidio's: 1.0 for what carries a checksum or a
    registered domain (cards, IBANs, e-mail addresses), 0.5 to 0.85 for what has an unmistakable
    form or a word before it that says what it is (``SSN``, ``phone``), 0.6 for phone numbers with
    their country code, 0.4 for other phone numbers, below that for bare numbers that could be
    anything. The default threshold of a rule, 0.5, takes what is evident; 0.4 adds phone numbers
    in national form and numbers that a word speaks for; lower ones flag most long numbers.
    """

    entities: tuple[str, ...] | None = None
    """Kinds to look for, such as ``CREDIT_CARD``. When left out: the usual ones of a person."""
    language: str = "en"
    """Language of the texts. Only kinds that need a language model (PERSON, ...) depend on it."""
    allow: tuple[str, ...] = ()
    """Exact texts that are never reported, such as the address of your own help desk."""


class PiiGuard:
    """Personal data: cards, accounts, identity numbers, addresses of all sorts, names."""

    name = "pii"
    inline = True  # long texts are handed to a thread inside
    Options = PiiOptions

    def __init__(self, options: PiiOptions, *, recognizer: EntityRecognizer) -> None:
        """Raises ValueError for a kind that the recogniser does not support."""
        known = recognizer.supported
        wanted = options.entities
        if wanted is None:
            wanted = tuple(kind for kind in USUAL if kind in known)
        for kind in wanted:
            if kind not in known:
                raise ValueError(
                    f"unknown entity {kind!r}{did_you_mean(kind, sorted(known))}"
                    f"{_needs_model(kind)}"
                )
        self._recognizer = recognizer
        self._kinds = frozenset(wanted)
        self._language = options.language
        self._allow = frozenset(options.allow)

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per entity; its category is the kind."""
        findings: list[Finding] = []
        for index, segment in enumerate(segments):
            text = segment.text
            entities = await self._recognizer.recognize(text, self._kinds, self._language)
            findings += [
                Finding(e.kind, e.score, index, e.start, e.end)
                for e in entities
                if not self._allow or text[e.start : e.end] not in self._allow
            ]
        return findings


def _needs_model(kind: str) -> str:
    if kind in {"PERSON", "LOCATION", "NRP", "ORGANIZATION"}:
        return "; it needs a language model: set 'spacy_model' of the recogniser"
    return ""
