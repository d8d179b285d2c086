"""The files of a folder as documents ready for the store."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from gateway.core.knowledge import Document
from gateway.ingest import chunks, front_matter
from gateway.ingest.blocks import Parsed, UnreadableDocument
from gateway.ingest.front_matter import SIDECAR, Defaults, FrontMatter
from gateway.ingest.html import read_html
from gateway.ingest.markdown import read_markdown
from gateway.ingest.plain import read_pdf, read_text

MARKDOWN = frozenset({".md", ".markdown"})
SUFFIXES = MARKDOWN | {".txt", ".text", ".html", ".htm", ".pdf"}
"""Endings of the files that are read; others are left alone."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to ingest. ``id`` names its document: the source's name and the path below it."""

    id: str
    path: Path


@dataclass(frozen=True, slots=True)
class Contents:
    """A file's bytes and those of its sidecar, with the version they amount to."""

    data: bytes
    sidecar: bytes | None
    version: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The files to ingest, by id. Documents whose id starts with ``scope`` and that are not among
    them belong to deleted files; None when that cannot be said."""

    sources: tuple[Source, ...]
    scope: str | None


def find(root: Path, name: str | None = None) -> Listing:
    """The readable files at or below ``root``. Hidden files and links out of ``root`` are left out.

    Ids start with ``name``, by default the name of the folder. Raises FileNotFoundError when there
    is no ``root``.
    """
    inside = root.resolve()
    if inside.is_file():
        name = name or inside.parent.name or "root"
        return Listing((Source(f"{name}/{inside.name}", inside),), None)
    if not inside.is_dir():
        raise FileNotFoundError(f"there is no file or folder {root}")
    name = name or inside.name or "root"
    found = []
    for folder, folders, files in os.walk(inside):
        folders[:] = [sub for sub in folders if not sub.startswith(".")]
        for file in files:
            path = Path(folder, file)
            if file.startswith(".") or path.suffix.lower() not in SUFFIXES:
                continue
            if path.resolve().is_relative_to(inside):
                found.append(Source(f"{name}/{path.relative_to(inside).as_posix()}", path))
    return Listing(tuple(sorted(found, key=lambda source: source.id)), f"{name}/")


def load(source: Source, defaults: Defaults) -> Contents:
    """Read a file. The version covers all that the stored document depends on: bytes, sidecar,
    defaults, and how chunks are cut. Raises OSError."""
    data = source.path.read_bytes()
    beside = source.path.with_name(source.path.name + SIDECAR)
    sidecar = beside.read_bytes() if beside.exists() else None
    digest = hashlib.sha256()
    made_of = [chunks.VERSION, chunks.SIZE, defaults.public, sorted(defaults.roles)]
    for part in (json.dumps(made_of).encode(), sidecar or b"", data):
        digest.update(len(part).to_bytes(8, "big") + part)
    return Contents(data, sidecar, digest.hexdigest())


def convert(source: Source, contents: Contents, defaults: Defaults) -> tuple[Document, list[str]]:
    """A document and its chunks. Raises BadFrontMatter, or UnreadableDocument."""
    matter, parsed = _parse(source.path, contents)
    texts = chunks.chunk(parsed.blocks)
    if not texts:
        raise UnreadableDocument("the file holds no text")
    document = Document(
        id=source.id,
        version=contents.version,
        title=matter.title or parsed.title or source.path.stem,
        url=matter.url,
        path=source.id,
        access=front_matter.access_of(matter, defaults),
    )
    return document, texts


def _parse(path: Path, contents: Contents) -> tuple[FrontMatter, Parsed]:
    suffix = path.suffix.lower()
    inner: str | None = None
    text = ""
    if suffix != ".pdf":
        inner, text = front_matter.split(_decoded(contents.data))
    if inner is not None and contents.sidecar is not None:
        raise front_matter.BadFrontMatter(
            f"both front-matter and {path.name}{SIDECAR} exist: keep one of them"
        )
    beside = contents.sidecar.decode("utf-8", "replace") if contents.sidecar is not None else ""
    matter = front_matter.read(inner if inner is not None else beside)
    if suffix == ".pdf":
        return matter, read_pdf(contents.data)
    if suffix in MARKDOWN:
        return matter, read_markdown(text)
    return matter, read_html(text) if suffix in (".html", ".htm") else read_text(text)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableDocument(
            f"not UTF-8 (byte {error.start}); save the file as UTF-8"
        ) from error
