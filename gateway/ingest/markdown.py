"""Reads Markdown (CommonMark with tables)."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from gateway.ingest.blocks import Block, Outline, Parsed, squeezed


def read_markdown(text: str) -> Parsed:
    """The blocks of a Markdown text. The title is its first heading."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    outline = Outline()
    blocks: list[Block] = []
    row: list[str] | None = None
    heading = item = 0
    title: str | None = None
    for token in tokens:
        if token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type in ("list_item_open", "list_item_close"):
            item += token.nesting
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            blocks.append(Block(" | ".join(row), outline.headings))
            row = None
        elif token.type in ("fence", "code_block"):
            blocks.append(Block(token.content.strip("\n"), outline.headings))
        elif token.type == "inline":
            words = squeezed(_plain(token.children or ()))
            if heading:
                outline.enter(heading, words)
                title = title or words
                heading = 0
            elif row is not None:
                row.append(words)
            elif words:
                blocks.append(Block(f"- {words}" if item else words, outline.headings))
    return Parsed(title, tuple(block for block in blocks if block.text.strip()))


def _plain(tokens: Sequence[Token]) -> str:
    """Inline tokens as a reader sees them: without marks, link targets and raw HTML."""
    parts: list[str] = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "image":
            parts.append(_plain(token.children or ()))
        elif token.type in ("text", "code_inline"):
            parts.append(token.content)
    return "".join(parts)
