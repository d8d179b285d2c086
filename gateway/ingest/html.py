"""Reads HTML: what a visitor of the page would read, without menus and scripts."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gateway.ingest.blocks import Block, Outline, Parsed, squeezed

_UNREAD = "script, style, noscript, template, nav, footer, svg, iframe, form, [hidden]"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {
    "address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt",
    "figcaption", "figure", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary",
    "table", "tbody", "thead", "tr", "ul", "caption",
}  # fmt: skip


def read_html(text: str) -> Parsed:
    """The blocks of an HTML page. The title is its ``<title>``, else its first heading."""
    tree = LexborHTMLParser(text)
    for node in tree.css(_UNREAD):
        node.decompose()
    title = tree.css_first("title")
    name = squeezed(title.text()) if title is not None else ""
    outline = Outline()
    blocks: list[Block] = []
    words: list[str] = []
    within: LexborNode | None = None

    def finish() -> None:
        nonlocal name
        content = squeezed("".join(words))
        words.clear()
        if not content or within is None:
            return
        if within.tag in _HEADINGS:
            outline.enter(int(within.tag[1:]), content)
            name = name or content
        else:
            mark = "- " if within.tag == "li" else ""
            blocks.append(Block(mark + content, outline.headings))

    if tree.body is not None:
        for node in tree.body.traverse(include_text=True):
            if node.tag == "-text":
                block = _block_of(node)
                if within is None or block is None or block.mem_id != within.mem_id:
                    finish()
                    within = block
                words.append(node.text(deep=True))
            elif node.tag in ("br", "td", "th"):
                words.append(" ")
    finish()
    return Parsed(name or None, tuple(blocks))


def _block_of(node: LexborNode) -> LexborNode | None:
    """The nearest element around ``node`` that starts a new line."""
    above = node.parent
    while above is not None and above.tag not in _BLOCKS:
        above = above.parent
    return above
