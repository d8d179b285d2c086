"""How people really type: without capitals, with slips, without full stops."""

import random
import re

_SEAMS = (
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r" +(?=(?:[.,;:?!]|\.\.\.)(?:\s|$))"), ""),
    (re.compile(r"([,:;])[,;]"), r"\1"),
    (re.compile(r"[,;:]\.(?!\.)"), "."),
    (re.compile(r"([?!])[.,]"), r"\1"),
    (re.compile(r"(?<!\.)\.\s?\.(?=\s|$)"), "."),
    (re.compile(r"\n{3,}"), "\n\n"),
    (re.compile(r" *\n *"), "\n"),
    (re.compile(r"^[ ,.;:]+"), ""),
)
"""What empty slots leave behind, and what it is mended to."""

_STARTS = re.compile(r"(^|[.?!] )([a-z])")
_MIDDLE = re.compile(r"(?<=[a-z])[a-z](?=[a-z]{2})")


def neat(text: str) -> str:
    """The text without the seams of slots; line breaks stay."""
    for seam, mended in _SEAMS:
        text = seam.sub(mended, text)
    return text.strip()


def worn(text: str, rng: random.Random) -> str:
    """The text as people type: in most cases as it is, or with other cases, ends and slips."""
    if rng.random() < 0.75:
        text = _STARTS.sub(lambda match: match[1] + match[2].upper(), text)
    draw = rng.random()
    if draw < 0.12:
        text = text.lower()
    elif draw < 0.135 and len(text) < 300:
        text = text.upper()
    draw = rng.random()
    if draw < 0.18:
        text = text.rstrip(".?!")
    elif draw < 0.22 and text[-1:] in ".?!":
        text += text[-1] * rng.randint(1, 2)
    elif draw < 0.24:
        text = re.sub(r"[,'’](?=\w|\s)", "", text)
    if rng.random() < 0.1:
        for _ in range(rng.randint(1, 2 + len(text) // 200)):
            text = _slipped(text, rng)
    return text


def _slipped(text: str, rng: random.Random) -> str:
    """The text with a letter dropped, doubled or swapped, inside a longer word."""
    places = [match.start() for match in _MIDDLE.finditer(text)]
    if not places:
        return text
    at = rng.choice(places)
    letter, following = text[at], text[at + 1]
    change = rng.choice((following, letter * 2 + following, following + letter))
    return text[:at] + change + text[at + 2 :]
