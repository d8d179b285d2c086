"""How people really write: without capitals, all in capitals, with slips and without full stops."""

import random
from collections.abc import Sequence

from training.examples import Span
from training.generate.pii_phrases import Piece

_NEAR = {
    "a": "sq",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "j": "hk",
    "k": "jl",
    "l": "k",
    "m": "n",
    "n": "mb",
    "o": "ip",
    "p": "o",
    "q": "w",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "w": "qe",
    "x": "zc",
    "y": "tu",
    "z": "x",
}


def rough(rng: random.Random, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces as they stand (most often), or written in a hurry."""
    way = rng.random()
    found = list(pieces)
    if way < 0.22:
        found = [(text.lower(), kind) for text, kind in found]
    elif way < 0.27:
        found = [(text.upper(), kind) for text, kind in found]
    elif way < 0.29:
        found = [(text.title(), kind) for text, kind in found]
    elif way < 0.32:
        found = [(text.lower() if kind else text, kind) for text, kind in found]
    elif way < 0.34:
        found = [(text if kind else text.lower(), kind) for text, kind in found]
    elif way < 0.36:
        found = [(text.upper() if kind else text, kind) for text, kind in found]
    if rng.random() < 0.12:
        rate = rng.choice((0.006, 0.02))
        found = [(text if kind and rng.random() < 0.7 else _slips(rng, text, rate), kind)
                 for text, kind in found]  # fmt: skip
    if rng.random() < 0.1:
        found = [(text if kind else _without_marks(rng, text), kind) for text, kind in found]
    return found


def _slips(rng: random.Random, text: str, rate: float) -> str:
    made = []
    for place, character in enumerate(text):
        if not character.isalpha() or rng.random() > rate:
            made.append(character)
            continue
        way = rng.random()
        if way < 0.3:
            continue
        if way < 0.55:
            made.append(character * 2)
        elif way < 0.75 and place and made:
            made.insert(-1, character)
        else:
            made.append(rng.choice(_NEAR.get(character.lower(), character)))
    return "".join(made)


def _without_marks(rng: random.Random, text: str) -> str:
    dropped = rng.choice((".", ",", ".,", ".,!?'", "?!"))
    return "".join(character for character in text if character not in dropped)


def joined(pieces: Sequence[Piece]) -> tuple[str, tuple[Span, ...]]:
    """The text of the pieces, with a span for each that has a kind. White space at either end of
    the text or of a span is left out."""
    text, spans = "", []
    for piece, kind in pieces:
        start = len(text)
        text += piece
        if kind and piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            spans.append(Span(begin, start + len(piece.rstrip()), kind))
    lead = len(text) - len(text.lstrip())
    moved = tuple(Span(span.start - lead, span.end - lead, span.kind) for span in spans)
    return text.strip(), moved
