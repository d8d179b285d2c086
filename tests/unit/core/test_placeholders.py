"""Placeholders: who gets which, and what is never issued."""

import gc
import time
from typing import Any

import pytest

from gateway.core.exchange import Exchange
from gateway.core.identity import Principal
from gateway.core.placeholders import (
    DAY,
    DIGITS,
    LETTERS,
    PLACEHOLDER,
    Placeholder,
    PlaceholderSecret,
    Vault,
    forget,
    label_of,
    open_vault,
    vault_of,
)
from gateway.core.segments import Json
from gateway.testing.exchanges import make_exchange

SECRET = PlaceholderSecret(b"0123456789abcdef")
MAIL = "jane.doe@example.com"
FIRST: Json = {"role": "user", "content": f"I am {MAIL}"}
HISTORY: list[Json] = [
    FIRST,
    {"role": "assistant", "content": f"Hello {MAIL}!"},
    {"role": "user", "content": "And now?"},
]


def begun(ex: Exchange | None = None, secret: PlaceholderSecret = SECRET) -> Vault:
    vault = Vault(secret)
    vault.begin(ex or make_exchange("x"))
    return vault


def issued(ex: Exchange, value: str = MAIL, secret: PlaceholderSecret = SECRET) -> str:
    return begun(ex, secret).issue("EMAIL_ADDRESS", value)


def turn(
    messages: list[Json] | None = None, *, key: str = "k", at: float = 0.0, **body: Any
) -> str:
    ex = make_exchange(messages=messages or [FIRST], body=body)
    ex.principal = Principal(key, "default")
    ex.at = at
    return issued(ex)


def test_a_placeholder_shows_its_kind_and_stays_of_one_form() -> None:
    text = turn()
    assert PLACEHOLDER.fullmatch(text)
    assert text.startswith("<EMAIL_ADDRESS_")


def test_a_value_keeps_its_placeholder_as_the_conversation_grows() -> None:
    system = {"role": "system", "content": "Be kind."}
    assert turn([FIRST]) == turn(HISTORY) == turn([*HISTORY, FIRST])
    assert turn([system, FIRST]) == turn([system, *HISTORY])


@pytest.mark.parametrize(
    "other",
    [
        {"key": "another"},
        {"at": DAY},
        {"user": "someone"},
        {"metadata": {"session_id": "2"}},
        {"messages": [{"role": "user", "content": "Another beginning"}]},
        {"messages": [{"role": "system", "content": "Another app"}, FIRST]},
    ],
)
def test_another_conversation_gets_another_placeholder_for_the_same_value(
    other: dict[str, Any],
) -> None:
    assert turn(**other) != turn()


def test_what_changes_from_turn_to_turn_does_not_make_another_conversation() -> None:
    assert turn(metadata={"request": "1"}, temperature=1) == turn(metadata={"request": "2"})


def test_another_secret_gives_another_placeholder() -> None:
    ex = make_exchange(messages=[FIRST])
    assert issued(ex) != issued(ex, secret=PlaceholderSecret(b"fedcba9876543210"))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        PlaceholderSecret(b"short")


def test_the_same_value_is_the_same_whatever_it_is_called_and_others_are_others() -> None:
    vault = begun()
    assert vault.issue("PERSON", MAIL) == vault.issue("EMAIL_ADDRESS", MAIL)
    assert vault.issue("PERSON", MAIL.upper()) != vault.issue("PERSON", MAIL)


def test_values_never_share_a_placeholder_nor_does_one_begin_another() -> None:
    vault = begun()
    made = [vault.issue("PHONE_NUMBER", str(number)) for number in range(20_000)]
    tags = set(vault.live)
    assert len(set(made)) == len(tags) == 20_000
    assert len({tag[:6] for tag in tags}) == 20_000


@pytest.mark.parametrize("spelled", ["{}", "email address {}", "x {} y", "<b>{}</b>"])
def test_what_stands_in_the_request_already_is_not_issued(spelled: str) -> None:
    first = turn()
    typed = spelled.format(first[1:-1].upper() if "email" in spelled else first)
    second = {"role": "user", "content": typed}
    assert turn([FIRST, second]) != first
    assert first[15:-1] not in turn([FIRST, second])


def test_what_stands_in_a_document_is_not_issued_either() -> None:
    ex = make_exchange(messages=[FIRST])
    usual = issued(ex)
    vault = begun(ex)
    vault.avoid([f"Page 1: {usual}"])
    assert vault.issue("EMAIL_ADDRESS", MAIL) != usual


def test_a_request_made_of_nothing_but_tags_is_refused_rather_than_confused() -> None:
    class Everything(set[str]):
        def __contains__(self, item: object) -> bool:
            return True

    vault = begun()
    vault._typed = Everything()
    with pytest.raises(ValueError, match="no placeholder is free"):
        vault.issue("PERSON", "Jane")


@pytest.mark.parametrize(
    ("category", "label"),
    [
        ("EMAIL_ADDRESS", "EMAIL_ADDRESS"),
        ("order number", "ORDER_NUMBER"),
        ("é", "VALUE"),
        ("", "VALUE"),
        ("2nd-name", "X_2ND_NAME"),
        ("__A__B__", "A_B"),
        ("LONG" * 20, "LONG" * 7),
    ],
)
def test_any_category_makes_a_label(category: str, label: str) -> None:
    assert label_of(category) == label


def test_tags_read_as_no_word_and_no_number() -> None:
    assert not set(LETTERS) & set("aeiouyl")
    assert not set(DIGITS) & set("01")


def test_values_do_not_show_in_anything_printed() -> None:
    vault = begun()
    vault.issue("EMAIL_ADDRESS", MAIL)
    shown = f"{vault!r} {SECRET!r} {vault.live!r} {Placeholder('A', 'b2', MAIL)!r}"
    assert MAIL not in shown
    assert "0123456789abcdef" not in shown


def test_an_exchange_has_one_vault_until_it_is_forgotten() -> None:
    ex = make_exchange("x")
    assert vault_of(ex) is None
    assert open_vault(ex, SECRET) is open_vault(ex, SECRET) is vault_of(ex)
    forget(ex)
    assert vault_of(ex) is None


def test_a_request_of_a_megabyte_is_read_once() -> None:
    vault = begun(make_exchange("b2c3d4 k3 some words, " * 45_000))
    began = time.perf_counter()
    for number in range(2_000):
        vault.issue("PERSON", str(number))
    assert time.perf_counter() - began < 2.0


def test_nothing_is_issued_before_the_request_was_read() -> None:
    with pytest.raises(ValueError, match="not read its request"):
        Vault(SECRET).issue("PERSON", "Jane")


def test_a_vault_does_not_keep_its_exchange_alive() -> None:
    ex = make_exchange("x")
    assert ex not in gc.get_referents(begun(ex))
