"""A segment is one piece of text an exchange carries, with its origin and its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

Path = tuple[str | int, ...]
Json = dict[str, Any]


class Origin(StrEnum):
    """Who a text comes from. Policies set thresholds per origin."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    RETRIEVED = "retrieved"
    MODEL = "model"
    TOOL_CALL = "tool_call"


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of text.

    ``path`` leads to it inside the document it stands in (a request body, a reply document);
    it is empty for texts that stand by themselves, such as retrieved chunks. ``offset`` is the
    position, in characters, of ``text`` inside a longer text that is judged piece by piece, and
    ``fresh`` the position inside ``text`` before which everything was judged already: findings
    that end there are not counted again, and nothing before it is rewritten. ``until`` is where the
    part ends that is judged now; findings that begin behind it are counted when their turn comes.
    """

    text: str
    origin: Origin
    path: Path = ()
    offset: int = 0
    fresh: int = 0
    until: int | None = None

    @property
    def pointer(self) -> str:
        """The path as an RFC 6901 JSON pointer, as the audit names it."""
        return "".join(f"/{str(p).replace('~', '~0').replace('/', '~1')}" for p in self.path)


def put(document: Json, path: Path, value: object) -> Json:
    """A copy of ``document`` with ``value`` at ``path``; only the containers on the way are new."""
    if not path:
        raise ValueError("put needs a path of at least one step")
    root: Any = dict(document)
    node = root
    for step in path[:-1]:
        child = node[step]
        node[step] = dict(child) if isinstance(child, dict) else list(child)
        node = node[step]
    node[path[-1]] = value
    return root  # type: ignore[no-any-return]


def put_text(document: Json, path: Path, text: str) -> Json:
    """``put`` for a text: where an object stands, the text is its JSON and is written as an object.
    The empty text takes the object's place as it is.

    Raises ValueError when the text should be JSON and is not.
    """
    value: object = text
    if text and isinstance(get(document, path), dict):
        value = orjson.loads(text)
        if not isinstance(value, dict):
            raise ValueError("an object cannot be rewritten into something else")
    return put(document, path, value)


def get(document: Json, path: Sequence[str | int]) -> Any:
    """The value at ``path``. Raises KeyError or IndexError where there is none."""
    node: Any = document
    for step in path:
        node = node[step]
    return node
