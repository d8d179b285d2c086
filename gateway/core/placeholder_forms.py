"""How placeholders look when a model writes them, and what they are restored to.

Models change case, spaces and brackets, and escape what HTML, Markdown, JSON or URLs ask them to
escape. A placeholder counts as written when its label, in any of these spellings, stands right
before its tag, and the tag is one of this exchange; a bare tag never does. As issued comes first:
what stands around an unchanged placeholder is left alone.
"""

import html
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from gateway.core.placeholders import DIGITS, LETTERS, MOST_PAIRS, PAIRS, TAG, Placeholder

Escape = Callable[[str], str]

_FLAGS = re.ASCII | re.IGNORECASE
_OPEN = r"(?:\\{0,2}<|&lt;|\\{1,2}u003c|%3c)"
_CLOSE = r"(?:\\{0,2}>|&gt;|\\{1,2}u003e|%3e)"
_OPEN_BEGUN = r"(?:\\{1,2}(?:u(?:0(?:0(?:3)?)?)?)?|&(?:lt?)?|%3?)"
_CLOSE_BEGUN = r"(?:\\{1,2}(?:u(?:0(?:0(?:3)?)?)?)?|&(?:gt?)?|%3?)"
_BETWEEN = (" ?", r"\\?", r"\\?", "[-_ ]", " ?")
"""One character each: what may stand for an underscore."""
_EXTRA = len(r"\\u003c ") * 2
"""Characters that brackets may take at most, with the spaces inside them."""
_TAIL = re.compile(f"(?P<gap> ?)(?P<close>{_CLOSE})", _FLAGS)


def as_is(value: str) -> str:
    """The value for plain text."""
    return value


class Forms:
    """The spellings of the placeholders of one exchange."""

    def __init__(self, live: Mapping[str, Placeholder]) -> None:
        self._live = live
        labels = sorted({placeholder.label for placeholder in live.values()})
        self._heads = {label: _head(label) for label in labels}
        self._begun = _begun(labels)
        tag = max((len(tag) for tag in live), default=0)
        label = max((_longest(label) for label in labels), default=0)
        self.longest = label + tag + _EXTRA
        """Characters that a placeholder can take in its longest spelling; nothing more is ever
        held back."""

    def undecided(self, text: str, start: int) -> int:
        """Where in ``text``, from ``start`` on, something begins that more text could make a
        placeholder of, or another placeholder of; its length when nothing does."""
        match = self._begun.search(text, max(start, len(text) - self.longest))
        return len(text) if match is None else match.start()

    def restored(self, text: str, start: int, end: int, escape: Escape = as_is) -> str:
        """``text[start:end]`` with the values of this exchange in place of its placeholders.
        What stands before ``start`` is looked at, not returned."""
        parts: list[str] = []
        done = start
        for match in TAG.finditer(text, start):
            if match.end() > end:
                break
            placeholder = self._live.get(match[0].lower())
            if placeholder is None:
                continue
            found = self._span(text, done, match, placeholder)
            if found is not None:
                begin, stop, bracket = found
                parts += (text[done:begin], escape(_for_bracket(bracket, placeholder.value)))
                done = stop
        parts.append(text[done:end])
        return "".join(parts)

    def _span(
        self, text: str, done: int, tag: re.Match[str], placeholder: Placeholder
    ) -> tuple[int, int, str] | None:
        """Where the placeholder begins and ends, and the bracket it opens with."""
        issued = placeholder.text
        begin = tag.end() + 1 - len(issued)
        if begin >= done and text.startswith(issued, begin):
            return begin, tag.end() + 1, "<"
        low = max(done, tag.start() - self.longest)
        head = self._heads[placeholder.label].search(text, low, tag.start())
        if head is None:
            return None
        opening, label = head["open"], head.start("label")
        tail = _TAIL.match(text, tag.end())
        if opening and tail:
            return head.start(), tail.end(), opening
        if opening and not head["gap"]:
            return head.start(), tag.end(), opening
        alone = label == 0 or text[label - 1].isspace()
        if not opening and tail and not tail["gap"] and alone:
            return label, tail.end(), ""
        return label, tag.end(), ""


class RestoreBuffer:
    """One text of an answer that is still arriving: what came in and was not yet restored.

    What comes out depends on the text alone, never on how it was split. Work is linear in the text,
    and no more than ``forms.longest`` characters are held.
    """

    __slots__ = ("_before", "_forms", "_held")

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._before = ""
        self._held = ""

    @property
    def held(self) -> int:
        """Characters that are waiting."""
        return len(self._held)

    def feed(self, text: str, escape: Escape = as_is, *, final: bool = False) -> str:
        """What can go out now that ``text`` came in. ``final``: no more will come."""
        start = len(self._before)
        whole = f"{self._before}{self._held}{text}"
        cut = len(whole) if final else self._forms.undecided(whole, start)
        released = self._forms.restored(whole, start, cut, escape)
        self._held = whole[cut:]
        self._before = whole[cut - 1 : cut] if cut else ""
        return released


def _head(label: str) -> re.Pattern[str]:
    """What stands before a tag: the label, with or without its bracket."""
    words = "".join(_BETWEEN).join(label.split("_"))
    return re.compile(
        rf"(?:(?P<open>{_OPEN})(?P<gap> ?)|(?<![a-z0-9]))(?P<label>{words}){''.join(_BETWEEN)}\Z",
        _FLAGS,
    )


def _longest(label: str) -> int:
    """Characters that a label takes at most, with all that may stand for its underscores."""
    return len(label) + 1 + (len(_BETWEEN) - 1) * (label.count("_") + 1)


def _begun(labels: list[str]) -> re.Pattern[str]:
    """The beginnings of all spellings, at the end of a text."""
    if not labels:
        return re.compile(r"\Z")
    bodies = "|".join(_nested(label) for label in labels)
    return re.compile(
        rf"{_OPEN_BEGUN}\Z|{_OPEN}(?:\Z| ?(?:\Z|{bodies}))|(?<![a-z0-9])(?:{bodies})", _FLAGS
    )


def _nested(label: str) -> str:
    """A pattern of what a label and its tag can begin with, all of it included."""
    atoms: list[str] = []
    for word in label.split("_"):
        atoms += (*word, *_BETWEEN)
    atoms += [f"[{LETTERS}]", f"[{DIGITS}]"] * PAIRS
    more = f"(?:[{LETTERS}][{DIGITS}]){{0,{MOST_PAIRS - PAIRS}}}"
    pattern = rf"{more}(?:[{LETTERS}]?\Z| ?(?:{_CLOSE_BEGUN})?\Z)"
    for atom in reversed(atoms):
        pattern = rf"{atom}(?:\Z|{pattern})"
    return pattern


def _for_bracket(bracket: str, value: str) -> str:
    """The value, escaped as the bracket before it was."""
    if bracket == "&lt;":
        return html.escape(value, quote=False)
    if bracket.lower() == "%3c":
        return quote(value, safe="@")
    return value
