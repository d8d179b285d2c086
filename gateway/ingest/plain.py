"""Reads plain text and PDF: paragraphs, no headings."""

import io
import re

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from gateway.ingest.blocks import Block, Parsed, UnreadableDocument, squeezed

_BLANK_LINES = re.compile(r"\n\s*\n")


def read_text(text: str) -> Parsed:
    """The paragraphs of a plain text, which are separated by blank lines."""
    paragraphs = (squeezed(part) for part in _BLANK_LINES.split(text))
    return Parsed(None, tuple(Block(part) for part in paragraphs if part))


def read_pdf(data: bytes) -> Parsed:
    """The paragraphs of a PDF, each below the heading ``Page n``.

    Raises UnreadableDocument for damaged and encrypted files, and for scans without text.
    """
    blocks: list[Block] = []
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise UnreadableDocument("the PDF is encrypted; store it without a password")
        for number, page in enumerate(reader.pages, start=1):
            read = read_text(page.extract_text())
            blocks.extend(Block(block.text, (f"Page {number}",)) for block in read.blocks)
        title = reader.metadata.title if reader.metadata else None
    except (PyPdfError, ValueError, KeyError, RecursionError) as error:
        if isinstance(error, UnreadableDocument):
            raise
        raise UnreadableDocument(f"not a readable PDF: {error}") from error
    if not blocks:
        raise UnreadableDocument("the PDF holds no text (a scan?); run it through OCR first")
    return Parsed(squeezed(title) if title else None, tuple(blocks))
