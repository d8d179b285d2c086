"""The kinds of personal data that need no language model, with what a text must have for them.

A need is a *necessary* condition, weaker than the recogniser's own patterns and far cheaper. When a
text does not meet it the recogniser cannot find anything there, so it is not run; that findings
stay the same is held by a differential test against Presidio's ``AnalyzerEngine``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

# Presidio's own engine: what it calls a digit, or the same letter, must agree.
import regex

_GENERIC, _US, _UK = "generic", "country_specific.us", "country_specific.uk"

RECOGNIZERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "CREDIT_CARD": (f"{_GENERIC}.credit_card_recognizer", "CreditCardRecognizer"),
        "CRYPTO": (f"{_GENERIC}.crypto_recognizer", "CryptoRecognizer"),
        "DATE_TIME": (f"{_GENERIC}.date_recognizer", "DateRecognizer"),
        "EMAIL_ADDRESS": (f"{_GENERIC}.email_recognizer", "EmailRecognizer"),
        "IBAN_CODE": (f"{_GENERIC}.iban_recognizer", "IbanRecognizer"),
        "IP_ADDRESS": (f"{_GENERIC}.ip_recognizer", "IpRecognizer"),
        "MAC_ADDRESS": (f"{_GENERIC}.mac_recognizer", "MacAddressRecognizer"),
        "PHONE_NUMBER": (f"{_GENERIC}.phone_recognizer", "PhoneRecognizer"),
        "URL": (f"{_GENERIC}.url_recognizer", "UrlRecognizer"),
        "UUID": (f"{_GENERIC}.uuid_recognizer", "UuidRecognizer"),
        "ABA_ROUTING_NUMBER": (f"{_US}.aba_routing_recognizer", "AbaRoutingRecognizer"),
        "MEDICAL_LICENSE": (f"{_US}.medical_license_recognizer", "MedicalLicenseRecognizer"),
        "US_BANK_NUMBER": (f"{_US}.us_bank_recognizer", "UsBankRecognizer"),
        "US_DRIVER_LICENSE": (f"{_US}.us_driver_license_recognizer", "UsLicenseRecognizer"),
        "US_ITIN": (f"{_US}.us_itin_recognizer", "UsItinRecognizer"),
        "US_MBI": (f"{_US}.us_mbi_recognizer", "UsMbiRecognizer"),
        "US_NPI": (f"{_US}.us_npi_recognizer", "UsNpiRecognizer"),
        "US_PASSPORT": (f"{_US}.us_passport_recognizer", "UsPassportRecognizer"),
        "US_SSN": (f"{_US}.us_ssn_recognizer", "UsSsnRecognizer"),
        "UK_DRIVING_LICENCE": (
            f"{_UK}.uk_driving_licence_recognizer",
            "UkDrivingLicenceRecognizer",
        ),
        "UK_NHS": (f"{_UK}.uk_nhs_recognizer", "NhsRecognizer"),
        "UK_NINO": (f"{_UK}.uk_nino_recognizer", "UkNinoRecognizer"),
        "UK_PASSPORT": (f"{_UK}.uk_passport_recognizer", "UkPassportRecognizer"),
        "UK_POSTCODE": (f"{_UK}.uk_postcode_recognizer", "UkPostcodeRecognizer"),
    }
)


@dataclass(frozen=True, slots=True)
class Need:
    """What a text must have: so many decimal digits, a literal, a match of a pattern."""

    digits: int = 0
    literal: str = ""
    search: Callable[[str], Any] | None = None


def _pattern(source: str) -> Callable[[str], Any]:
    return regex.compile(source, regex.IGNORECASE).search


_DIGITS_8 = _pattern(r"\d{8}")
_PHONE_BETWEEN = (  # phonenumbers' VALID_PUNCTUATION, of which it allows four in a row
    r"[-x\u2010-\u2015\u2212\u30FC\uFF0D-\uFF0F \u00A0\u00AD\u200B\u2060\u3000"
    r"()\uFF08\uFF09\uFF3B\uFF3D.\[\]/~\u2053\u223C\uFF5E]{0,4}"
)

# Each pattern begins with a rare character (a digit, a dot), which is what makes the search quick;
# letters before it are looked back at.
NEEDS: Mapping[str, Need] = MappingProxyType(
    {
        "CREDIT_CARD": Need(12, search=_pattern(r"\d{4}[- ]?\d{3,4}[- ]?\d{3,4}[- ]?\d{3}")),
        "CRYPTO": Need(1, search=_pattern(r"[13][a-z0-9]{25}")),
        "DATE_TIME": Need(2, search=_pattern(r"[-/.](?:(?<=\d.)\w|\d\d)")),
        "EMAIL_ADDRESS": Need(literal="@"),
        "IBAN_CODE": Need(
            2, search=_pattern(r"\d(?<=[a-z]{2}\d)\d[ -]?[a-z0-9]{4}[ -]?[a-z0-9]{4}")
        ),
        "IP_ADDRESS": Need(search=_pattern(r"[:.](?:[0-9a-f]{0,4}:|\d{1,3}\.\d)")),
        "MAC_ADDRESS": Need(search=_pattern(r"[-:.](?:[0-9a-f]{2}[-:]|[0-9a-f]{4}\.)")),
        # Valid numbers of Presidio's regions have five digits or more, but for German pagers (164,
        # 168, 169 and one more digit). Digits of other scripts count in all places.
        "PHONE_NUMBER": Need(
            4,
            search=_pattern(
                rf"\d{_PHONE_BETWEEN}(?:(?:\d{_PHONE_BETWEEN}){{3}}\d"
                rf"|(?:6|[^\x00-\x7f]){_PHONE_BETWEEN}(?:[489]|[^\x00-\x7f]){_PHONE_BETWEEN}\d)"
            ),
        ),
        "URL": Need(literal=".", search=_pattern(r"\.(?<=[a-z0-9.\-]\.)[a-z]{2}")),
        "UUID": Need(search=_pattern(r"-[0-9a-f]{4}-[0-9a-f]{4}-")),
        "ABA_ROUTING_NUMBER": Need(9, search=_pattern(r"\d{9}|\d{4}-\d{4}-\d")),
        "MEDICAL_LICENSE": Need(7, search=_pattern(r"\d{7}")),
        "US_BANK_NUMBER": Need(8, search=_DIGITS_8),
        "US_DRIVER_LICENSE": Need(1, search=_pattern(r"\d(?:(?<=[a-z\]]\d)|\d{5})")),
        "US_ITIN": Need(9, search=_pattern(r"9\d\d[- ]?\d\d[- ]?\d{4}")),
        "US_MBI": Need(4, search=_pattern(r"\d[a-z][0-9a-z]\d-?[a-z]")),
        "US_NPI": Need(10, search=_pattern(r"\d{4}[- ]?\d{3}[- ]?\d{3}")),
        "US_PASSPORT": Need(8, search=_DIGITS_8),
        "US_SSN": Need(9, search=_pattern(r"\d{3}[- .]\d\d|\d{9}")),
        "UK_DRIVING_LICENCE": Need(6, search=_pattern(r"\d{6}")),
        "UK_NHS": Need(10, search=_pattern(r"\d{3}[- ]?\d{3}[- ]?\d{4}")),
        "UK_NINO": Need(6, search=_pattern(r"\d(?<=[a-z]{2} ?\d)\d ?\d\d ?\d\d ?[a-d]")),
        "UK_PASSPORT": Need(7, search=_pattern(r"\d{7}")),
        "UK_POSTCODE": Need(1, search=_pattern(r"\d[a-z]?\s?\d[a-z]{2}|0aa")),
    }
)

WRITTEN_WITHOUT_SPACES = frozenset({"EMAIL_ADDRESS", "URL"})
"""Kinds whose patterns match no white space and look at no more than one character around, so
that the words of a text can be searched one by one. Presidio's URL pattern costs 7 microseconds a
character: reading only the words that can be one is what makes it affordable."""
