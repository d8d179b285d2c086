"""The needs that save Presidio's recognisers from being run change no finding.

The reference is Presidio's own ``AnalyzerEngine`` over the same recognisers, all of them run over
the whole text, with the same context enhancer.
"""

import importlib
import random
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.presidio.detectors import FLAGS, Detector, offline_email
from gateway.adapters.presidio.facts import Facts
from gateway.adapters.presidio.lean_import import load_whole
from gateway.adapters.presidio.recognizer import PresidioOptions, PresidioRecognizer
from gateway.ports.entity_recognizer import Entity

Find = Callable[[str], list[Entity]]


@dataclass(frozen=True, slots=True)
class Words:
    """What Presidio's context enhancer needs of spaCy: words, their places, their lower case.

    The last one is empty and stands at the end of the text, so that a finding after the last word
    has a word to be at.
    """

    tokens: Sequence[str]
    tokens_indices: Sequence[int]
    lemmas: Sequence[str]
    keywords: frozenset[str]


def words_of(text: str) -> Words:
    found = list(re.finditer(r"\w+", text))
    tokens = [*(match.group() for match in found), " "]
    lemmas = [token.lower() for token in tokens]
    places = [*(match.start() for match in found), len(text)]
    return Words(tokens, places, lemmas, frozenset(lemmas))


PIECES = [
    "jane.doe@example.com", "o'neil+tag@mail.example.co.uk", "@", "a@b", "4111 1111 1111 1111",
    "4111-1111-1111-1112", "378282246310005", "536-90-4399", "536904399", "536 90.4399", "SSN",
    "DE89 3704 0044 0532 0130 00", "de89370400440532013000", "GB82WEST12345698765432", "iban",
    "+1 (415) 555-0132", "415-555-0132", "(030) 123456", "+49 30 1234567", "1641", "phone", "call",
    "192.168.10.24", "10.0.0.0/8", "::", "::1", "fe80::1ff:fe23:4567:890a", "::ffff:1.2.3.4",
    "2001:db8:1:2:3:4:5:6", "10:30:15", "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ", "912-70-1234",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "AB1234563", "A1234567", "H12345678", "12345678",
    "401-023-2137", "AB123456C", "SW1A 1AA", "gir 0aa", "1EG4-TE5-MK73", "1234567893", "121042882",
    "MORGA753116SM9IJ", "http://example.com/a?b=(c)", "https://x.dev", "www.example.org", "john.sm",
    "example.com", '"example.com"', "'https://a.io/x'", "e.g.", "main.py", "2024-05-17", "5/17/24",
    "17.05.2024", "17-MAY-2024", "MAY-24", "2024-05-17T10:11:12Z", "00:1B:44:11:3A:B7",
    "001b.4411.3ab7", "123e4567-e89b-12d3-a456-426614174000", "١٦٤١", "４１１１", "ſsn", "日本",
    "in 2024", "room 12", "passport", "driver license", "the", "and", "account", "A]]12", "x1y2z",
]  # fmt: skip
GLUE = [" ", " ", " ", "\n", ", ", ". ", "-", "", ":", ";", "\u00a0", "(", ")", "/", "'", "\u2028"]


@pytest.fixture(scope="module")
def fast() -> Iterator[Find]:
    recognizer = PresidioRecognizer(PresidioOptions(bare_domains=True))
    finders = recognizer._plan(recognizer.supported)
    plan = tuple(finder for finder in finders if isinstance(finder, Detector))
    yield lambda text: recognizer._find(Facts(text), plan)
    recognizer.close()


@pytest.fixture(scope="module")
def plain(fast: Find) -> Iterator[Find]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spaCy's own, at its import
        presidio = load_whole()
        package: Any = importlib.import_module("presidio_analyzer")
        nlp: Any = importlib.import_module("presidio_analyzer.nlp_engine")
    recognizers = [
        (offline_email(base) if kind == "EMAIL_ADDRESS" else base)()
        for kind, base in presidio.recognizers.items()
    ]
    for recognizer in recognizers:
        if isinstance(recognizer, presidio.pattern_recognizer):
            recognizer.global_regex_flags = FLAGS
    engine = package.AnalyzerEngine(
        registry=package.RecognizerRegistry(recognizers=recognizers),
        nlp_engine=nlp.NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "no_op"}]),
    )
    enhancers: Any = importlib.import_module("presidio_analyzer.context_aware_enhancers")
    engine.context_aware_enhancer = enhancers.LemmaContextAwareEnhancer(
        context_matching_mode="whole_word"
    )
    options = PresidioRecognizer(PresidioOptions(bare_domains=True))

    def find(text: str) -> list[Entity]:
        results = engine.analyze(text, "en", nlp_artifacts=words_of(text))
        return options._settled(text, results)

    yield find
    options.close()


def test_findings_equal_presidios_own_engine_on_a_mixed_corpus(fast: Find, plain: Find) -> None:
    chance = random.Random(20)
    for _ in range(400):
        parts = []
        for _ in range(chance.randint(1, 12)):
            parts += [chance.choice(PIECES), chance.choice(GLUE)]
        text = "".join(parts)
        assert fast(text) == plain(text), text


SENTENCES = [
    "Please call me back at {} before {}.", "My card {} was charged on {} for order {}.",
    "The invoice {} of {} went to {}, not to {}!", "ssn: {}; passport number {}; phone {}",
    "See {} and {} (or {}).", "Name,Phone,Mail\n{},{},{}", '{{"a": "{}", "b": [{}, {}]}}',
    "Our customers have thirty days; in 2024 we moved {} desks.", "{}\n\n> {}\n> {}",
]  # fmt: skip


def test_findings_equal_presidios_own_engine_in_written_texts(fast: Find, plain: Find) -> None:
    chance = random.Random(7)
    found = 0
    for _ in range(200):
        sentences = chance.choices(SENTENCES, k=chance.randint(1, 8))
        fills = [str(chance.randrange(10 ** chance.randint(1, 17))) for _ in range(20)]
        text = " ".join(s.format(*chance.choices([*PIECES, *fills], k=4)) for s in sentences)
        expected = plain(text)
        assert fast(text) == expected, text
        found += len(expected)
    assert found > 500


def test_findings_equal_presidios_own_engine_on_each_piece(fast: Find, plain: Find) -> None:
    for piece in PIECES:
        for text in (piece, piece.upper(), f"x{piece}", f"{piece}x", f"{piece}\n{piece}"):
            assert fast(text) == plain(text), text


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(
        st.lists(st.sampled_from([*PIECES, *GLUE]), max_size=8).map("".join),
        st.text(alphabet="0123456789 -./:@abcfxzABX+()[]_", max_size=60),
        st.text(max_size=40),
    )
)
def test_findings_equal_presidios_own_engine_on_any_text(
    fast: Find, plain: Find, text: str
) -> None:
    assert fast(text) == plain(text)
