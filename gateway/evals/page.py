"""The frame of every report: one HTML file that needs nothing else, light or dark, for screens,
paper and screen readers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Tile:
    """A headline figure: what it is, the figure, and what to know about it."""

    name: str
    figure: str
    note: str = ""
    mood: str = ""
    """``good``, ``bad``, ``warn`` or nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with a small remark after it, or a colour."""

    text: str
    small: str = ""
    mood: str = ""


def page(title: str, lead: str, parts: Iterable[str], foot: str = "") -> str:
    """A whole HTML document. ``parts`` are HTML; everything else is text."""
    inside = "\n".join(part for part in parts if part)
    style = files("gateway.evals").joinpath("page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<header><h1>{escape(title)}</h1><p>{escape(lead)}</p></header>\n{inside}\n"
        f"<footer>{escape(foot)}</footer>\n</main>\n</body>\n</html>\n"
    )


def tiles(given: Sequence[Tile]) -> str:
    """Headline figures in a row."""
    made = "".join(
        f'<div class="tile"><span class="name">{escape(tile.name)}</span>'
        f'<b class="{tile.mood}">{escape(tile.figure)}</b><span>{escape(tile.note)}</span></div>'
        for tile in given
    )
    return f'<div class="tiles">{made}</div>'


def section(title: str, said: str, *inside: str, kind: str = "") -> str:
    """A card with a heading, a sentence that explains it, and HTML."""
    about = f"<p>{escape(said)}</p>" if said else ""
    classed = f' class="{kind}"' if kind else ""
    return f"<section{classed}><h2>{escape(title)}</h2>{about}{''.join(inside)}</section>"


def pair(*sections: str) -> str:
    """Cards side by side where there is room."""
    kept = [one for one in sections if one]
    return f'<div class="pair">{"".join(kept)}</div>' if kept else ""


def notes(title: str, lines: Sequence[str]) -> str:
    """What a reader must know before believing the figures; nothing when there is nothing."""
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return section(title, "", f"<ul>{items}</ul>", kind="notes")


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str | Cell]], *, words: bool = False
) -> str:
    """A table; the first column names the row. ``words`` aligns all columns to the left."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{_row(row)}</tr>" for row in rows)
    classed = ' class="words"' if words else ""
    return f"<table{classed}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def folded(summary: str, inside: str) -> str:
    """HTML that is shown when somebody asks for it."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def _row(cells: Sequence[str | Cell]) -> str:
    first, *others = cells
    name = first if isinstance(first, str) else first.text
    return f'<th scope="row">{escape(name)}</th>' + "".join(map(_cell, others))


def _cell(given: str | Cell) -> str:
    if isinstance(given, str):
        return f"<td>{escape(given)}</td>"
    small = f" <small>{escape(given.small)}</small>" if given.small else ""
    classed = f' class="{given.mood}"' if given.mood else ""
    return f"<td{classed}>{escape(given.text)}{small}</td>"


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage; a dash for none."""
    return "–" if value is None else f"{value * 100:.{digits}f}%"


def number(value: float | None, digits: int = 3) -> str:
    """A figure; a dash for none."""
    return "–" if value is None else f"{value:.{digits}f}"
