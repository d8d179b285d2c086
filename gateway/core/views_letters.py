"""Which letters look alike, and which characters cannot be seen at all.

Sources: Unicode UAX #15 (normalisation), UTS #39 (confusable characters), UTR #36 (security
considerations); the choice of letters is ours.
"""

import unicodedata
from collections.abc import Mapping

_INVISIBLE = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE0080),
        *range(0xE0100, 0xE01F0),
    )
)
"""Fillers, variation selectors and tag characters; format characters (Cf) come on top."""

_OVERLAYS = ((0x300, 0x370), (0x483, 0x48A), (0x1AB0, 0x1B00), (0x1DC0, 0x1E00), (0x20D0, 0x2100))
"""Combining marks that are drawn over a letter, from U+xxxx up to but without U+xxxx."""

_LOOKALIKE: Mapping[str, str] = dict(
    zip(
        "ıɡɩʙᴀᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢøłđŧħɑɐǝɔɟɥɯɹʇʌʍʎ’‘ʼ′“”«»‐‑‒–—−",
        "igibacdefghijklmnoprstuvwyzoldthaaecfhmrtvwy''''\"\"\"\"------",
        strict=True,
    )
)
"""Letters of the Latin script, and punctuation, that no supported language tells apart."""

CONFUSABLES: Mapping[int, int] = str.maketrans(
    "аьвгԁеһіјкӏмнорԛѕтуѵԝхзєпс" + "αβγεηικνορτυχωμσϲ" + "աոսօհցզլքյ" + "ѡүһьґ",
    "abbrdehijklmhopqstyvwxeenc" + "abyenikvoptuxwuoc" + "wnuohgqlpj" + "wyhbr",
)
"""Small letters of the Cyrillic, Greek and Armenian scripts to the Latin ones they look like."""

LEET: Mapping[int, int] = str.maketrans("0134579@$!|+€", "oieastgasiite")
LEET_ELL: Mapping[int, int] = str.maketrans("0134579@$!|+€", "oleastgasllte")
"""The same with 1 read as an l."""


def words_of(text: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(text.split())


ELL_WORDS = words_of(
    "all rule rules tell reveal will please guideline guidelines tool tools role roleplay "
    "policy policies developer only list follow hello simulate unfiltered until jailbreak "
    "control disable delete publish email file files call url leak model language earlier "
    "confidential display translate violate limitless limitation limitations illegal"
)
"""Words in which a 1 stands for an l rather than for an i."""


class FoldTable(dict[int, str]):
    """Code point to the small, plain letters it reads as; for ``str.translate``.

    Filled as characters are met and bounded, so that no text can make it grow without end.
    """

    _BOUND = 20_000

    def __missing__(self, code: int) -> str:
        folded = fold_character(chr(code))
        if len(self) < self._BOUND:
            self[code] = folded
        return folded


def fold_character(char: str) -> str:
    """What one character reads as: '' for what cannot be seen, small letters without accents for
    the Latin, Greek and Cyrillic scripts, the NFKC form for all others."""
    code = ord(char)
    if char in "\n\t\r":
        return char
    if code in _INVISIBLE or unicodedata.category(char) in ("Cf", "Cc", "Cs"):
        return ""
    if any(low <= code < high for low, high in _OVERLAYS):
        return ""
    if 0x1F110 <= code <= 0x1F189:  # squared and negative circled capitals
        return chr(ord("a") + (code - 0x1F110) % 32 % 26) if (code - 0x1F110) % 32 < 26 else ""
    if 0x1F1E6 <= code <= 0x1F1FF:  # regional indicators
        return chr(ord("a") + code - 0x1F1E6)
    if char.isspace():
        return " "
    composed = unicodedata.normalize("NFKC", char)
    spelled = unicodedata.normalize("NFKD", char)
    if spelled[:1] < "\u0530":  # Latin, Greek and Cyrillic come first in Unicode
        composed = "".join(c for c in spelled if unicodedata.category(c) != "Mn")
    return "".join(_LOOKALIKE.get(c, c) for c in composed.lower())
