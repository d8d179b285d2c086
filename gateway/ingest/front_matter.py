"""What a document says about itself: title, address and who may see it."""

import re
from dataclasses import dataclass

from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gateway.core.knowledge import Access
from gateway.core.options import Options

SIDECAR = ".meta.yaml"
"""Ending of the file that stands beside ``<file>`` and holds its front-matter."""

_FENCED = re.compile(
    r"\A\ufeff?\s*---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_OPENED = re.compile(r"\A\ufeff?\s*---[ \t]*\r?\n[ \t]*\w+[ \t]*:")


class BadFrontMatter(ValueError):
    """Front-matter that cannot be read, so that nobody knows who may see the document."""


class FrontMatter(Options):
    """The keys of front-matter. Unknown ones are errors: a mistyped ``roles`` must not pass."""

    title: str | None = None
    """Shown with citations. Else the document's own title, else its file name."""
    url: str | None = None
    """Where a reader finds the document."""
    roles: list[str] | None = Field(default=None)
    """Roles that may see it, in place of the defaults."""
    public: bool | None = None
    """Whether everybody may see it, in place of the default."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """Who may see documents that do not say it themselves."""

    public: bool = False
    roles: frozenset[str] = frozenset()


def split(text: str) -> tuple[str | None, str]:
    """The YAML between ``---`` lines at the start (None when there is none), and the rest.

    Raises BadFrontMatter when it is never closed: its roles must not be taken for text.
    """
    match = _FENCED.match(text)
    if match is not None:
        return match.group(1), text[match.end() :]
    if _OPENED.match(text):
        raise BadFrontMatter("front-matter is never closed: end it with a line '---'")
    return None, text


def read(source: str) -> FrontMatter:
    """Front-matter from its YAML. Raises BadFrontMatter, naming every wrong key."""
    try:
        loaded = YAML(typ="safe", pure=True).load(source)
    except YAMLError as error:
        raise BadFrontMatter(f"front-matter is not valid YAML: {error}") from error
    if loaded is None:
        return FrontMatter()
    if not isinstance(loaded, dict):
        raise BadFrontMatter("front-matter must be keys and values, such as 'public: true'")
    try:
        return FrontMatter.model_validate(loaded, strict=True)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        )
        known = ", ".join(FrontMatter.model_fields)
        raise BadFrontMatter(f"front-matter: {wrong} (known keys: {known})") from error


def access_of(matter: FrontMatter, defaults: Defaults) -> Access:
    """Who may see the document. A document that says anything about access gets no defaults, so
    that ``roles: [finance]`` is never widened by a default of ``public``."""
    if matter.roles is None and matter.public is None:
        return Access(defaults.public, defaults.roles)
    return Access(matter.public or False, frozenset(matter.roles or ()))
