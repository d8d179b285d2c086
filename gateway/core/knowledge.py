"""Documents, the chunks they are cut into, and who may see them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a document: everyone when ``public``, else callers with one of ``roles``.

    A document with no roles that is not public is visible to no one.
    """

    public: bool = False
    roles: frozenset[str] = frozenset()

    def allows(self, roles: frozenset[str]) -> bool:
        return self.public or not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document, as retrieval returns it. ``score`` is higher for better matches."""

    id: str
    document: str
    version: str
    title: str
    url: str | None
    path: str | None
    text: str
    access: Access
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document as ingested. ``version`` is the SHA-256 of what it was made from."""

    id: str
    version: str
    title: str
    url: str | None
    path: str | None
    access: Access
