"""Documents that answers are grounded on."""

from collections.abc import Sequence
from typing import Protocol

from gateway.core.knowledge import Chunk, Document


class KnowledgeStore(Protocol):
    """Finds passages a caller may see. Raises KnowledgeUnavailable when it cannot answer."""

    async def search(
        self, tenant: str, question: str, roles: frozenset[str], top_k: int
    ) -> Sequence[Chunk]:
        """The best ``top_k`` chunks of this tenant's documents that ``roles`` may see, best first.

        The role filter is part of the query itself. Empty when nothing matches.
        """
        ...

    async def put(self, tenant: str, document: Document, texts: Sequence[str]) -> None:
        """Store or replace one document with its chunks, as one step."""
        ...

    async def remove(self, tenant: str, document_id: str) -> bool:
        """Forget a document. False when there was none."""
        ...

    async def documents(self, tenant: str) -> Sequence[Document]:
        """All documents of a tenant, by id."""
        ...
