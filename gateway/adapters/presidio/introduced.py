"""Names, places and dates of birth that the words before them give away.

No language model is needed for "my name is Ada Lovelace", and little is risked. What nothing
introduces is left to a spaCy pipeline or another tagger. English and German. How often each rule is
right was measured: ``docs/guides/pii.md``. All patterns begin with the words that introduce, and no
repetition has another inside, so the cost is linear.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import regex

from gateway.adapters.presidio.facts import Facts

_W = r"\p{Lu}[\p{L}\p{M}]*+(?:['’-](?!s\b)\p{L}++){0,3}"
_LINK = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|la|le|bin|al|el|ter|ten|zu|zum|y)\s){0,2}"
_INITIALS = r"(?:\p{Lu}\.[ ]?){0,3}"
NAME = rf"{_INITIALS}{_W}(?:[ \t](?:\p{{Lu}}\.|{_LINK}(?!(?:{{not_next}})\b){_W})){{0,4}}"
_PLACE = rf"(?!\p{{Lu}}\b){_W}(?:[ -](?:(?:am|an der|im|of|upon|de|la|sur)[ -])?{_W}){{0,3}}"

_NO_NAME = (
    "Sir|Madam|Sirs|Customer|Customers|Client|Team|All|Everyone|Everybody|Colleague|Colleagues|"
    "Friend|Friends|Hiring|Manager|Recruiter|Support|Valued|Editor|God|Lord|Diary|Student|Students|"
    "Parent|Parents|Member|Members|User|Users|Santa|Professor|President|Ladies|Gentlemen|Reader|"
    "Not|The|A|An|My|Your|Our|This|That|It|I|We|You|Is|Are|Was|If|When|Back|Now|Later|Tomorrow|"
    "Today|At|On|In|As|And|Or|But|Please|Damen|Herren|Kunde|Kunden|Frau|Herr|Kollegen|Universe|"
    "Apt|Suite|Unit|Floor|Sent|Thanks|Regards|Best|Kind|Dear|Hello|Hi|Mr|Mrs|Ms|Miss|Dr|Prof|Sir"
)
_NOT_NEXT = (
    "Apt|Suite|I|My|The|And|But|Please|Can|Could|Is|It|We|You|He|She|They|This|That|Phone|Tel|Email|E-Mail|"
    "Address|Date|Born|DOB|From|To|At|In|On|Mr|Mrs|Ms|Dr|Ich|Und|Bitte|Mein|Meine"
)
_IS_NAME = rf"(?!(?:{_NO_NAME})\b)(?P<found>{NAME.replace('{not_next}', _NOT_NEXT)})"

_MONTH = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|"
    r"juli|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?|"
    r"dez(?:ember)?)"
)
_DATE = (
    r"(?P<found>\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d)|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?[ -](?:of )?{_MONTH}\b\.?,?[ -]\d{{4}}"
    rf"|{_MONTH}\b\.?[ -]\d{{1,2}}(?:st|nd|rd|th)?,?[ -]\d{{4}})(?!\d)"
)


_IS_PLACE = (
    r"\s(?:the\s)?(?!(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December|The|A|My|Our|English|German)\b)"
    rf"(?P<found>{_PLACE}(?:,\s{_PLACE})?)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern whose group ``found`` is an entity, with the score that it deserves.

    One of ``literals`` is in every text that the pattern matches (``exact``) or in its lower case,
    ``need`` matches somewhere in it, it has so many ``digits`` and, if asked for, a ``long_number``
    (``Facts``): all are far cheaper than the pattern. What was found must be ``valid``.
    """

    kind: str
    score: float
    literals: Sequence[str]
    exact: bool
    need: Callable[[str], Any]
    finditer: Callable[[str], Iterable[Any]]
    digits: int = 0
    valid: Callable[[str], bool] | None = None
    long_number: bool = False

    def possible(self, facts: Facts) -> bool:
        """Whether it is worth looking closer."""
        if self.digits and facts.digits < self.digits:
            return False
        if self.long_number and not facts.long_number:
            return False
        text = facts.text if self.exact else facts.lower
        return any(map(text.__contains__, self.literals)) and self.need(facts.text) is not None


def rule(
    kind: str,
    score: float,
    literals: str,
    pattern: str,
    flags: int = 0,
    need: str = "",
    digits: int = 0,
    valid: Callable[[str], bool] | None = None,
    long_number: bool = False,
) -> Rule:
    """A rule; ``literals`` are separated by ``|``, and exact when one has a capital."""
    compiled = regex.compile(pattern, flags)
    exact = literals != literals.lower()
    needed = re.compile(need).search
    words = tuple(literals.split("|"))
    return Rule(kind, score, words, exact, needed, compiled.finditer, digits, valid, long_number)


