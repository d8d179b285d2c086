import re
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.adapters.presidio.countries import RECOGNIZERS, selected
from gateway.adapters.presidio.house import luhn, mod97, verhoeff
from gateway.adapters.presidio.recognizer import PresidioOptions, PresidioRecognizer
from gateway.ports.entity_recognizer import Entity

BADGE = {"entity": "BADGE", "patterns": [r"\bB-\d{4}\b"], "score": 0.4, "context": ["Badge"]}


async def found(options: dict[str, Any], text: str, *kinds: str) -> list[tuple[str, str, float]]:
    recognizer = PresidioRecognizer(PresidioOptions.model_validate(options))
    try:
        entities = await recognizer.recognize(text, frozenset(kinds) or recognizer.house)
        return [(e.kind, text[e.start : e.end], round(e.score, 2)) for e in entities]
    finally:
        recognizer.close()


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        ({"custom": [BADGE]}, "take b-1234", [("BADGE", "b-1234", 0.4)]),
        ({"custom": [BADGE | {"ignore_case": False}]}, "take b-1234", []),
        ({"custom": [BADGE]}, "my badge is B-1234", [("BADGE", "B-1234", 0.75)]),
        (
            {"custom": [{"entity": "TICKET", "patterns": [r"ticket (\d+)"], "score": 0.9}]},
            "see ticket 55",
            [("TICKET", "55", 0.9)],
        ),
        (
            {"custom": [{"entity": "MEMBER", "patterns": [r"\d{8}"], "checksum": "luhn"}]},
            "12345674 or 12345675",
            [("MEMBER", "12345674", 1.0)],
        ),
        (
            {"deny": {"PROJECT": ["Blue Moon", "falcon*"]}},
            "about BLUE MOON and Falconry, not moonlight",
            [("PROJECT", "BLUE MOON", 1.0), ("PROJECT", "Falconry", 1.0)],
        ),
        (
            {"deny": {"PROJECT": ["Falcon", "Eagle"]}, "allow": ["Eagle"]},
            "Falcon and Eagle",
            [("PROJECT", "Falcon", 1.0)],
        ),
        (
            {"extra_kinds": ["DE_TAX_ID"]},
            "Steuer-ID 86095742719",
            [("DE_TAX_ID", "86095742719", 1.0)],
        ),
        ({"extra_kinds": ["ES_*"]}, "NIF 12345678Z", [("ES_NIF", "12345678Z", 1.0)]),
    ],
)  # fmt: skip
async def test_what_the_house_defines_is_found(
    options: dict[str, Any], text: str, expected: list[tuple[str, str, float]]
) -> None:
    assert await found(options, text) == expected


async def test_an_existing_kind_gets_further_patterns() -> None:
    custom = {"entity": "EMAIL_ADDRESS", "patterns": [r"\w+ at \w+ dot com"]}
    text = "jane at example dot com, jane@example.com"
    kinds = [value for _, value, _ in await found({"custom": [custom]}, text, "EMAIL_ADDRESS")]
    assert kinds == ["jane at example dot com", "jane@example.com"]


