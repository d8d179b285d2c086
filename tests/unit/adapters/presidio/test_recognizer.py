import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.adapters.presidio.recognizer import INLINE, PresidioOptions, PresidioRecognizer
from gateway.ports.entity_recognizer import Entity

DEFAULT_THRESHOLD = 0.5

CARD, IBAN = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"


@pytest.fixture(scope="module")
def presidio() -> Iterator[PresidioRecognizer]:
    recognizer = PresidioRecognizer()
    yield recognizer
    recognizer.close()


async def found(recognizer: PresidioRecognizer, text: str, *kinds: str) -> list[Entity]:
    return list(await recognizer.recognize(text, frozenset(kinds) or recognizer.supported))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("jane.doe@example.com", "EMAIL_ADDRESS", "jane.doe@example.com"),
        ("Write to jane@example.co.uk.", "EMAIL_ADDRESS", "jane@example.co.uk"),
        (f"my card is {CARD}, ok", "CREDIT_CARD", CARD),
        ("4111111111111111", "CREDIT_CARD", "4111111111111111"),
        ("+1 (415) 555-0132", "PHONE_NUMBER", "+1 (415) 555-0132"),
        ("call 415-555-0132", "PHONE_NUMBER", "415-555-0132"),
        ("SSN 536-90-4399", "US_SSN", "536-90-4399"),
        (IBAN, "IBAN_CODE", IBAN),
        ("host 192.168.10.24 is down", "IP_ADDRESS", "192.168.10.24"),
        ("host fe80::1ff:fe23:4567:890a is down", "IP_ADDRESS", "fe80::1ff:fe23:4567:890a"),
        ("pay 16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ", "CRYPTO", "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ"),
        ("NHS 401-023-2137", "UK_NHS", "401-023-2137"),
        ("see https://example.com/a?b=1 now", "URL", "https://example.com/a?b=1"),
        ("see www.example.com now", "URL", "www.example.com"),
        ("on 2024-05-17 we met", "DATE_TIME", "2024-05-17"),
    ],
)
async def test_what_is_evident_passes_the_default_threshold(
    presidio: PresidioRecognizer, text: str, kind: str, value: str
) -> None:
    (entity,) = await found(presidio, text, kind)
    assert (entity.kind, text[entity.start : entity.end]) == (kind, value)
    assert entity.score >= DEFAULT_THRESHOLD


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4111 1111 1111 1112", "CREDIT_CARD"),  # fails the Luhn check
        ("DE89 3704 0044 0532 0130 01", "IBAN_CODE"),  # fails the check digits
        ("jane@example.notatld", "EMAIL_ADDRESS"),
        ("SSN 000-12-3456", "US_SSN"),
        ("version 1.2.3 of 999.1.1.1", "IP_ADDRESS"),
        ("john.sm wrote main.py", "URL"),
        ("The meeting is at 10:30 in room 12.", "PHONE_NUMBER"),
        ("We sold 1,234,567 units in 2024.", "PHONE_NUMBER"),
    ],
)
async def test_what_only_looks_like_it_is_not_found(
    presidio: PresidioRecognizer, text: str, kind: str
) -> None:
    assert await found(presidio, text, kind) == []


@pytest.mark.parametrize(
    ("text", "kind", "score"),
    [
        ("02079460958", "PHONE_NUMBER", 0.4),
        ("020 7946 0958", "PHONE_NUMBER", 0.5),  # a trunk zero and groups (``national_phones.py``)
        ("415-555-0132", "PHONE_NUMBER", 0.5),  # the form of North America (``numbers.py``)
        ("phone 415-555-0132", "PHONE_NUMBER", 0.75),
        ("+1 415-555-0132", "PHONE_NUMBER", 0.6),
        ("536-90-4399", "US_SSN", 0.5),
        ("ssn 536904399", "US_SSN", 0.4),
        ("536904399", "US_SSN", 0.05),
        ("meeting 536904399", "US_ITIN", None),  # ``tin`` is no word of it
        ("jane@example.com", "EMAIL_ADDRESS", 1.0),
        ("phone one two three four five 02079460958", "PHONE_NUMBER", 0.4),  # six before
    ],
)
async def test_scores_are_presidios_with_context_words(
    presidio: PresidioRecognizer, text: str, kind: str, score: float | None
) -> None:
    entities = await found(presidio, text, kind)
    assert [e.score for e in entities] == ([] if score is None else [pytest.approx(score)])


async def test_bare_domains_are_urls_only_when_asked_for() -> None:
    recognizer = PresidioRecognizer(PresidioOptions(bare_domains=True))
    (entity,) = await found(recognizer, "see example.com now", "URL")
    assert (entity.start, entity.end) == (4, 15)
    recognizer.close()


async def test_a_clean_text_has_no_findings_of_any_kind(presidio: PresidioRecognizer) -> None:
    text = "Our customers have thirty days to ask for a refund; in 2024 we moved the office."
    assert await found(presidio, text) == []