RULES: Sequence[Rule] = (
    rule(
        "PERSON",
        0.85,
        "name is|name's|called|ich hei|name ist|name:",
        rf"(?i:\b(?:my\s(?:(?:full|first|last|legal|real)\s)?name(?:\sis|['’]s|:)"
        rf"|i(?:['’]m|\sam)\scalled|ich\shei(?:ß|ss)e|mein\sname\sist))\s+{_IS_NAME}",
    ),
    rule(  # written without capitals, as in chats: up to three words to the end of the clause
        "PERSON",
        0.6,
        "name is|name's|ich hei|name ist",
        r"(?i:\b(?:my\s(?:(?:full|first|last|real)\s)?name(?:\sis|['’]s)|ich\shei(?:ß|ss)e"
        r"|mein\sname\sist)\s+)(?!(?:not|the|a|an|in|on|at|my|your|misspell\p{L}*|wrong|spelled|"
        r"already|listed|written|too|also|of|from|no|being|still|so|very|what|nicht|falsch)\b)"
        r"(?P<found>\p{Ll}[\p{L}'’-]++(?:\s\p{Ll}[\p{L}'’-]++){0,2}+)(?=\s*(?:[,.!?;)]|$))",
        regex.MULTILINE,
    ),
    rule(
        "PERSON",
        0.7,
        "Mr|Ms|Miss|Mx|Dr|Prof|Herr|Frau|MR|MS|DR",
        rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Herrn?|Frau|MR|MRS|MS|DR)\b\.?\s"
        rf"(?:(?:Dr|Prof)\.?\s){{0,2}}{_IS_NAME}",
    ),
    rule(
        "PERSON",
        0.6,
        "Dear |Hi |Hello |Liebe|Hallo ",
        rf"(?m)^[ \t]*(?:Dear|Hi|Hello|Liebe|Lieber|Hallo)[ ]{_IS_NAME}(?=\s*(?:[,:!\n–-]|$))",
    ),
    rule(
        "PERSON",
        0.75,
        "regards|wishes|sincerely|yours|cheers|thanks|thank you|grüße|gruß|mfg",
        r"(?m)(?i:(?:regards|wishes|sincerely|yours|truly|faithfully|cheers|thanks|thank\syou"
        r"|grüßen?|gruß|mfg))[,.!]?[ \t]*\n\s{0,4}"
        rf"(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?\s)?{_IS_NAME}[ \t]*$",
        need=r"\n\s{0,4}[^\W\d_a-z]",
    ),
    rule(
        "PERSON",
        0.75,
        "name|holder|patient|customer|client|passenger|recipient|applicant",
        r"(?i:\b(?:(?:full|first|last|given|family|middle|maiden|customer|patient|client|employee|"
        r"contact|cardholder|passenger|recipient|applicant)[ _-]?name|surname|nachname|vorname|"
        r"(?:account|card)[ ]?holder|patient|passenger|applicant)\b[\"']?\s?[:=]\s?[\"']?)"
        rf"{_IS_NAME}",
        need=r"[:=]\s?[\"']?[^\W\d_a-z]",
    ),
    rule("PERSON", 0.45, "name:", rf"(?m)(?i:^\s{{0,8}}name:\s){_IS_NAME}(?=\s*(?:[,;]|$))"),
    rule(
        "DATE_OF_BIRTH",
        0.85,
        "born|birth|dob|d.o.b|geb",
        r"\b(?:born|birth|birth\s?date|birthday|d\.?o\.?b\b\.?|geboren|geb\.|geburtstag|"
        rf"geburtsdatum)(?:[\s:=(\"',-]|is|was|on|am|the|den){{0,12}}{_DATE}",
        regex.IGNORECASE,
        need=r"\d{4}|\d\d?[-/.]\d",
    ),
    rule(
        "LOCATION",
        0.6,
        "live in|lives in|lived in|living in|m from|based in|born in|grew up|reside|wohn|komme aus|"
        "lebe in|located in",
        r"\b(?:(?i:i|we|he|she|they)[ ](?:currently[ ]|now[ ])?(?:live[sd]?|reside[sd]?)[ ]in"
        r"|(?:[Ii]['’]m|[Ii][ ]am)[ ](?:living[ ]in|from|based[ ]in|located[ ]in)"
        r"|[Ww]as[ ]born[ ]in|[Gg]rew[ ]up[ ]in|[Ww]ohne[ ]in|[Ww]ohnhaft[ ]in|[Kk]omme[ ]aus"
        r"|[Ll]ebe[ ]in)"
        rf"{_IS_PLACE}",
    ),
    rule(
        "LOCATION",
        0.4,
        "based in|located in|moved|residing in|city of",
        r"\b(?:[Bb]ased[ ]in|[Ll]ocated[ ]in|[Rr]esiding[ ]in|[Mm]oved[ ](?:here[ ])?(?:to|from)"
        rf"|[Cc]ity[ ]of){_IS_PLACE}",
    ),
)


class Introduced:
    """The rules of one kind."""

    context: frozenset[str] = frozenset()

    def __init__(self, kind: str, rules: Iterable[Rule], result: type[Any]) -> None:
        self.kind = kind
        self.id = f"introduced-{kind}"
        self._rules = tuple(rules)
        self._without_long_number = tuple(rule for rule in self._rules if not rule.long_number)
        self._result = result

    def find(self, facts: Facts) -> list[Any]:
        """Results of Presidio's shape."""
        rules = self._rules if facts.long_number else self._without_long_number
        return [
            self._result(
                self.kind,
                *match.span("found"),
                rule.score,
                recognition_metadata={"recognizer_identifier": self.id},
            )
            for rule in rules
            if rule.possible(facts)
            for match in rule.finditer(facts.text)
            if rule.valid is None or rule.valid(match["found"])
        ]
