"""Brings a tenant's knowledge store up to date with the files of a folder."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.knowledge import Document
from gateway.ingest.blocks import UnreadableDocument
from gateway.ingest.files import Source, convert, find, load
from gateway.ingest.front_matter import BadFrontMatter, Defaults
from gateway.ports.knowledge_store import KnowledgeStore

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Summary:
    """What an ingest run did: document ids by outcome, errors and warnings by document id."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    chunks: int = 0
    """Chunks written in this run."""

    def __str__(self) -> str:
        text = (
            f"{len(self.added)} added, {len(self.updated)} updated, "
            f"{len(self.unchanged)} unchanged, {len(self.removed)} removed"
        )
        return f"{text}, {len(self.errors)} failed" if self.errors else text


async def ingest(
    store: KnowledgeStore,
    root: Path,
    tenant: str,
    *,
    defaults: Defaults | None = None,
    name: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Add, replace and remove documents so that ``store`` holds what is below ``root``.

    ``name`` (the folder's own unless given) starts the ids of the documents, and only documents
    whose id starts with it are removed; for a single file nothing is. ``progress`` is told the
    files done and their total. A file that fails keeps its last good version in the store, unless
    its front-matter is at fault: nobody knows then who may see it, so it is withdrawn.

    Raises FileNotFoundError when there is no ``root``, KnowledgeUnavailable when the store fails.
    """
    defaults = defaults or Defaults()
    listing = await asyncio.to_thread(find, root, name)
    total = len(listing.sources)
    known = {document.id: document for document in await store.documents(tenant)}
    summary = Summary()
    for done, source in enumerate(listing.sources):
        if progress is not None:
            progress(done, total)
        await _one(store, tenant, source, defaults, known, summary)
    if listing.scope is not None:
        present = {source.id for source in listing.sources}
        for gone in known:
            if gone.startswith(listing.scope) and gone not in present:
                await store.remove(tenant, gone)
                summary.removed.append(gone)
    if progress is not None:
        progress(total, total)
    return summary


async def _one(
    store: KnowledgeStore,
    tenant: str,
    source: Source,
    defaults: Defaults,
    known: Mapping[str, Document],
    summary: Summary,
) -> None:
    before = known.get(source.id)
    try:
        contents = await asyncio.to_thread(load, source, defaults)
        if before is not None and before.version == contents.version:
            summary.unchanged.append(source.id)
            _warn_if_hidden(before, summary)
            return
        document, texts = await asyncio.to_thread(convert, source, contents, defaults)
    except BadFrontMatter as error:
        summary.errors[source.id] = str(error)
        if before is not None:
            await store.remove(tenant, source.id)
            summary.removed.append(source.id)
            summary.errors[source.id] += " (withdrawn until that is mended)"
        return
    except (OSError, UnreadableDocument) as error:
        summary.errors[source.id] = str(error)
        return
    await store.put(tenant, document, texts)
    summary.chunks += len(texts)
    (summary.updated if before is not None else summary.added).append(source.id)
    _warn_if_hidden(document, summary)


def _warn_if_hidden(document: Document, summary: Summary) -> None:
    if document.access.public or document.access.roles:
        return
    summary.warnings[document.id] = (
        "visible to no one: it names no roles and is not public; "
        "add 'roles: [...]' or 'public: true' to its front-matter"
    )
    log.warning("document %s is %s", document.id, summary.warnings[document.id])
