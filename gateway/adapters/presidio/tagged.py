"""What of a tagger's marks can be true, beside what is written so that it proves itself."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from gateway.ports.entity_recognizer import Entity

CHECKED = ("IBAN_CODE", "CREDIT_CARD")
"""Kinds whose finders know a checksum."""
_SURE = 0.5
"""Score from which a telephone number by its form is one."""


def credible(
    text: str, tagged: Iterable[Entity], found: Sequence[Any], proven: Sequence[Any]
) -> list[Entity]:
    """``tagged`` without what cannot be: a telephone number in ``proven`` (results by checksum,
    asked for or not: a rule for contacts must not take what one for payments looks for), an address
    without a letter. A telephone number among ``found`` on the last line of an address is cut off.
    """
    phones = [r for r in found if r.entity_type == "PHONE_NUMBER" and r.score >= _SURE]
    kept = []
    for entity in tagged:
        if entity.kind == "PHONE_NUMBER":
            if any(r.start < entity.end and entity.start < r.end for r in proven):
                continue
        elif entity.kind == "STREET_ADDRESS":
            end = _before_phones(text, entity, phones)
            entity = replace(entity, end=end) if end < entity.end else entity
            if not any(map(str.isalpha, text[entity.start : entity.end])):
                continue
        kept.append(entity)
    return kept


def _before_phones(text: str, address: Entity, phones: Iterable[Any]) -> int:
    """Where the lines of an address end that come before a telephone number's."""
    for phone in phones:
        line = text.rfind("\n", address.start, phone.start)
        leads = line > 0 and not text[line : phone.start].strip()
        if leads and phone.start < address.end and "\n" not in text[phone.end : address.end]:
            return len(text[:line].rstrip())
    return address.end
