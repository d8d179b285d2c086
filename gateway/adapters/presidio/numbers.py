"""Numbers that Presidio's recognisers leave out: telephones of any country, more sorts of cards.

Presidio takes a telephone number only where it is valid in one of eight countries, and a card only
when it has 13 to 16 digits, one of five leading digits and the right check digit. Here the words
around a number speak for it (``call … on``, ``… fax``, ``card no.``), or a form that little else is
written in. Rules of ``introduced.py``, so these are found beside what Presidio finds.
"""

from collections.abc import Sequence

from gateway.adapters.presidio.house import luhn
from gateway.adapters.presidio.introduced import Rule, rule

EXTENSION = r"(?:[ ]?(?i:x|ext\.?|extension)[ ]?\d{1,6}\b)?"
NO_DATE = (
    r"(?!\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d(?![\d./-])|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}"
    r"(?![\d./-]))"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_NO_HOST = rf"(?!(?=(?:\d{{1,2}}\.){{0,3}}\d{{3}}){_OCTET}(?:\.{_OCTET}){{3}}(?!\.?\d))"
"""No IPv4 address, where a part has three digits as in few telephone numbers with four groups."""
# From six digits to fifteen, the most that ITU-T E.164 allows, and a prefix for calls abroad.
PHONE = (
    rf"{NO_DATE}{_NO_HOST}"
    rf"(?P<found>(?:\+|\(\+?|\b)\d(?:[ \t().\-/]{{0,2}}\d){{5,16}}{EXTENSION})(?![\w@])"
)
_WORDS = (
    r"\b(?i:me|us|him|her|them|you|it|back|now|at|on|to|is|are|was|be|the|a|my|our|his|your|their|"
    r"number|numbers|no|nr|num|please|pls|via|under|or|and|also|directly|from|by|either|still|not|"
    r"again|instead|s|new|old|home|work|office|main|other|contact|der|die|ist|unter|nummer|au|al|el|"
    r"le|es|est|numéro|número|numero|n°)\b|\b\p{Lu}\p{L}+\b"
)
_SAID = rf"(?:[\s:=#.,;|*_\"'’>-]++|\((?!\+?\d)|{_WORDS}){{0,10}}"
_SAID_IN_PROSE = rf"(?:[\s:,-]++|\((?!\+?\d)|{_WORDS}){{1,10}}"
_ALWAYS = (  # words that stand before telephone numbers and little else
    "phone|phones|telephone|telephones|tel|mobile|mob|cell|cellphone|fax|landline|hotline|voicemail|"
    "whatsapp|telefon|telefonnummer|rufnummer|mobil|handy|handynummer|téléphone|tél|portable|teléfono|"
    "telefono|cellulare|celular|móvil|telefone|telefoon|puhelin|telefonszám|sms|pager|ph"
)
_OFTEN = (
    "call|calls|called|calling|caller|ring|dial|dialled|dialed|text|texted|reach|reached|answering|"
    "answers|anrufen|llamar|appeler|(?:my|his|her|our|new) number"
)
_LABELS = "office|fax|mobile|mob|cell|home|work|tel|phone|landline|direct|switchboard|hotline"

_CARD = r"(?P<found>\d(?:[ -]?\d){11,18})(?![\w-]|[ ]\d)"
_OTHER_CARDS = (
    "sim|graphics|video|sound|memory|sd|library|business|id|identity|report|score|wild|punch|post|"
    "green|loyalty|membership|insurance|network|index|flash|health|medicare"
)

_BRANDS = (  # ISO/IEC 7812 ranges, with the lengths that are issued
    (("4",), (13, 16, 19)),
    (tuple(str(n) for n in range(51, 56)), (16,)),
    (tuple(str(n) for n in range(2221, 2721)), (16,)),
    (("34", "37"), (15,)),
    (("300", "301", "302", "303", "304", "305", "36", "38", "39"), (14, 16)),
    (("6011", "644", "645", "646", "647", "648", "649", "65", "62", "81"), (16, 17, 18, 19)),
    (("352", "353", "354", "355", "356", "357", "358"), (16, 17, 18, 19)),
    (("1800", "2131"), (15,)),
    (("5018", "5020", "5038", "5612", "5893", "6304", "6759", "6761", "6762", "6763", "0604"),
     tuple(range(12, 20))),
)  # fmt: skip


def issued(text: str) -> bool:
    """Whether the digits are of a length and a range that cards have, with the right check digit
    (ISO/IEC 7812)."""
    digits = "".join(character for character in text if character.isdecimal())
    return luhn(digits) and any(
        digits.startswith(starts) and len(digits) in lengths for starts, lengths in _BRANDS
    )


RULES: Sequence[Rule] = (
    rule(
        "PHONE_NUMBER",
        0.75,
        "phone|tel|tél|mob|cell|fax|landline|hotline|voicemail|whatsapp|rufnummer|handy|portable|"
        "móvil|celular|puhelin|sms|pager|ph",
        rf"(?<![\p{{L}}_])(?i:{_ALWAYS})(?![\p{{L}}]){_SAID}{PHONE}",
        digits=6,
        long_number=True,
    ),
    rule(
        "PHONE_NUMBER",
        0.6,
        "call|ring|dial|text|reach|answer|anrufen|llamar|appeler|number",
        rf"(?<![\p{{L}}_])(?i:{_OFTEN})(?![\p{{L}}]){_SAID_IN_PROSE}{PHONE}",
        digits=6,
        long_number=True,
    ),
    rule(
        "PHONE_NUMBER",
        0.6,
        _LABELS,
        rf"(?<![\w+@/$€£-])(?<!\d[.,]){PHONE}(?=[ \t]{{0,2}}[-–(,/\[]?[ \t]?(?i:{_LABELS})\b)",
        digits=6,
        long_number=True,
    ),
    rule(  # as in a signature: T 041 192 060 | M 079 …
        "PHONE_NUMBER",
        0.6,
        "T|M|F|P",
        rf"(?m)(?:^|[|·•])[ \t]*(?:T|M|F|P)\b[.:]?[ \t]{{1,3}}{PHONE}",
        digits=6,
        long_number=True,
    ),
    rule(  # the form of North America, whatever the area: 415-555-0132, (415) 555-0132 x12
        "PHONE_NUMBER",
        0.5,
        "",
        r"(?<![\w+./$€£#-])(?<!\d,)(?P<found>(?:(?:\+|00)?1[-. ]|001[-. ])?"
        r"(?:\(\d{3}\)[ ]?\d{3}[-. ]|\d{3}(?P<mark>[-.])\d{3}(?P=mark))\d{4}"
        rf"{EXTENSION})(?![\w-]|\.\d)",
        need=r"\d\d\d(?:\)[ ]?|[-.])\d{3}[-. ]\d{4}",
        digits=10,
        long_number=True,
    ),
    rule(  # with the code of a country, valid there or not
        "PHONE_NUMBER",
        0.5,
        "+",
        rf"(?<![\w+])(?P<found>\+[1-9]\d{{0,2}}(?:[ \t().\-/]{{0,2}}\d){{7,13}}"
        rf"{EXTENSION})(?![\w@])",
        need=r"\+[1-9]\d{0,2}[ \t().\-/]{0,2}\d",
        digits=8,
        long_number=True,
    ),
    rule(
        "CREDIT_CARD",
        0.7,
        "card|karte|tarjeta|carte|cartão|carta|visa|amex|maestro|cc|kaart|kort",
        rf"(?<!\b(?i:{_OTHER_CARDS})[ -])(?<!\p{{L}})(?i:cards?|creditcard|kreditkarte|karte|"
        r"kartennummer|kreditkartennummer|tarjeta|carte|cartão|carta|visa|amex|mastercard|maestro|cc|"
        r"creditkaart|kort)(?!\p{L})"
        r"(?:[\s:=#.,;|\"'(-]|\b(?i:no|nr|num|number|numbers|nummer|número|numero|is|was|are|ending|the|"
        r"my|it|it's|with|of|on|file|here|cc|details|account|holder|visa|mastercard|amex|debit|credit)"
        rf"\b){{0,10}}{_CARD}",
        need=r"\d(?:[ -]?\d){11}",
        digits=12,
        long_number=True,
    ),
    rule(  # those that Presidio leaves out, with a check digit that one in ten numbers has
        "CREDIT_CARD",
        0.6,
        "",
        rf"(?<![\w.,-])(?<!\d[ ]){_CARD}",
        need=r"\d(?:[ -]?\d){11}",
        digits=12,
        long_number=True,
        valid=issued,
    ),
)