@pytest.mark.parametrize(
    ("custom", "message"),
    [
        ({"entity": "badge", "patterns": ["b"]}, "should match pattern"),
        ({"entity": "BADGE", "patterns": []}, "at least 1 item"),
        ({"entity": "BADGE", "patterns": ["(b"]}, "not a regular expression"),
        ({"entity": "BADGE", "patterns": ["b*"]}, "matches the empty text"),
        ({"entity": "BADGE", "patterns": ["(b+)+c"]}, "for ever"),
        ({"entity": "BADGE", "patterns": ["b"], "score": 2}, "less than or equal to 1"),
        ({"entity": "BADGE", "patterns": ["b"], "checksum": "crc"}, "'luhn'"),
    ],
)
def test_a_custom_kind_that_cannot_work_is_refused(custom: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PresidioOptions.model_validate({"custom": [custom]})


@pytest.mark.parametrize("words", [[], ["--"], [""]])
def test_a_list_of_denied_words_that_cannot_work_is_refused(words: Sequence[str]) -> None:
    with pytest.raises(ValidationError):
        PresidioOptions.model_validate({"deny": {"PROJECT": words}})


def test_kinds_of_other_countries_are_selected_by_name_or_by_country() -> None:
    assert selected(["IT_*", "DE_TAX_ID"])[-1] == "DE_TAX_ID"
    assert {kind[:3] for kind in selected(["IT_*"])} == {"IT_"}
    with pytest.raises(ValueError, match="did you mean 'DE_TAX_ID'"):
        selected(["DE_TAXID"])
    with pytest.raises(ValueError, match=r"unknown kind 'XX_\*'"):
        selected(["XX_*"])


async def test_every_kind_of_another_country_can_be_loaded_and_asked_for() -> None:
    recognizer = PresidioRecognizer(PresidioOptions(extra_kinds=tuple(RECOGNIZERS)))
    assert recognizer.supported >= RECOGNIZERS.keys()
    assert list(await recognizer.recognize("nothing here", recognizer.supported)) == []
    recognizer.close()


class Names:
    """A tagger that knows one name."""

    supported = frozenset({"PERSON", "EVENT"})

    def __init__(self, *languages: str) -> None:
        self.languages = frozenset(languages)

    async def tag(self, text: str, kinds: frozenset[str], scope: str = "") -> Sequence[Entity]:
        at = text.find("Ada")
        marked = [Entity("PERSON", at, at + 12, 0.9), Entity("EVENT", at, at + 3, 0.95)]
        return [e for e in marked if at >= 0 and e.kind in kinds]


async def test_what_a_tagger_marks_is_merged_with_what_recognisers_find() -> None:
    recognizer = PresidioRecognizer(taggers=[Names()])
    text = "Mr Ada Lovelace is Ms Byron, ada@example.com"
    entities = await recognizer.recognize(text, frozenset({"PERSON", "EMAIL_ADDRESS"}))
    recognizer.close()
    assert [(e.kind, text[e.start : e.end], e.score) for e in entities] == [
        ("PERSON", "Ada Lovelace", 0.9),
        ("PERSON", "Byron", 0.7),
        ("EMAIL_ADDRESS", "ada@example.com", 1.0),
    ]
    assert "EVENT" in recognizer.supported


class Numbers:
    """A tagger that takes any long number for a telephone's."""

    supported = frozenset({"PHONE_NUMBER"})
    languages = frozenset[str]()

    async def tag(self, text: str, kinds: frozenset[str], scope: str = "") -> Sequence[Entity]:
        return [
            Entity("PHONE_NUMBER", m.start(), m.end(), 0.9)
            for m in re.finditer(r"\d[\d ]{9,}\d", text)
        ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pay to DE89 3704 0044 0532 0130 00", []),
        ("pay to DE88 3704 0044 0532 0130 00", ["88 3704 0044 0532 0130 00"]),
        ("charge 4111 1111 1111 1111", []),
        ("ring 0171 345 6789 01", ["0171 345 6789 01"]),
    ],
)
async def test_no_tagger_takes_a_number_with_a_checksum_for_a_telephone(
    text: str, expected: list[str]
) -> None:
    recognizer = PresidioRecognizer(taggers=[Numbers()])
    entities = await recognizer.recognize(text, frozenset({"PHONE_NUMBER"}))
    recognizer.close()
    assert [text[e.start : e.end] for e in entities] == expected


class Places:
    """A tagger that takes the whole text for an address."""

    supported = frozenset({"STREET_ADDRESS"})
    languages = frozenset[str]()

    async def tag(self, text: str, kinds: frozenset[str], scope: str = "") -> Sequence[Entity]:
        return [Entity("STREET_ADDRESS", 0, len(text), 0.99)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 High Street\nLeeds", [("STREET_ADDRESS", "1 High Street\nLeeds")]),
        (
            "1 High Street\nLeeds\n+44 20 7946 0018",
            [("STREET_ADDRESS", "1 High Street\nLeeds"), ("PHONE_NUMBER", "+44 20 7946 0018")],
        ),
        (
            "1 High Street\n+44 20 7946 0018 (home)",
            [("STREET_ADDRESS", "1 High Street"), ("PHONE_NUMBER", "+44 20 7946 0018")],
        ),
        ("+44 20 7946 0018", [("PHONE_NUMBER", "+44 20 7946 0018")]),
        ("0018", []),
    ],
)
async def test_an_address_that_a_tagger_marks_has_letters_and_no_telephone_number(
    text: str, expected: list[tuple[str, str]]
) -> None:
    recognizer = PresidioRecognizer(taggers=[Places()])
    entities = await recognizer.recognize(text, frozenset({"STREET_ADDRESS", "PHONE_NUMBER"}))
    recognizer.close()
    assert [(e.kind, text[e.start : e.end]) for e in entities] == expected


async def test_a_tagger_reads_its_own_languages_only() -> None:
    recognizer = PresidioRecognizer(taggers=[Names("en"), Names("fr")])
    kinds = frozenset({"PERSON"})
    assert len(await recognizer.recognize("Ada Lovelace", kinds, "fr")) == 1
    with pytest.raises(
        ValueError, match="needs a model of language 'de'; there are models of en, fr"
    ):
        await recognizer.recognize("Ada Lovelace", kinds, "de")
    recognizer.close()


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (luhn, "4111 1111 1111 1111", "4111 1111 1111 1112"),
        (luhn, "79927398713", "79927398710"),
        (verhoeff, "2363", "2364"),
        (verhoeff, "758722", "758723"),
        (mod97, "DE89 3704 0044 0532 0130 00", "DE88 3704 0044 0532 0130 00"),
        (mod97, "GB82WEST12345698765432", "GB82WEST12345698765431"),
    ],
)
def test_check_digits(check: Any, good: str, bad: str) -> None:
    assert check(good)
    assert not check(bad)


@pytest.mark.parametrize("check", [luhn, verhoeff, mod97])
def test_a_text_without_digits_has_no_check_digits(check: Any) -> None:
    assert not check("")
