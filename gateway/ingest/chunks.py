"""Cuts a document into passages that fit a prompt and make sense alone."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from gateway.ingest.blocks import Block

VERSION = 1
"""Raise it when chunks come out differently, so that every document is ingested anew."""

SIZE = 800
"""Characters of a chunk, its heading line not counted, at most."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def chunk(blocks: Sequence[Block], size: int = SIZE) -> list[str]:
    """The passages of a document, each of at most ``size`` characters of one section.

    A passage starts with its section's headings as a line ``# Outer > Inner``, so that it can be
    found and understood by itself. Passages do not overlap: cuts fall between blocks, in long
    blocks between sentences, in endless sentences between words.
    """
    passages: list[str] = []
    for headings, section in groupby(blocks, key=lambda block: block.headings):
        lead = f"# {' > '.join(headings)}\n\n" if headings else ""
        pieces = (piece for block in section for piece in _pieces(block.text, size))
        passages.extend(lead + text for text in _packed(pieces, size, "\n"))
    return passages


def _pieces(text: str, size: int) -> Iterator[str]:
    if len(text) <= size:
        yield text
        return
    sentences = (part for part in _SENTENCE.split(text) if part)
    for part in _packed(sentences, size, " "):
        if len(part) <= size:
            yield part
        else:
            yield from _packed(_words(part, size), size, " ")


def _words(text: str, size: int) -> Iterator[str]:
    for word in text.split():
        for start in range(0, len(word), size):
            yield word[start : start + size]


def _packed(pieces: Iterator[str], size: int, joint: str) -> Iterator[str]:
    """Pieces joined in order into texts of at most ``size``; a longer piece stands alone."""
    text = ""
    for piece in pieces:
        if text and len(text) + len(joint) + len(piece) > size:
            yield text
            text = piece
        else:
            text = f"{text}{joint}{piece}" if text else piece
    if text:
        yield text
