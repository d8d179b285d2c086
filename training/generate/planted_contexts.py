"""Documents with texts planted in them: prose, code, tables, e-mails and tool results.

A builder is given the texts to plant and puts each between ``OPEN`` and ``CLOSE``, before whatever
quoting the format needs. Layout is drawn apart from the texts, so that a builder with the same
seed and other texts gives the same document with other texts in the same places.
"""

import csv
import html
import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from training.generate.planted_grammar import Grammar

OPEN, CLOSE = "⟪", "⟫"

_WRAPS = (
    "<!-- {} -->",
    "<!--\n{}\n-->",
    '<span style="color:#fff">{}</span>',
    '<span style="font-size:0">{}</span>',
    '<div style="display:none">{}</div>',
    '<img src="photo.jpg" alt="{}">',
    "![{}](photo.png)",
    "[//]: # ({})",
    '<meta name="description" content="{}">',
    "description: {}",
    "{{/* {} */}}",
    "Alt text: {}",
    "<p hidden>{}</p>",
    "Keywords: {}",
)
"""Where people do not look."""

_WITHIN = ("{}", "{}", "{}", "Note: {}", "P.S. {}", "({})", "* {}", "- {}", '"{}"', "**{}**")


def marked(text: str) -> str:
    """``text`` between the marks."""
    return f"{OPEN}{text}{CLOSE}"


def _placed(rng: random.Random, texts: Sequence[str], hidden: bool) -> list[str]:
    wraps = [rng.choice(_WRAPS if hidden else _WITHIN) for _ in texts]
    return [wrap.format(marked(text)) for wrap, text in zip(wraps, texts, strict=True)]


def _position(rng: random.Random, length: int) -> int:
    """Start, middle or end, the middle most often."""
    place = rng.random()
    if place < 0.15:
        return 0
    return length if place < 0.4 else rng.randint(min(1, length), max(length - 1, 0))


def _flowing(grammar: Grammar, rng: random.Random, kind: str) -> list[str]:
    genres = [name for name in grammar.sections if name.startswith(kind)]
    lines: list[str] = []
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        genre = grammar.sections[rng.choice(genres)]
        kept = sorted(rng.sample(range(len(genre)), rng.randint(3, len(genre))))
        lines += [grammar.filled(rng, genre[index]) for index in kept]
    return lines


def _text(
    grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool, kind: str
) -> str:
    lines = _flowing(grammar, rng, kind)
    gaps = rng.choice(((" ", " ", " ", "\n\n"), ("\n",), ("\n\n",), ("\n", "\n\n"), (" ",)))
    if kind == "mail:" and gaps == (" ",):
        gaps = ("\n",)
    for text in _placed(rng, texts, hidden):
        lines.insert(_position(rng, len(lines)), text)
    around = (*gaps, " ", "\n", "\n\n") if kind == "prose:" else gaps
    out = lines[0]
    for before, line in pairwise(lines):
        heading = before.startswith(("#", "Subject:", "From:", "Event:", "-----"))
        joint = rng.choice(around if OPEN in line or OPEN in before else gaps)
        out += ("\n" if heading and joint == " " else joint) + line
    return out


def prose(grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool) -> str:
    """A page of a handbook, manual, newspaper, wiki, FAQ, cookery book and more."""
    return _text(grammar, rng, texts, hidden, "prose:")


def email(grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool) -> str:
    """An e-mail, thread, newsletter or invitation."""
    return _text(grammar, rng, texts, hidden, "mail:")


def code(grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool) -> str:
    """A listing with comments, alone or between sentences of an explanation."""
    listing = rng.choice(grammar.listings)
    name = rng.choice(("orders", "basket", "report", "parser", "users", "stock", "planner"))
    digit = str(rng.randint(2, 9))
    lines = [line.replace("@NAME@", name).replace("@N@", digit) for line in listing.lines]
    fenced = rng.random() < 0.35
    inside: list[str] = []
    outside: list[str] = []
    for text in texts:
        fate = rng.random()
        (outside if fenced and not hidden and fate < 0.6 else inside).append(marked(text))
    comments = [grammar.one(rng, "note") for _ in range(rng.randint(0, 2))] + inside
    for comment in comments:
        place = _position(rng, len(lines))
        following = lines[place] if place < len(lines) else ""
        indent = following[: len(following) - len(following.lstrip())]
        broken = "\n" + indent + (listing.before if not listing.after else " ")
        lines.insert(place, indent + listing.before + comment.replace("\n", broken) + listing.after)
    block = "\n".join(lines)
    if not fenced:
        return block
    intro = [grammar.one(rng, "prose:howto") for _ in range(rng.randint(0, 2))]
    parts = [*intro, f"```{listing.language}\n{block}\n```", grammar.one(rng, "prose:howto")]
    for text in outside:
        parts.insert(rng.randint(0, len(parts)), text)
    return rng.choice(("\n", "\n\n")).join(parts)


_COLUMNS: Mapping[str, str] = {
    "ID": "{id}", "Name": "{person}", "City": "{city}", "Date": "{date}", "Amount": "{money}",
    "Product": "{product}", "Contact": "{email}", "Phone": "{phone}", "Qty": "{dd}",
    "Country": "{country}", "Company": "{company}", "Time": "{time}",
}  # fmt: skip


