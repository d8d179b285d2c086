"""Reading plain text and PDF."""

import io

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from gateway.ingest.blocks import Block, UnreadableDocument
from gateway.ingest.plain import read_pdf, read_text


def pdf(*pages: str, title: str | None = None, password: str | None = None) -> bytes:
    """A PDF with one line of text on each page."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(300, 300)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content)
    if title:
        writer.add_metadata({"/Title": title})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_paragraphs_are_separated_by_blank_lines() -> None:
    assert read_text("one\nline\n\n \ntwo\n").blocks == (Block("one line"), Block("two"))


def test_pdf_pages_are_headings() -> None:
    parsed = read_pdf(pdf("Refunds take 5 days.", "Second page.", title="Refund guide"))
    assert parsed.title == "Refund guide"
    assert parsed.blocks == (
        Block("Refunds take 5 days.", ("Page 1",)),
        Block("Second page.", ("Page 2",)),
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"no pdf at all", "not a readable PDF"), (b"", "not a readable PDF"), (pdf(""), "OCR")],
)
def test_unreadable_pdf_says_why(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableDocument, match=why):
        read_pdf(data)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:ARC4 has been moved")
def test_encrypted_pdf_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="encrypted"):
        read_pdf(pdf("secret", password="x"))
