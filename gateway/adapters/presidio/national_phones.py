"""Telephone numbers as they are written within a country, with the form as the only witness.

A trunk zero and groups (``070-598-508``, ``03.96.32.45.30``), an area in parentheses
(``(13) 3032-6613``), a number beside an e-mail address, or one that takes up an earlier one
(``if no answer try …``, ``his number? It's …``). Order numbers and the like are written alike, so
the word before a number may speak against it. Rules of ``introduced.py``.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from gateway.adapters.presidio.introduced import Rule, rule
from gateway.adapters.presidio.numbers import EXTENSION, NO_DATE, PHONE

_NOT_A_PHONE = (
    "order|orders|invoice|invoices|ticket|ref|reference|case|part|parts|pn|sku|item|items|article|"
    "artikel|product|model|isbn|issn|ean|upc|gtin|barcode|tracking|parcel|shipment|consignment|"
    "account|acct|konto|kontonummer|compte|cuenta|iban|blz|sort|routing|policy|claim|contract|"
    "booking|reservation|confirmation|serial|batch|lot|id|ids|passport|ssn|vat|tax|steuernummer|"
    "patent|version|build|release|firmware|pages|page|pp|section|chapter|code|codes|receipt|po|"
    "bestellung|bestellnummer|rechnung|rechnungsnummer|commande|facture|pedido|factura|customer|"
    "kundennummer|member|membership|employee|student|patient|mrn|nhs|license|licence|lottery|lotto|"
    "score|scores|range|coordinates|meter|imei|dose|vol|volume|no|nr|number|nummer|numéro|número"
)
_UNSUSPECTED = (  # asked after the first digit only: looking back is dear
    rf"(?<!(?<!\p{{L}})(?i:{_NOT_A_PHONE})(?:[^\w\n]{{0,4}}(?i:no|nr|number|num|id|is|was|code)\b)"
    r"{0,2}[^\w\n]{0,4}\(?)"
)
_START = r"(?<![\w+./$€£#@=%-])(?<!\d[ .:/()-]{1,2})(?<!\d,)"
_END = r"(?![\w@%]|[.,:/-]\d|[ ]\d|[ ]?[€$£%])"
_LEAST, _MOST, _MOST_IN_TWO = 9, 11, 12
"""Digits of a national number with its trunk zero, where nothing else speaks for it: with fewer
come dates and amounts, with more accounts. German mobiles have twelve, in two groups."""
_LOTTERY = 49

_groups = re.compile(r"\d+").findall
_dated = re.compile(r"\d\d([./-])\d\d\1(?:19|20)\d\d(?!\d)").match


def national(text: str) -> bool:
    """Whether there are as many digits as in most countries' national numbers, and they are no
    drawn numbers in order (03 12 24 33 41), no count (001 002 003), no bits and no date with a
    number (05-11-2024-123)."""
    groups = _groups(text)
    digits = sum(map(len, groups))
    most = _MOST_IN_TWO if len(groups) == 2 else _MOST
    if not _LEAST <= digits <= most or _dated(text) or set("".join(groups)) <= {"0", "1"}:
        return False
    if all(len(group) > 2 and group.startswith("0") for group in groups):
        return False
    pairs = text.split()
    if not all(len(pair) == 2 and pair.isdecimal() for pair in pairs):
        return True
    numbers = [int(pair) for pair in pairs]
    drawn = all(one < other for one, other in pairwise(numbers))
    return not (drawn and numbers[-1] <= _LOTTERY)


_GROUPED = (
    rf"(?=[(\d]){_START}(?=\(?0[1-9]|00[1-9]){_UNSUSPECTED}{NO_DATE}(?P<found>"
    r"(?:\(0\d{1,4}\)[ ]?|0\d{1,4}[ ./-])\d{2,4}(?:[ .-]\d{2,4}){1,4}"  # 0471 88 34 51
    r"|(?:\(0\d{2,4}\)[ ]?|0\d{2,4}[ /-])\d{5,8}"  # 0151 23456789, 089/7263411
    rf"){EXTENSION}{_END}"
)
_AREA = (
    rf"(?=[(\d]){_START}(?=\(\d){_UNSUSPECTED}(?!\((?:1[89]|20)\d\d\))(?P<found>"
    rf"\(\d{{2,4}}\)[ ]?\d{{2,5}}(?:[ -]\d{{2,4}}){{1,3}}{EXTENSION}){_END}"
)
_IN_GROUPS = (  # six to fifteen digits in two groups or more, or a trunk zero and nine or ten
    rf"{NO_DATE}(?!\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\d.]))"
    r"(?P<found>(?=(?:[() .\-/+]{0,3}\d){6,15}(?!\d))(?:\+|00?)?(?:\(\d{1,5}\)|\d{1,5})"
    rf"(?:[ .\-/]{{1,2}}\d{{2,8}}|(?<=\))\d{{2,8}}){{1,5}}{EXTENSION}|0\d{{9,10}})"
    r"(?![\w@%]|[.,:/-]\d)"
)
_SPACED = (  # area and exchange of North America, which begin with 2 to 9; no year at the end
    rf"(?=[2-9]){_START}(?=\d{{3}}[ ]\d{{3}}[ ]\d{{4}}){_UNSUSPECTED}"
    rf"(?P<found>[2-9]\d\d[ ][2-9]\d\d[ ](?!(?:19|20)\d\d)\d{{4}}{EXTENSION}){_END}"
)
_NO_TIME = r"(?!1[4-9]\d{8}(?:\d{3}|\d{6})?(?!\d))"
"""Seconds of Unix since 2014, or parts of them."""
_WHOSE = (
    r"(?:(?<!\p{L})(?i:my|his|her|our|their|your|phone|mobile|cell|home|work|office|contact|best)"
    r"|['’][sS])[ ](?i:phone[ ]|cell[ ]|mobile[ ]|new[ ]|own[ ])?"
)
_ANSWERED = (
    r"(?i:it|that|this|here)(?:['’]?(?i:s)|[ ](?i:is))[ ](?:(?i:now|still|just|actually)[ ])?"
)

RULES: Sequence[Rule] = (
    rule(
        "PHONE_NUMBER",
        0.5,
        "0",
        _GROUPED,
        need=r"\(?0\d{1,4}[ ./)-]{1,2}\d{2}",
        digits=9,
        long_number=True,
        valid=national,
    ),
    rule(
        "PHONE_NUMBER",
        0.5,
        "(",
        _AREA,
        need=r"\(\d{2,4}\) ?\d\d",
        digits=9,
        long_number=True,
        valid=national,
    ),
    rule(
        "PHONE_NUMBER",
        0.5,
        " ",
        _SPACED,
        need=r"[2-9]\d\d [2-9]\d\d \d{4}",
        digits=10,
        long_number=True,
    ),
    rule(  # call our Colombo branch on 22 131634
        "PHONE_NUMBER",
        0.6,
        "call|ring|reach|contact|phone",
        r"\b(?i:call|ring|reach|contact|phone)(?:[ ]\p{L}[\p{L}'’-]*+){1,6}?[ ](?i:on|at)[ ]"
        + PHONE,
        digits=6,
        long_number=True,
    ),
    rule(  # a@example.com, 0306 9990666
        "PHONE_NUMBER",
        0.55,
        "@",
        rf"(?=\+?\(?\d)(?<=\p{{L}}\.\p{{L}}{{2,12}}[\s,;|/)(·•-]{{1,4}})(?<=@[\w.-]{{3,60}}[\s,;|/)(·•-]{{1,4}})"
        rf"{_IN_GROUPS}",
        need=r"@\w",
        digits=6,
        long_number=True,
    ),
    rule(  # 0306 9990666, a@example.com
        "PHONE_NUMBER",
        0.55,
        "@",
        rf"(?=\+?\(?\d){_START}{_UNSUSPECTED}{_IN_GROUPS}(?=[\s,;|/)(·•-]{{1,4}}[\w.+-]{{1,64}}@\w)",
        need=r"\d[\s,;|/)(·•-]{1,4}[\w.+-]{1,64}@\w",
        digits=6,
        long_number=True,
    ),
    rule(  # caller ID …; new voicemail from ada, …; next of kin: Ada Lovelace, …
        "PHONE_NUMBER",
        0.6,
        "caller id|voicemail from|call from|calls from|callback on|call back on|sms |text from|"
        "next of kin|emergency contact",
        r"\b(?i:caller[ ]id|voicemail[ ]from|calls?[ ]from|sms[ ](?:sent[ ])?to|text[ ]from|"
        r"call[ ]?back[ ]on|next[ ]of[ ]kin|"
        rf"emergency[ ]contact)\b[^\d\n+;]{{1,50}}(?<![\p{{L}}#€$£(-]){PHONE}",
        digits=6,
        long_number=True,
    ),
    rule(  # if no answer try …; use this number instead: …
        "PHONE_NUMBER",
        0.6,
        "try|answer",
        r"(?i:\b(?:no[ ](?:answer|reply|response)|not[ ]there|engaged|busy|else|otherwise)\b"
        rf"[,:;]?[ ](?:please[ ]|just[ ])?(?:try|ring|call|use|is)[ ])"
        rf"(?:\p{{L}}+[ ](?:on|at)[ ])?{PHONE}",
        digits=6,
        long_number=True,
    ),
    rule(  # asked Ada for Bob's number. It's …
        "PHONE_NUMBER",
        0.6,
        "number",
        rf"{_WHOSE}(?i:number)\b(?![ ]of\b)[^?!\n]{{0,40}}[.?!,;:-]?[ ]{_ANSWERED}{PHONE}",
        digits=6,
        long_number=True,
    ),
    rule(  # phone number? User: …; the best number to reach you on? Caller: …
        "PHONE_NUMBER",
        0.7,
        "number?|phone?|mobile?|you?|call?|on?|at?",
        r"(?i:\b(?:phone|mobile|cell|telephone|reach|call|ring|contact)\b[^?\n.]{0,30}\?)"
        rf"\s{{1,3}}(?:\p{{L}}+:\s)?(?:(?i:yes|sure|ok|it['’]?s|it[ ]is|[,.])[ ]?){{0,4}}{PHONE}",
        digits=6,
        long_number=True,
    ),
    rule(  # il mio numero è …
        "PHONE_NUMBER",
        0.6,
        "numero|numéro|número|nummer|numer|broj|číslo",
        r"(?<!\p{L})(?i:(?:mio|mon|mi|meu|mein|meine|mijn|min|mitt|mit|mój|moj|moje)[ ]"
        r"(?:numero|numéro|número|nummer|numer|broj|číslo)[ ]?(?:è|est|es|é|ist|is|er|är|to|je|:)?)"
        rf"[ ]{PHONE}",
        digits=6,
        long_number=True,
    ),
    rule(  # alone on its line under a closing: Regards,\nAda Lovelace\nEngines Ltd\n334 61 30 58
        "PHONE_NUMBER",
        0.6,
        "regards|wishes|sincerely|yours|cheers|thanks|grüße|gruß|mfg|cordialement|salutations|saludos|"
        "saluti",
        r"(?m)(?i:regards|wishes|sincerely|yours|truly|faithfully|cheers|thanks|grüßen?|gruß|mfg|"
        r"cordialement|salutations|saludos|saluti)[,.!]?[ \t]*\n(?:[^\n]{1,60}(?<!:)\n){1,4}?[ \t]*"
        rf"{PHONE}(?=[ \t]*$)",
        digits=6,
        long_number=True,
    ),
    rule(  # signatures: "w: …" on a line of its own, "t … | m …"
        "PHONE_NUMBER",
        0.6,
        ":||",
        rf"(?m)(?:^|[|·•])[ \t]*(?i:[tmfpwoh])(?:[.:][ \t]{{0,3}}|[ \t]{{1,3}}(?=[^|\n]{{0,80}}\|)"
        rf"|(?<=[|·•][ \t]*\p{{L}})[ \t]{{1,3}}){_NO_TIME}{PHONE}",
        need=r"(?:^|[|·•\n])[ \t]*[tmfpwohTMFPWOH][.: \t][ \t]{0,3}[+(\d]",
        digits=6,
        long_number=True,
    ),
)
