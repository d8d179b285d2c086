"""Undoes the encodings that hide words from a reader: base64, hex, binary, escapes, tag characters.

Only what decodes to readable text counts; everything is linear in the text.
"""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

Run = tuple[int, int, str]
"""Start and end in the encoded text, and what stands there."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*")
_HEX = re.compile(r"(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[ ,:]?){8,}")
_BINARY = re.compile(r"(?:[01]{8}[ ,]?){4,}")
_TAGS = re.compile("[\U000e0020-\U000e007e]{3,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|&#?\w{2,8};")
_BACKSLASH = re.compile(r"\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})")
_NOT_BASE64 = str.maketrans("-_", "+/", "\r\n")
_NOT_HEX = re.compile(r"0x|\\x|[ ,:]")

_READABLE = 0.9
"""The share of letters and spaces from which decoded bytes are taken for text."""


def unescaped(text: str) -> str | None:
    """The text with URL, HTML and backslash escapes undone, up to three deep; None without any."""
    if not ("%" in text or "\\" in text or "&" in text) or not _ESCAPE.search(text):
        return None
    opened = text
    for _ in range(3):
        before = opened
        opened = _BACKSLASH.sub(
            lambda m: chr(int(m[1] or m[2], 16)), html.unescape(unquote(opened))
        )
        if opened == before:
            break
    return opened if opened != text else None


def decoded_runs(text: str) -> Iterator[tuple[str, list[Run]]]:
    """(name of the encoding, decoded runs) for each encoding that the text holds."""
    ways: tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...] = (
        ("base64", _BASE64, _from_base64),
        ("hex", _HEX, _from_hex),
        ("binary", _BINARY, _from_binary),
    )
    if not text.isascii():
        ways += (
            ("tag", _TAGS, lambda run: "".join(chr(ord(c) - 0xE0000) for c in run)),
            ("selector", _SELECTORS, _from_selectors),
        )
    for name, pattern, decode in ways:
        runs = [(*m.span(), decode(m[0])) for m in pattern.finditer(text)]
        runs = [run for run in runs if run[2]]
        if runs:
            yield name, runs


def _from_base64(run: str) -> str:
    """Tries the four alignments: the run may have been cut, or grown together with a word."""
    packed = run.translate(_NOT_BASE64)
    if packed.isalpha() and (packed.islower() or packed.isupper()):
        return ""
    for skip in range(4):
        usable = packed[skip:]
        usable = usable[: len(usable) - len(usable) % 4] if len(usable) % 4 == 1 else usable
        raw = base64.b64decode(usable + "=" * (-len(usable) % 4))
        words = _words_of(raw) or _words_of_utf16(raw)
        if words:
            return words
    return ""


def _from_hex(run: str) -> str:
    packed = _NOT_HEX.sub("", run)
    return _words_of(binascii.unhexlify(packed[: len(packed) // 2 * 2]))


def _from_binary(run: str) -> str:
    packed = run.replace(" ", "").replace(",", "")
    return _words_of(int(packed, 2).to_bytes(len(packed) // 8, "big"))


def _from_selectors(run: str) -> str:
    """One byte per variation selector: 1 to 16, then 17 to 256."""
    codes = (ord(c) for c in run)
    return _words_of(bytes(c - 0xFE00 if c < 0xFE10 else c - 0xE0100 + 16 for c in codes))


def _words_of(raw: bytes) -> str:
    """The bytes as text, or '' when they are not text that a person could read."""
    text = raw.decode("utf-8", "ignore")
    if len(text) < 4 or len(text) < 0.8 * len(raw) / 2:
        return ""
    readable = sum(c.isalnum() or c in " \n\t.,'!?:;-_=+/\"" for c in text)
    return text if readable >= _READABLE * len(text) else ""


def _words_of_utf16(raw: bytes) -> str:
    """PowerShell's encoding."""
    if raw[1::2].count(0) < 0.8 * len(raw[1::2]) or len(raw) < 8:
        return ""
    return _words_of(raw[::2])
