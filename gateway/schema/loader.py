"""YAML files as plain data, with the place of every key and value."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gateway.schema.interpolate import InterpolationError, interpolate, is_single_placeholder
from gateway.schema.problems import Problem, UnreadableFile, YamlSyntaxError

KeyPath = tuple[str | int, ...]
Place = tuple[int, int]

TEST_SUFFIX = ".test.yaml"
"""How the names of policy test files end."""

_MOST_NODES = 50_000
_INT = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"),
}  # fmt: skip


@dataclass(slots=True)
class Document:
    """One YAML file: its data (dict, list, str, int, float, bool, None) and where things stand.

    Places are (line, column) from 1. ``interpolated`` holds the text of every value that came out
    of a ``${...}``; ``secret`` says which of them came from a secret file.
    """

    file: str
    path: Path
    lines: list[str]
    data: Any = None
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)
    interpolated: dict[KeyPath, str] = field(default_factory=dict)
    secret: set[KeyPath] = field(default_factory=set)

    def problem(self, at: KeyPath, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A problem at the value under ``at``, or at its key; at the nearest parent's if it has no
        place of its own."""
        line, column = self.place(at, key=key)
        return self.problem_at(line, column, message, hint)

    def place(self, at: KeyPath, *, key: bool = False) -> Place:
        """Where ``at`` stands, or else the nearest of its parents."""
        if key and at in self.keys:
            return self.keys[at]
        while at and at not in self.values:
            at = at[:-1]
        return self.values.get(at, (1, 1))

    def problem_at(self, line: int, column: int, message: str, hint: str = "") -> Problem:
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Problem(self.file, line, column, message, hint, source)


def load(
    path: Path, *, environ: Mapping[str, str] | None = None, placeholders: bool = True
) -> Document:
    """Read a YAML file. ``placeholders=False`` leaves ``${...}`` as it stands.

    Raises UnreadableFile or YamlSyntaxError.
    """
    shown = _shown(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UnreadableFile([Problem(shown, 0, 0, "there is no such file")]) from None
    except UnicodeDecodeError as error:
        raise UnreadableFile([Problem(shown, 0, 0, f"is not UTF-8 text: {error}")]) from None
    except OSError as error:
        raise UnreadableFile(
            [Problem(shown, 0, 0, f"cannot be read: {error.strerror or error}")]
        ) from None
    return parse(text, path, environ=environ, placeholders=placeholders)


def yaml_files(folder: Path) -> dict[str, Path]:
    """The YAML files of a folder by name without suffix; those of policy tests are left out."""
    return {
        path.stem: path
        for path in sorted(folder.glob("*.yaml"))
        if not path.name.startswith(".") and not path.name.endswith(TEST_SUFFIX)
    }


def parse(
    text: str, path: Path, *, environ: Mapping[str, str] | None = None, placeholders: bool = True
) -> Document:
    """Read YAML text as if it stood in ``path``. Raises YamlSyntaxError."""
    document = Document(_shown(path), path, text.splitlines())
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        _syntax(document, error)
    if root is None:
        document.values[()] = (1, 1)
        return document
    environ = (os.environ if environ is None else environ) if placeholders else None
    builder = _Builder(document, environ)
    document.data = builder.build(root, (), ())
    if builder.problems:
        raise YamlSyntaxError(builder.problems)
    return document


class _Builder:
    """Makes plain data of YAML nodes and notes places and problems on the way."""

    def __init__(self, document: Document, environ: Mapping[str, str] | None) -> None:
        self.document = document
        self.environ = environ
        self.problems: list[Problem] = []
        self.count = 0

    def build(self, node: Node, at: KeyPath, above: tuple[Node, ...]) -> Any:
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self.document.values[at] = place
        self.count += 1
        if node in above or self.count > _MOST_NODES:
            said = f"an alias that repeats without end, or more than {_MOST_NODES} values"
            self._report(node, said, "write the values out, or split the file")
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node, at)
        if isinstance(node, SequenceNode):
            inside = (*above, node)
            return [self.build(item, (*at, i), inside) for i, item in enumerate(node.value)]
        assert isinstance(node, MappingNode)  # noqa: S101 - YAML has no fourth kind
        return self._mapping(node, at, above)

    def _mapping(self, node: MappingNode, at: KeyPath, above: tuple[Node, ...]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._report(key_node, "a key must be a single word or number", "")
                continue
            key = str(key_node.value)
            child = (*at, key)
            if key in made:
                first = self.document.keys[child][0]
                self._report(
                    key_node, f"the key {key!r} stands here twice", f"first on line {first}"
                )
                continue
            self.document.keys[child] = (
                key_node.start_mark.line + 1,
                key_node.start_mark.column + 1,
            )
            made[key] = self.build(value_node, child, (*above, node))
            if isinstance(value_node, ScalarNode) and not (value_node.value or value_node.style):
                # YAML puts a value that is not there where the next one begins
                self.document.values[child] = self.document.keys[child]
        return made

    def _scalar(self, node: ScalarNode, at: KeyPath) -> Any:
        text = str(node.value)
        plain = node.style in (None, "")
        if self.environ is not None and "$" in text:
            try:
                value = interpolate(text, self.environ, self.document.path.parent)
            except InterpolationError as error:
                self._report(node, str(error), error.hint)
                return None
            if "${" in text:
                self.document.interpolated[at] = value
            if "${file:" in text:
                self.document.secret.add(at)
            return scalar(value) if plain and is_single_placeholder(text) else value
        return scalar(text) if plain else text

    def _report(self, node: Node, message: str, hint: str) -> None:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self.problems.append(self.document.problem_at(line, column, message, hint))


def scalar(text: str) -> str | int | float | bool | None:
    """An unquoted YAML scalar with its type (YAML 1.2 core schema)."""
    if text in _WORDS:
        return _WORDS[text]  # type: ignore[return-value]
    if _INT.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    return float(text) if _FLOAT.match(text) else text


def _syntax(document: Document, error: YAMLError) -> NoReturn:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if not isinstance(error, MarkedYAMLError) or mark is None:
        raise YamlSyntaxError(
            [document.problem_at(1, 1, f"is not YAML: {str(error).splitlines()[0]}")]
        ) from None
    line = mark.line + 1
    tabs = [
        document.problem_at(number, source.index("\t") + 1, "a tab indents this line", "use spaces")
        for number, source in enumerate(document.lines, start=1)
        if "\t" in source[: len(source) - len(source.lstrip())]
    ]
    if tabs:
        raise YamlSyntaxError(tabs) from None
    said = " ".join(filter(None, (error.context, error.problem)))
    hint = "quote the value if it holds ': ' or starts with a special character"
    if "${" in "".join(document.lines[line - 1 : line]):
        hint = "inside { } or [ ], a value with ${...} must be quoted"
    raise YamlSyntaxError(
        [document.problem_at(min(line, max(1, len(document.lines))), mark.column + 1, said, hint)]
    ) from None


def _shown(path: Path) -> str:
    """The path as people know it: relative to where they stand, if it is below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
