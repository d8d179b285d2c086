"""Reading HTML."""

from gateway.ingest.blocks import Block
from gateway.ingest.html import read_html

PAGE = """<!doctype html><html><head><title>Returns &amp; more</title><style>p{}</style></head>
<body><nav>menu</nav><h1>Returns</h1><p>Within <b>30</b>
days.</p>bare <i>text</i><div>deep<ul><li>one<li>two</ul>after</div>
<script>alert(1)</script><p hidden>unseen</p><h2>Costs</h2>
<table><tr><td>Zip</td><td>$25</td></tr></table></body></html>"""


def test_page_is_read_in_order_below_its_headings() -> None:
    parsed = read_html(PAGE)
    assert parsed.title == "Returns & more"
    assert parsed.blocks == (
        Block("Within 30 days.", ("Returns",)),
        Block("bare text", ("Returns",)),
        Block("deep", ("Returns",)),
        Block("- one", ("Returns",)),
        Block("- two", ("Returns",)),
        Block("after", ("Returns",)),
        Block("Zip $25", ("Returns", "Costs")),
    )


def test_empty_and_broken_pages_do_not_fail() -> None:
    assert read_html("").blocks == ()
    assert read_html("<p>open <div").blocks == (Block("open"),)
    assert read_html("<div>" * 5_000 + "deep").blocks == (Block("deep"),)
