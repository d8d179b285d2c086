"""The form of keys and their keyed hash."""

import hashlib
import math
import re

import pytest

from gateway.core.keys import SECRET_LENGTH, KeyHasher, key_id_of, masked, new_key

PEPPER = b"0123456789abcdef"


def test_a_new_key_has_the_documented_form() -> None:
    key = new_key()
    assert re.fullmatch(r"sk-gh-[0-9A-Za-z]{8}-[0-9A-Za-z]{40}", key.text)
    assert key.text[6:14] == key.id
    assert key_id_of(key.text) == key.id


def test_a_secret_holds_at_least_200_bits() -> None:
    assert SECRET_LENGTH * math.log2(62) > 200


def test_keys_differ() -> None:
    assert len({new_key().text for _ in range(100)}) == 100


def test_a_new_key_does_not_show_its_secret_in_logs() -> None:
    key = new_key()
    assert key.text not in f"{key!r} {key}"


@pytest.mark.parametrize(
    "text",
    ["", "sk-gh-", "sk-gh-short-x", "sk-" + "a" * 48, new_key().text + "x", new_key().text + "\n"],
)
def test_other_texts_have_no_id(text: str) -> None:
    assert key_id_of(text) is None


def test_digest_is_keyed_blake2b() -> None:
    key = hashlib.sha256(PEPPER).digest()
    expected = hashlib.blake2b(b"key", key=key, digest_size=32).hexdigest()
    assert KeyHasher(PEPPER).digest("key") == expected


def test_another_pepper_gives_another_digest() -> None:
    assert KeyHasher(PEPPER).digest("key") != KeyHasher(PEPPER + b"!").digest("key")


def test_digest_takes_any_header_text() -> None:
    assert len(KeyHasher(PEPPER).digest("\udcff\u0000é")) == 64


def test_a_short_pepper_is_refused() -> None:
    with pytest.raises(ValueError, match="openssl rand"):
        KeyHasher(b"short")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "****"),
        ("secret", "****"),
        ("a" * 23, "****"),
        ("sk-proj-0123456789abcdefWXYZ", "****WXYZ"),
        ("sk-proj-0123456789abcdef\x1b[2J", "****"),
        ("sk-gh-AbCd1234-" + "s" * 40, "sk-gh-AbCd1234-****"),
    ],
)
def test_masking_shows_only_what_identifies(text: str, shown: str) -> None:
    assert masked(text) == shown
