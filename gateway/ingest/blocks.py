"""The pieces a document is read into, before it is cut into chunks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, list item, table row or code block, below its headings (outermost first)."""

    text: str
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document's own title, if it has one, and its blocks in order."""

    title: str | None
    blocks: tuple[Block, ...]


class UnreadableDocument(ValueError):
    """A file whose text cannot be read. The message says why."""


class Outline:
    """The headings that are open at one place of a document."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def enter(self, level: int, heading: str) -> None:
        """A heading of ``level`` (1 is the outermost) closes those of its own and deeper levels."""
        self._open = [entry for entry in self._open if entry[0] < level]
        self._open.append((level, heading))

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(heading for _, heading in self._open)


def squeezed(text: str) -> str:
    """The text on one line, with single spaces."""
    return " ".join(text.split())
