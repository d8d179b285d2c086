"""How personal data is recognised: the ``recognizer`` section of the gateway file."""

from collections.abc import Mapping
from typing import Annotated, Literal

import regex
from pydantic import AfterValidator, Field, StringConstraints

from gateway.core.options import Options
from gateway.core.patterns import nested_repetition

Kind = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
"""A kind of entity, such as ``EMPLOYEE_ID``."""
Score = Annotated[float, Field(ge=0.0, le=1.0)]
Filled = Annotated[str, StringConstraints(min_length=1)]


def _checked(pattern: str) -> str:
    try:
        compiled = regex.compile(pattern)
    except regex.error as error:
        raise ValueError(f"this is not a regular expression: {error}") from None
    if compiled.match("") is not None:
        raise ValueError("this pattern matches the empty text, so it would match everywhere")
    at = nested_repetition(pattern)
    if at is not None:
        raise ValueError(
            f"this pattern repeats a group that holds a repetition itself (at position {at}), so "
            "some texts would take for ever; make the inner one possessive (`++`), the group "
            "atomic (`(?>...)`), or give both an upper bound below 10"
        )
    return pattern


def _with_letter(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError("this holds no letter and no digit")
    return text


Denied = Annotated[str, AfterValidator(_with_letter)]


class CustomKeys(Options):
    """A kind of your own, found by its form."""

    entity: Kind
    """What it is called, such as `EMPLOYEE_ID`; an existing kind gets further patterns."""
    patterns: Annotated[
        tuple[Annotated[Filled, AfterValidator(_checked)], ...], Field(min_length=1)
    ]
    """Regular expressions; what the first group matches is found, or the whole match."""
    context: tuple[Filled, ...] = ()
    """Single words that speak for it among the five before: the score is then 0.35 higher."""
    score: Score = 0.6
    """How sure a match is. Rules take findings from 0.5 on, unless they say otherwise."""
    checksum: Literal["luhn", "verhoeff", "mod97"] | None = None
    """The check digits that a match must have; then its score is 1.0."""
    ignore_case: bool = True
    """Whether capitals and small letters are the same."""


class LanguageKeys(Options):
    """What a language has of its own."""

    spacy_model: Filled
    """An installed spaCy pipeline of the language, or the path of one."""


class RecognizerKeys(Options):
    """Who finds personal data, and how."""

    use: Literal["presidio"] = "presidio"
    """The adapter."""
    spacy_model: str | None = None
    """An installed spaCy pipeline for names and places, such as `en_core_web_lg`, or its path.
    Without one, names and places are found only where words introduce them. It costs several
    milliseconds a text and three seconds more at the start."""
    language: str = "en"
    """Language of `spacy_model`."""
    languages: Mapping[str, LanguageKeys] = {}
    """Further languages, each with a spaCy pipeline of its own; a `pii` rule picks one by its
    `language`."""
    extra_kinds: tuple[str, ...] = ()
    """Kinds of other countries that Presidio knows, such as `DE_TAX_ID`, or all of one: `DE_*`.
    Those of the United States and Britain are always there."""
    custom: tuple[CustomKeys, ...] = ()
    """Kinds of your own, found by their form."""
    deny: Mapping[Kind, Annotated[tuple[Denied, ...], Field(min_length=1)]] = {}
    """Words and phrases that are always found, by their kind, such as project names: whole words,
    whatever their case and accents; `falcon*` is a beginning."""
    allow: tuple[Filled, ...] = ()
    """Exact texts that are never reported, such as the address of your own help desk."""
    bare_domains: bool = False
    """Whether a URL may lack both its scheme and `www`. Presidio then takes `john.sm` and
    `main.py` for URLs."""
    international_phone_score: Score = 0.6
    """Score of a phone number that is written with `+` and its country code and is valid there.
    Presidio gives every phone number 0.4, and 0.75 after a word such as `phone`."""
