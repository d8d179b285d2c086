"""A knowledge store in memory."""

import math
from collections.abc import Sequence

from gateway.core.errors import KnowledgeUnavailable
from gateway.core.knowledge import Chunk, Document
from gateway.core.words import enough_overlap, stems

MAX_TOP_K = 50


class MemoryKnowledge:
    """A KnowledgeStore that forgets. ``failing = True`` makes every call fail."""

    def __init__(self, min_overlap: float = 0.4) -> None:
        self.failing = False
        self.searches: list[tuple[str, str, frozenset[str], int]] = []
        self._least = min_overlap
        self._tenants: dict[str, dict[str, tuple[Document, tuple[str, ...]]]] = {}

    async def search(
        self, tenant: str, question: str, roles: frozenset[str], top_k: int
    ) -> Sequence[Chunk]:
        self._answer()
        self.searches.append((tenant, question, roles, top_k))
        stored = [
            (document, position, text, frozenset(stems(f"{document.title} {text}")))
            for document, texts in self._tenants.get(tenant, {}).values()
            for position, text in enumerate(texts)
        ]
        asked = stems(question)
        weights = {
            word: math.log(1 + len(stored) / (0.5 + sum(word in found for *_, found in stored)))
            for word in asked
        }
        chunks = []
        for document, position, text, found in stored:
            matched = found.intersection(asked)
            if document.access.allows(roles) and enough_overlap(weights, matched, self._least):
                score = sum(weights[word] for word in matched)
                chunks.append(_chunk(document, position, text, score))
        chunks.sort(key=lambda chunk: -chunk.score)
        return chunks[: max(0, min(top_k, MAX_TOP_K))]

    async def put(self, tenant: str, document: Document, texts: Sequence[str]) -> None:
        self._answer()
        self._tenants.setdefault(tenant, {})[document.id] = (document, tuple(texts))

    async def remove(self, tenant: str, document_id: str) -> bool:
        self._answer()
        return self._tenants.get(tenant, {}).pop(document_id, None) is not None

    async def documents(self, tenant: str) -> Sequence[Document]:
        self._answer()
        return [document for _, (document, _) in sorted(self._tenants.get(tenant, {}).items())]

    async def aclose(self) -> None:
        """Nothing to give back."""

    def _answer(self) -> None:
        if self.failing:
            raise KnowledgeUnavailable("The knowledge base is unavailable.", cause="told to fail")


def _chunk(document: Document, position: int, text: str, score: float) -> Chunk:
    return Chunk(
        id=f"{document.id}#{position}",
        document=document.id,
        version=document.version,
        title=document.title,
        url=document.url,
        path=document.path,
        text=text,
        access=document.access,
        score=score,
    )
