"""The rules of the injection guard: what attempts to take over a model are worded like.

A rule has words that must be there before its pattern is tried at all, so a clean text costs one
set intersection. Patterns read folded text (small letters, no accents); in them a blank stands
for up to eight characters that are not letters or digits, ``~n~`` for up to n words, and ``\\b``
for the edge of a word. Every repetition is bounded, so a scan is linear in the text. Weights are
probabilities that a text with this wording is an attack; they were set by hand against the sets
named in docs/guides/injection.md.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from gateway.core.segments import Origin
from gateway.core.views import View

_FOUND_PER_RULE = 8


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sign of an attack, at ``start`` to ``end`` of the original text. ``weight`` in 0..1."""

    rule: str
    category: str
    weight: float
    start: int
    end: int
    view: str = "plain"
    concealed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One wording. ``words`` or ``marks`` (parts of the text) open the gate to ``pattern``."""

    id: str
    category: str
    weight: float
    source: str
    pattern: re.Pattern[str]
    words: frozenset[str] = frozenset()
    marks: tuple[str, ...] = ()
    origins: frozenset[Origin] | None = None
    """The origins it speaks about; None means all."""


_UNSPACED = re.compile(r"[^\x00-\u02af]")
"""Letters that need not stand in words of their own, or whose words change their endings."""
_EDGE = r"(?:(?<![^\W_])(?=[^\W_])|(?<=[^\W_])(?![^\W_]))"
"""The edge of a word; unlike ``\\b`` it counts an underscore among the blanks."""
_MACRO = re.compile(r"\{([A-Z]+)\}")


def compile_pattern(text: str, macros: Mapping[str, str]) -> re.Pattern[str]:
    """A rule's pattern in the notation above as a regular expression."""
    spelled = _MACRO.sub(lambda m: f"(?:{macros[m[1]]})", text)
    spelled = re.sub(r" ?~(\d)~ ?", r"[\\W_]{1,8}(?:[^\\W_]{1,30}[\\W_]{1,8}){0,\1}", spelled)
    spelled = re.sub(r" (?=\{)", r"[\\W_]", spelled.replace(" ?", r"[\W_]{0,8}"))
    return re.compile(spelled.replace(" ", r"[\W_]{1,8}").replace(r"\b", _EDGE))


def load_rules() -> tuple[Rule, ...]:
    """All rules that ship: the English ones, then those of other languages."""
    rules: list[Rule] = []
    for file in ("injection_rules.toml", "injection_tongues.toml"):
        table = tomllib.loads(files("gateway.guards").joinpath(file).read_text("utf-8"))
        macros = {name: _unwrapped(text) for name, text in table.get("macros", {}).items()}
        rules += [_rule(row, macros) for row in table["rule"]]
    return tuple(rules)


def _rule(row: Mapping[str, Any], macros: Mapping[str, str]) -> Rule:
    gate = row["gate"].split()
    spaced = all(_UNSPACED.search(word) is None for word in gate)
    return Rule(
        id=row["id"],
        category="injection." + row["id"].partition(".")[0],
        weight=row["weight"],
        source=row["source"],
        pattern=compile_pattern(_unwrapped(row["pattern"]), macros),
        words=frozenset(word for word in gate if word.isalnum() and spaced),
        marks=tuple(w.replace("␣", " ") for w in gate if not (w.isalnum() and spaced)),
        origins=frozenset(map(Origin, row["origins"])) if "origins" in row else None,
    )


def _unwrapped(text: str) -> str:
    return text.replace("\n", "")


class RuleDetector:
    """Evidence by wording. Pure computation, linear in the text."""

    def __init__(self, rules: Sequence[Rule], disabled: Iterable[str] = ()) -> None:
        off = frozenset(disabled)
        known = {rule.id for rule in rules} | {rule.category for rule in rules}
        if off - known:
            raise ValueError(
                f"injection: disable names {sorted(off - known)!r}, which is no rule or category"
            )
        live = [r for r in rules if r.id not in off and r.category not in off]
        self._by_word: dict[str, list[Rule]] = {}
        for rule in live:
            for word in rule.words:
                self._by_word.setdefault(word, []).append(rule)
        self._triggers = frozenset(self._by_word)
        marked = [(mark, rule) for rule in live for mark in rule.marks]
        self._ascii_marks = [pair for pair in marked if pair[0].isascii()]
        self._other_marks = [pair for pair in marked if not pair[0].isascii()]
        signs = sorted({mark for mark, _ in self._ascii_marks})
        self._any_sign = re.compile("|".join(map(re.escape, signs)) or r"(?!)")
        self._squeezed = next((r for r in live if r.id == "override.squeezed"), None)

    def inspect(self, view: View, origin: Origin) -> Iterator[Evidence]:
        """The evidence in one view of a text from ``origin``."""
        for rule in self._candidates(view):
            if rule.origins is not None and origin not in rule.origins:
                continue
            for count, match in enumerate(rule.pattern.finditer(view.text)):
                if count == _FOUND_PER_RULE:
                    break
                start, end = view.locate(*match.span())
                yield Evidence(
                    rule.id, rule.category, rule.weight, start, end, view.name, view.concealed
                )

    def _candidates(self, view: View) -> Iterable[Rule]:
        opened: dict[str, Rule] = {}
        for word in self._triggers & view.words:
            for rule in self._by_word[word]:
                opened[rule.id] = rule
        if self._any_sign.search(view.text):
            opened |= {rule.id: rule for mark, rule in self._ascii_marks if mark in view.text}
        if not view.text.isascii():
            opened |= {rule.id: rule for mark, rule in self._other_marks if mark in view.text}
        if self._squeezed and any(len(word) > 15 for word in view.words):
            opened[self._squeezed.id] = self._squeezed
        return opened.values()
