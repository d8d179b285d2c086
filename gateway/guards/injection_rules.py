"""The rules of the injection guard: what attempts to take over a model are worded like.

A rule has words that must be there before its pattern is tried at all, so a clean text costs one
set intersection. Patterns read folded text (small letters, no accents); in them a blank stands
for up to eight characters that are not letters or digits and ``~n~`` for up to n words. Every
repetition is bounded, so a scan is linear in the text. Weights are probabilities that a text with
this wording is an attack; they were set by hand against the sets named in docs/guides/injection.md.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.core.segments import Origin
from gateway.core.views import View
from gateway.guards.injection_phrases import PHRASES
from gateway.guards.injection_tongues import TONGUES

SOURCES: Mapping[str, str] = {
    "owasp": "OWASP Top 10 for LLM Applications 2025, LLM01 Prompt Injection",
    "owasp-leak": "OWASP Top 10 for LLM Applications 2025, LLM07 System Prompt Leakage",
    "atlas": "MITRE ATLAS AML.T0051 LLM Prompt Injection, AML.T0054 LLM Jailbreak",
    "greshake": "Greshake et al. 2023, Not what you've signed up for, arXiv:2302.12173",
    "perez": "Perez and Ribeiro 2022, Ignore Previous Prompt, arXiv:2211.09527",
    "shen": "Shen et al. 2023, Do Anything Now, arXiv:2308.03825",
    "liu": "Liu et al. 2023, Prompt Injection attack against LLM-integrated Applications, "
    "arXiv:2306.05499",
    "injecagent": "Zhan et al. 2024, InjecAgent, arXiv:2403.02691",
    "bipia": "Yi et al. 2023, Benchmarking and Defending Against Indirect Prompt Injection "
    "Attacks, arXiv:2312.14197",
    "schulhoff": "Schulhoff et al. 2023, Ignore This Title and HackAPrompt, arXiv:2311.16119",
}
"""What the rules were drawn from, by the name a rule gives."""

DOCUMENT = frozenset((Origin.TOOL, Origin.RETRIEVED))
"""Origins whose texts have no business giving the assistant any order."""

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


_MACRO = re.compile(r"\{([A-Z]+)\}")


def compile_pattern(text: str, macros: Mapping[str, str]) -> re.Pattern[str]:
    """A rule's pattern in the notation above as a regular expression."""
    spelled = _MACRO.sub(lambda m: f"(?:{macros[m[1]]})", text)
    spelled = re.sub(r" ?~(\d)~ ?", r"[\\W_]{1,8}(?:[^\\W_]{1,30}[\\W_]{1,8}){0,\1}", spelled)
    spelled = re.sub(r" (?=\{)", r"[\\W_]", spelled.replace(" ?", r"[\W_]{0,8}"))
    return re.compile(spelled.replace(" ", r"[\W_]{1,8}"))


def load_rules() -> tuple[Rule, ...]:
    """All rules: the English ones, then the other languages."""
    rules = []
    for phrase in PHRASES.rows:
        identifier, weight, source, gate, pattern = phrase[:5]
        rules.append(
            Rule(
                id=identifier,
                category="injection." + identifier.partition(".")[0],
                weight=weight,
                source=source,
                pattern=compile_pattern(pattern, PHRASES.macros),
                words=frozenset(w for w in gate.split() if w.isalnum()),
                marks=tuple(w.replace("␣", " ") for w in gate.split() if not w.isalnum()),
                origins=DOCUMENT if identifier.startswith("indirect.order") else None,
            )
        )
    for language, category, gate, pattern in TONGUES:
        spaced = all(w.isascii() for w in gate.split())
        rules.append(
            Rule(
                id=f"{category}.{language}",
                category=f"injection.{category}",
                weight=0.9,
                source="owasp",
                pattern=compile_pattern(pattern, {}),
                words=frozenset(gate.split()) if spaced else frozenset(),
                marks=() if spaced else tuple(gate.split()),
            )
        )
    return tuple(rules)


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