async def test_an_unknown_kind_is_refused_with_a_hint(presidio: PresidioRecognizer) -> None:
    with pytest.raises(ValueError, match="did you mean 'CREDIT_CARD'"):
        await found(presidio, "text", "CREDIT_CARDS")


@pytest.mark.parametrize(
    ("text", "in_place"),
    [
        ("short, jane@example.com", True),
        ("word " * 500 + "jane@example.com", True),
        ("word " * (INLINE // 5) + "jane@example.com", False),
        ("415-555-0132 " * 40 + "jane@example.com", False),
        ("see https://example.com/ " * 10 + "jane@example.com", False),
    ],
)
async def test_texts_that_may_take_long_are_worked_on_off_the_event_loop(
    presidio: PresidioRecognizer, monkeypatch: pytest.MonkeyPatch, text: str, in_place: bool
) -> None:
    threads: list[str] = []
    plain = presidio._find

    def watched(*arguments: object) -> list[Entity]:
        threads.append(threading.current_thread().name)
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(presidio, "_find", watched)
    (entity,) = await found(presidio, text, "EMAIL_ADDRESS")
    assert text[entity.start : entity.end] == "jane@example.com"
    assert threads[0].startswith("presidio") is not in_place


@pytest.mark.parametrize(
    "text", ["a" * 300_000 + "@", "a@" * 150_000, "a." * 150_000, "1 " * 50_000, "::" * 50_000]
)
async def test_adversarial_texts_take_bounded_time(presidio: PresidioRecognizer, text: str) -> None:
    began = time.process_time()
    await found(presidio, text, "EMAIL_ADDRESS", "URL", "CREDIT_CARD", "US_SSN", "IBAN_CODE")
    assert time.process_time() - began < 5.0


async def test_an_address_in_a_very_long_word_is_found(presidio: PresidioRecognizer) -> None:
    text = "x" * 5_000 + "," + "jane@example.com" + "," + "y" * 5_000
    (entity,) = await found(presidio, text, "EMAIL_ADDRESS")
    assert text[entity.start : entity.end].endswith("jane@example.com")


async def test_concurrent_calls_do_not_mix_their_findings(presidio: PresidioRecognizer) -> None:
    texts = ["word " * n + "jane@example.com" for n in (10, 500, 600, 20)]
    results = await asyncio.gather(*(found(presidio, t, "EMAIL_ADDRESS") for t in texts))
    assert [r[0].start for r in results] == [t.index("jane") for t in texts]


def test_no_socket_is_opened_even_for_the_first_address() -> None:
    script = (
        "import socket, asyncio\n"
        "class Blocked(socket.socket):\n"
        "    def __init__(self, family=-1, *a, **k):\n"
        "        if family != socket.AF_UNIX: raise AssertionError('a socket was opened')\n"
        "        super().__init__(family, *a, **k)\n"
        "def refuse(*a, **k): raise AssertionError('a name was looked up')\n"
        "from gateway.adapters.presidio.recognizer import PresidioRecognizer\n"
        "loop = asyncio.new_event_loop()\n"
        "socket.socket = Blocked; socket.getaddrinfo = refuse\n"
        "r = PresidioRecognizer()\n"
        "es = loop.run_until_complete(r.recognize('jane@example.co.uk', r.supported))\n"
        "assert es[0].kind == 'EMAIL_ADDRESS', es\n"
        "import sys; assert 'spacy' not in sys.modules\n"
        "assert 'presidio_analyzer' not in sys.modules\n"
        "r.close()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert socket.socket.__module__ == "socket"


def test_a_model_that_is_not_installed_says_what_to_install() -> None:
    with pytest.raises(ValueError, match=r"'en_core_web_lg' is not installed: install"):
        PresidioRecognizer(PresidioOptions(spacy_model="en_core_web_lg"))


def test_a_configured_model_adds_names(tmp_path: Path) -> None:
    script = (
        "import asyncio, spacy, sys\n"
        "nlp = spacy.blank('en')\n"
        "rules = [{'label': 'PERSON', 'pattern': 'Ada Lovelace'}]\n"
        "nlp.add_pipe('entity_ruler').add_patterns(rules)\n"
        "nlp.to_disk(sys.argv[1])\n"
        "from gateway.adapters.presidio.recognizer import PresidioOptions, PresidioRecognizer\n"
        "r = PresidioRecognizer(PresidioOptions(spacy_model=sys.argv[1]))\n"
        "text = 'Ask Ada Lovelace, ada@example.com'\n"
        "es = asyncio.run(r.recognize(text, frozenset({'PERSON', 'EMAIL_ADDRESS'})))\n"
        "assert [(e.kind, text[e.start:e.end]) for e in es] == [\n"
        "    ('PERSON', 'Ada Lovelace'), ('EMAIL_ADDRESS', 'ada@example.com')], es\n"
        "try: asyncio.run(r.recognize(text, frozenset({'PERSON'}), 'de'))\n"
        "except ValueError as error: assert 'de' in str(error)\n"
        "else: raise AssertionError('a wrong language was taken')\n"
        "r.close()\n"
    )
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(tmp_path / "model")],
        check=True,
        timeout=120,
    )