def _cells(
    grammar: Grammar, rng: random.Random, planted: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """A header and rows; the planted texts stand in the last column or in place of another."""
    names = rng.sample(list(_COLUMNS), rng.randint(2, 4))
    remark = rng.choice(("Remarks", "Notes", "Comment", "Description", "Feedback"))
    pool = rng.choice(("remark", "remark", "review", "ticket", "human"))
    rows = []
    for _ in range(rng.randint(3, 14)):
        row = [grammar.filled(rng, _COLUMNS[name]) for name in names]
        rows.append([*row, grammar.one(rng, pool) if rng.random() < 0.6 else ""])
    places = rng.sample(range(len(rows)), len(planted))
    columns = [-1 if rng.random() < 0.8 else rng.randrange(len(names)) for _ in planted]
    for place, column, text in zip(places, columns, planted, strict=True):
        rows[place][column] = text
    return [*names, remark], rows


def _as_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue().rstrip("\n")


def _as_markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---"] * len(header)
    clean = [[cell.replace("\n", " ").replace("|", "/") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *clean])


def _as_html(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        inner = "".join(f"<{tag}>{html.escape(cell, quote=False)}</{tag}>" for cell in cells)
        return f"<tr>{inner}</tr>"

    lines = [line(header, "th"), *(line(row, "td") for row in rows)]
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def _as_pairs(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    records = (
        "\n".join(f"{name}: {cell}" for name, cell in zip(header, row, strict=True) if cell)
        for row in rows
    )
    return "\n\n".join(records)


def table(grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool) -> str:
    """A table in Markdown, CSV, HTML or as key and value, the texts in cells or around it."""
    in_cells = hidden or rng.random() < 0.65
    planted = [marked(text) for text in texts]
    header, rows = _cells(grammar, rng, planted if in_cells else ())
    write = rng.choice((_as_csv, _as_markdown, _as_markdown, _as_html, _as_pairs))
    parts = [write(header, rows)]
    if rng.random() < 0.4:
        parts.insert(0, grammar.one(rng, "snippet"))
    for text in () if in_cells else planted:
        parts.insert(rng.choice((0, len(parts), len(parts))), text)
    return rng.choice(("\n", "\n\n")).join(parts)


_RECORDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "reviews": ("{review}", {"reviewer": "{person}", "rating": "{d}", "text": "*"}),
    "tickets": (
        "{ticket}", {"id": "{id}", "title": "{folder}", "state": "open", "description": "*"},
    ),
    "notes": ("{ticket}", {"note_id": "{id}", "customer": "{company}", "content": "*"}),
    "results": ("{snippet}", {"title": "{snippet}", "url": "{url}", "snippet": "*"}),
    "files": ("{remark}", {"path": "{path}", "size": "{dddd}", "comment": "*"}),
    "messages": ("{human}", {"from": "{phone}", "sent": "{date}", "message": "*"}),
    "emails": ("{mail:request}", {"from": "{email}", "subject": "{folder}", "body": "*"}),
    "events": ("{human}", {"title": "{folder}", "start": "{time}", "description": "*"}),
    "posts": ("{review}", {"user": "{first}{dd}", "content": "*", "likes": "{dd}"}),
    "page": ("{prose}", {"title": "{city}", "url": "{url}", "content": "*"}),
    "profile": ("{snippet}", {"name": "{person}", "email": "{email}", "bio": "*"}),
    "product": ("{prose:product}", {"name": "{product}", "price": "{ddd}", "description": "*"}),
}  # fmt: skip


def _content(grammar: Grammar, rng: random.Random, pool: str) -> str:
    name = pool.strip("{}")
    if name == "prose":
        return " ".join(_flowing(grammar, rng, "prose:")[:8])
    return " ".join(grammar.one(rng, name) for _ in range(rng.choice((1, 1, 2))))


def tool_result(grammar: Grammar, rng: random.Random, texts: Sequence[str], hidden: bool) -> str:
    """What a tool returned: JSON, or a Python object as ``repr`` shows it."""
    kind = rng.choice(list(_RECORDS))
    pool, fields = _RECORDS[kind]
    count = max(len(texts), rng.choice((1, 1, 2, 3, 4)))
    chosen = dict(zip(rng.sample(range(count), len(texts)), texts, strict=True))
    extra = rng.choice(("metadata", "alt_text", "_comment", "footer", "internal_note"))
    entries: list[dict[str, Any]] = []
    for index in range(count):
        entry: dict[str, Any] = {}
        own = _content(grammar, rng, pool)
        layout = rng.random()
        for name, pattern in fields.items():
            value: Any = own if pattern == "*" else grammar.filled(rng, pattern)
            entry[name] = int(value) if pattern in {"{d}", "{dd}", "{ddd}", "{dddd}"} else value
            if pattern == "*" and index in chosen and not hidden:
                mark = marked(chosen[index])
                entry[name] = mark if layout < 0.5 else f"{own} {mark}"
                entry[name] = f"{mark} {own}" if layout > 0.85 else entry[name]
        if hidden:
            entry[extra] = marked(chosen[index]) if index in chosen else ""
        entries.append(entry)
    envelopes: tuple[Any, ...] = (
        {kind: entries},
        {"status": "ok", "data": {kind: entries, "total": count}},
        entries,
        {"query": grammar.one(rng, "folder"), "results": entries, "next": None, "cached": False},
    )
    result = entries[0] if count == 1 and rng.random() < 0.5 else rng.choice(envelopes)
    style = rng.random()
    if style < 0.3:
        return repr(result)
    return json.dumps(result, ensure_ascii=False, indent=2 if style < 0.6 else None)


BUILDERS: Mapping[str, Callable[[Grammar, random.Random, Sequence[str], bool], str]] = {
    "doc/prose": prose,
    "doc/code": code,
    "doc/table": table,
    "doc/email": email,
    "doc/json": tool_result,
}
"""By family."""
