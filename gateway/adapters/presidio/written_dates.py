"""Dates in words, days of the week, and dates with the time: what Presidio's patterns leave out.

English, with the names of months and days in German, French, Spanish and Dutch.
"""

from collections.abc import Sequence

import regex

from gateway.adapters.presidio.introduced import Rule, rule

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|"
    r"septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|"
    r"octubre|noviembre|diciembre|januari|februari|maart|mei|augustus|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|okt|nov|dec|dez)\b\.?)"
)
_DAY = (
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|"
    r"donnerstag|freitag|samstag|sonnabend|sonntag|lundi|mardi(?!\sgras)|mercredi|jeudi|vendredi|samedi|"
    r"dimanche|lunes|martes|miércoles|jueves|viernes|sábado|(?<!santo\s)domingo|maandag|dinsdag|woensdag|"
    r"donderdag|vrijdag|zaterdag|zondag)"
)
_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:1[89]|20)\d\d"
_TIME = (
    r"(?:,?\s(?:at\s)?|T)\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,6})?"
    r"(?:\s?[ap]\.?m\b\.?|Z|[+-]\d\d:?\d\d)?"
)
_MONTHS = (
    "jan|feb|fév|mar|mär|apr|avr|abr|may|mai|mei|maa|jun|jui|jul|aug|aoû|ago|sep|oct|okt|nov|dec|déc|dez|"
    "ener|dic"
)
_LIKE_A_MONTH = (
    r"(?:[Jj][AaUu]|[Ff][EeÉé]|[Mm][AaÄäEe]|[Aa][BbGgOoPpUuVv]|[Ss][Ee]|[Oo][CcKk]|[Nn][Oo]|"
    r"[Dd][EeÉéIi]|[Ee][Nn])"
)
"""How the name of each month begins."""
_LEAD = rf"(?<![\w./-])(?:(?:{_DAY}|(?:mon|tues?|wed|thu|thurs|fri|sat|sun)\b\.?),?\s(?:the\s)?)?"
_NO_VERB = r"(?:(?=\p{Lu})|(?!(?i:ma[ryi]|mei)))"
_NTH = r"(?i:st|nd|rd|th|er|º|\.)?"

RULES: Sequence[Rule] = (
    rule(  # with a year: 5 May 2024, 5th of May, 2024, May 5th 2024, 5-May-2024, 5 de mayo de 2024
        "DATE_TIME",
        0.85,
        _MONTHS,
        rf"(?P<found>{_LEAD}(?:{_NUMBER}{_NTH}(?:\s(?:of|de)\s|[\s-]){_MONTH}(?:\sde\s|,?[\s-])"
        rf"|{_MONTH}[\s-]{_NUMBER}{_NTH},?[\s-]){_YEAR}(?:{_TIME})?)(?!\d)",
        regex.IGNORECASE,
        need=r"1[89]\d\d|20\d\d",
        digits=5,
    ),
    rule(  # without one: the capital says that no verb is meant
        "DATE_TIME",
        0.6,
        _MONTHS,
        rf"(?P<found>(?i:{_LEAD})(?:{_NUMBER}{_NTH}\s(?i:of\s|de\s)?{_NO_VERB}(?i:{_MONTH})(?!\p{{L}})"
        rf"|{_NO_VERB}(?i:{_MONTH})\s{_NUMBER}{_NTH}(?![\d%€$£]|[.,:]\d))(?i:{_TIME})?)",
        need=rf"\d\S{{0,2}}\s(?:\w\w\s)?{_LIKE_A_MONTH}|\b{_LIKE_A_MONTH}[^\W\d]{{1,8}}\.?\s\d",
        digits=1,
    ),
    rule(
        "DATE_TIME",
        0.6,
        _MONTHS,
        rf"(?P<found>(?<![\w./-]){_MONTH},?\s(?:of\s)?{_YEAR})(?![\d/-])",
        regex.IGNORECASE,
        need=r"1[89]\d\d|20\d\d",
        digits=4,
    ),
    rule(  # of a web server's log
        "DATE_TIME",
        0.95,
        "/",
        rf"(?<!\d)(?P<found>\d\d/{_MONTH}/{_YEAR}:\d\d:\d\d:\d\d(?:\s[+-]\d{{4}})?)(?!\d)",
        regex.IGNORECASE,
        need=r"/\d{4}:\d\d:",
        digits=12,
    ),
    rule(
        "DATE_TIME",
        0.5,
        "am|pm|a.m|p.m",
        r"(?<![\w:.,-])(?P<found>(?:1[0-2]|0?[1-9])(?::[0-5]\d(?::[0-5]\d)?)?\s?[ap](?:\.m\.|m\b))",
        regex.IGNORECASE,
        need=r"\d\s?[aApP]\.?[mM]",
        digits=1,
    ),
    rule(
        "DATE_TIME",
        0.5,
        "at |from |until |till |since |by |before |after |um |à ",
        r"\b(?:at|from|until|till|since|by|before|after|um|à)\s(?:about\s|exactly\s)?"
        r"(?P<found>(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?![\w:]|\.\d|\s?[ap]\.?m)",
        regex.IGNORECASE,
        need=r"\d:\d\d",
        digits=3,
    ),
    rule(
        "DATE_TIME",
        0.6,
        "monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|"
        "donnerstag|freitag|samstag|sonnabend|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
        "dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|maandag|dinsdag|woensdag|"
        "donderdag|vrijdag|zaterdag|zondag",
        rf"(?<![\p{{L}}\d@#.])(?P<found>{_DAY}(?:{_TIME})?)(?![\p{{L}}\d@])",
        regex.IGNORECASE,
    ),
    rule(  # Presidio's date in it has .6, with a word before it .95
        "DATE_TIME",
        0.95,
        ":",
        rf"(?<![\w./-])(?P<found>(?:{_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]{_YEAR})"
        rf"{_TIME})",
        need=r"\d[-/.]\d{1,2}[-/.]\d",
        digits=8,
        long_number=True,
    ),
    rule(  # any day of a year in figures, where Presidio's patterns are narrower
        "DATE_TIME",
        0.6,
        "",
        rf"(?<![\w./-])(?P<found>{_NUMBER}(?P<mark>[-/.]){_NUMBER}(?P=mark){_YEAR}"
        rf"|{_YEAR}(?P<sign>[-/.]){_NUMBER}(?P=sign){_NUMBER})(?![\w/-]|\.\d)",
        need=r"\d[-/.]\d{1,2}[-/.]\d",
        digits=6,
        long_number=True,
    ),
)
