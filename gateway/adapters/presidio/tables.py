"""Telephone numbers and licences in tables and lists, where the column says what they are.

Lines that follow each other with as many delimiters are a table. A column is one of numbers when
its head says so (``name,phone,city``), or, without a head, when every cell of it has the form of a
telephone number and one of them a form that little else has. The lists of an SQL ``INSERT`` are
read by the names of their columns. The cost is linear in the text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.adapters.presidio.facts import Facts

_HEADED, _ALIKE = 0.75, 0.6
_DELIMITERS = ("\t", ";", "|", " / ", ",")
_LONGEST = 400
"""Characters beyond which a line is no row of a table."""
_PADDING = " \t\"'`*"

_phone_head = re.compile(
    r"(?:[\w'’]{1,12}[ _-]){0,2}(?:(?:tele)?phone|tel|mobile|mob|cell|fax|landline|whatsapp|"
    r"telefon|telefono|teléfono|telefone|téléphone|telefoon|handy|móvil|celular|portable|mobil)"
    r"(?:[ _-]?(?:no|nr|num|number|nummer|[#1-9]))?\.?",
    re.IGNORECASE,
).fullmatch
_licence_head = re.compile(
    r"(?:driver|drivers|driver['’]s|driving)[ _-]?licen[cs]e(?:[ _-]?(?:no|nr|num|number|id|#))?"
    r"|licen[cs]e[ _-]?(?:no|nr|num|number|#)|dl[ _-]?(?:no|nr|num|number|#)",
    re.IGNORECASE,
).fullmatch
_phone = re.compile(
    r"(?!\d{1,2}[./-]\d{1,2}[./-](?:\d\d)?\d\d$|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}$"
    r"|\d{1,3}(?:\.\d{1,3}){3}$|0\d+\.\d+$|\d+\.\d+$)"
    r"[+(]{0,2}\d(?:[ ().\-/]{0,2}\d){4,16}(?: ?(?:x|ext\.?) ?\d{1,6})?",
    re.IGNORECASE,
).fullmatch
_licence = re.compile(r"(?=(?:[A-Za-z-]{0,4}\d){4})[A-Za-z\d](?:-?[A-Za-z\d]){4,18}").fullmatch
_sure_phone = re.compile(
    r"\+[1-9](?:[ ().\-/]{0,2}\d){7,}.*|\(\d{2,4}\) ?\d.*"
    r"|(?!\d{5}-\d{4}$)(?=(?:\D?\d){9})0\d{1,4}[ ./-]\d{2,8}(?:[ .-]\d{2,4})*"
    r"|(?:1[-.])?\d{3}([-.])\d{3}\1\d{4}.*"
).fullmatch
_insert = re.compile(
    r"\binsert\s+into\s+[\w.\"`\[\]]{1,80}\s*\(([^()]{1,400})\)\s*values\s*", re.IGNORECASE
)
_value = re.compile(r"'((?:[^']|'')*)'|[^\s,()';]+|(;|\)(?!\s*[,)]))")
"""A value, or what ends the lists: a semicolon, or a parenthesis that nothing goes on after."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell without its padding, with its place."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of value: how its columns are headed, its form, and a form that needs no head."""

    kind: str
    headed: Callable[[str], Any]
    form: Callable[[str], Any]
    sure: Callable[[str], Any] | None


SORTS: Sequence[Sort] = (
    Sort("PHONE_NUMBER", _phone_head, _phone, _sure_phone),
    Sort("US_DRIVER_LICENSE", _licence_head, _licence, None),
)


class Columns:
    """Values of one kind, by the column they stand in."""

    context: frozenset[str] = frozenset()

    def __init__(self, sort: Sort, result: type[Any]) -> None:
        self.kind = sort.kind
        self.id = f"columns-{sort.kind}"
        self._sort = sort
        self._result = result

    def find(self, facts: Facts) -> list[Any]:
        """Results of Presidio's shape."""
        if not facts.long_number:
            return []
        found: dict[tuple[int, int], float] = {}
        if "\n" in facts.text:
            for rows in tables(facts.text):
                for cell, score in self._in_table(rows):
                    found[cell.start, cell.end] = max(score, found.get((cell.start, cell.end), 0))
        if "insert" in facts.lower:
            for cell in self._inserted(facts.text):
                found[cell.start, cell.end] = _HEADED
        metadata = {"recognizer_identifier": self.id}
        return [
            self._result(self.kind, start, end, score, recognition_metadata=metadata)
            for (start, end), score in found.items()
        ]

    def _in_table(self, rows: Sequence[Sequence[Cell]]) -> Iterator[tuple[Cell, float]]:
        form, sure = self._sort.form, self._sort.sure
        for column in zip(*rows, strict=True):
            head, *cells = column
            if self._sort.headed(head.text):
                yield from ((cell, _HEADED) for cell in cells if form(cell.text))
            elif (
                sure is not None
                and all(form(cell.text) for cell in column)
                and any(sure(cell.text) for cell in column)
            ):
                yield from ((cell, _ALIKE) for cell in column)

    def _inserted(self, text: str) -> Iterator[Cell]:
        inserts = list(_insert.finditer(text))
        starts = [*(insert.start() for insert in inserts), len(text)]
        for insert, end in zip(inserts, starts[1:], strict=True):
            heads = [name.strip(' \t\n"`[]') for name in insert[1].split(",")]
            columns = {n for n, head in enumerate(heads) if self._sort.headed(head)}
            if not columns:
                continue
            for number, value in enumerate(_value.finditer(text, insert.end(), end)):
                if value[2]:
                    break
                if number % len(heads) in columns:
                    group = 1 if value[1] is not None else 0
                    cell = Cell(value[group], value.start(group))
                    if self._sort.form(cell.text):
                        yield cell


def tables(text: str) -> Iterator[list[list[Cell]]]:
    """The tables of a text: two lines or more with the same number of one delimiter."""
    lines: list[tuple[int, str]] = []
    start = 0
    for line in text.split("\n"):
        lines.append((start, line))
        start += len(line) + 1
    for delimiter in _DELIMITERS:
        if delimiter in text:
            yield from _tables_by(lines, delimiter)


def _tables_by(lines: Sequence[tuple[int, str]], delimiter: str) -> Iterator[list[list[Cell]]]:
    rows: list[list[Cell]] = []
    for start, line in lines:
        count = line.count(delimiter) if len(line) <= _LONGEST else 0
        if rows and len(rows[0]) != count + 1:
            if len(rows) > 1:
                yield rows
            rows = []
        if count:
            rows.append(_cells(start, line, delimiter))
    if len(rows) > 1:
        yield rows


def _cells(start: int, line: str, delimiter: str) -> list[Cell]:
    cells = []
    for part in line.split(delimiter):
        text = part.strip(_PADDING)
        cells.append(Cell(text, start + (part.index(text) if text else 0)))
        start += len(part) + len(delimiter)
    return cells
