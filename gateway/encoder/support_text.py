"""Cuts an answer into sentences, the same way however it arrives, and tells which of them say
something that must rest on a source."""

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 800
"""Characters of a sentence at most; longer runs without an end (code, tables) are cut."""

MARKER: Final = re.compile(r"\[\s*(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\s*\](?!\()")
"""A mark that points at passages by number: ``[2]``, ``[1, 3]``."""
TRAILING: Final = re.compile(r"(?<=[.!?…)\"'\]”’»*_])(?:\s*\[[\d,; ]{1,16}\])+\Z")
"""Marks behind the end of a sentence."""

_END = re.compile(  # each run of signs or blanks is tried from its beginning alone: linear
    r"(?<![.!?…])[.!?…]++[)\"'\]”’»*_]*+(?:\s?\[[\d,; ]{1,16}\])*\s+"
    r"|(?<!\s)[^\S\n]*+\n\s*|[。！？][)」』”’]*\s*"
)
_LIST_NUMBER = re.compile(r"(?:^|\n)[^\S\n]*(?:[-*•#>]+[^\S\n]*)?(?:\*\*)?\d{1,3}[.]\s+\Z")
_INITIAL = re.compile(r"(?:^|[\s(.])[A-Z]\.\s+\Z")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\"'“‘])(?:e\.g|i\.e|a\.m|p\.m|approx|no|nos|vs|mr|mrs|ms|dr|prof|st|mt|inc|ltd|co"
    r"|corp|sen|rep|gov|gen|col|lt|sgt|capt|jr|sr|rev|fig|vol|dept|est|cf|al|jan|feb|mar|apr|jun"
    r"|jul|aug|sept?|oct|nov|dec)\.\s+\Z",
    re.IGNORECASE,
)
_LOOK_BACK = 24

_BULLET = re.compile(r"\s*(?:[-*•+>]|\d{1,3}[.)])\s")
_WORDY = re.compile(r"[^\W_]{2,}")
_FACT = re.compile(r"\d|@|https?://|www\.|[$€£%]")
_TALK = re.compile(
    r"(?:hi|hello|i (?:can|will) help|i['’]ll help|hey|greetings|thanks|thank you|sure"
    r"|certainly|of course|absolutely|great question"
    r"|good question|you(?:['’]re| are) welcome|i(?:['’]d| would| will|['’]ll| am|['’]m) (?:be )?"
    r"(?:happy|glad|sorry|afraid)|i hope (?:this|that|it)|hope (?:this|that) helps|sorry"
    r"|my apologies|i apologi[sz]e|let me know|feel free|please (?:let me know|feel free)"
    r"|if (?:you (?:have|need)|there(?:['’]s| is)) (?:any|anything|more|further)"
    r"|is there anything|would you like|do you want|have a (?:nice|great|good))\b",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"\bi (?:do not|don['’]?t|cannot|can['’]?t|could not|couldn['’]?t|did not|didn['’]?t"
    r"|am not able|am unable|was unable|was not able)\b[^.]{0,40}?\b(?:know|find|found|answer"
    r"|tell|determine"
    r"|confirm|say|have (?:any|enough|access|that|this|the))"
    r"|\b(?:passages?|documents?|sources?|context|texts?|information|excerpts?|materials?"
    r"|knowledge base)\b[^.]{0,30}? (?:do|does|did) (?:not|n['’]t) (?:seem to |appear to "
    r"|explicitly |directly |specifically )?(?:contain|mention|say|state|provide|include"
    r"|specify|answer|cover"
    r"|address|give|discuss|tell)"
    r"|\bno (?:\w+ )?(?:information|mention|answer|details?) (?:is |are |was |were )?(?:about|on|of"
    r"|given|provided|available|found|regarding|in)\b"
    r"|\b(?:unable|not able|impossible) to (?:answer|determine|find|say|tell)\b"
    r"|\bis not (?:mentioned|stated|specified|given|provided|covered) in (?:the|these|any)\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"(?:i (?:would )?(?:suggest|recommend)|i think|it may be (?:best|worth)"
    r"|you may (?:want|wish) to|you might want to|it(?:['’]s| is) (?:always )?(?:best"
    r"|a good idea|advisable|recommended) to)\b"
    r"[^.]{0,40}?\b(?:check|consult|contact|ask|verify|confirm|look|speak|talk)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` of a text, without the blanks around them."""

    start: int
    end: int


def sentences_of(text: str) -> list[Span]:
    """The sentences of a text in their order. Where one ends can be told from what stands before
    that place alone, so that more text never moves it."""
    spans: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if _closes(text, match.end()):
            _add(spans, text, start, match.end())
            start = match.end()
    _add(spans, text, start, len(text))
    return spans


def is_closed(text: str) -> bool:
    """Whether a text ends where a sentence does, or inside a run too long to be one."""
    start = 0
    first = max(0, len(text) - LONGEST - _LOOK_BACK)
    for match in _END.finditer(text[first:]):
        if _closes(text, first + match.end()):
            start = first + match.end()
    tail = len(text) - start
    return start == len(text) or tail >= LONGEST


def _closes(text: str, end: int) -> bool:
    """Whether a sentence ends at ``end``, where its mark and blanks stop."""
    before = text[max(0, end - _LOOK_BACK) : end]
    if "\n" in before[len(before.rstrip()) :]:
        return True
    stripped = before.rstrip()
    if not stripped.endswith("."):
        return True
    return not (
        _ABBREVIATED.search(before)
        or _INITIAL.search(before)
        or _LIST_NUMBER.search(text[max(0, end - 2 * _LOOK_BACK) : end])
    )


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = start + LONGEST if cut < 0 else cut
        spans.append(Span(start, cut))
        start = cut + 1 if text[cut : cut + 1] == " " else cut
    if end > start:
        spans.append(Span(start, end))


def unmarked(sentence: str) -> str:
    """The sentence without the marks that point at passages."""
    return MARKER.sub("", sentence).strip()


def markers_of(sentence: str) -> list[int]:
    """The numbers of the passages that a sentence points at, in order."""
    return [
        int(number)
        for match in MARKER.finditer(sentence)
        for number in match[1].replace(";", ",").split(",")
    ]


def needs_support(sentence: str) -> bool:
    """Whether a sentence says something that must rest on a source: not a greeting, a question, an
    offer of help, a lead-in to a list, advice to ask elsewhere, or that something is not known."""
    said = unmarked(sentence).strip("-*•+#>_` \t")
    if not _WORDY.search(said):
        return False
    if said.endswith(("?", "？")):
        return False
    if _FACT.search(said):
        return True
    words = _WORDY.findall(said)
    if len(words) < (1 if _BULLET.match(sentence) else 3) and said.isascii():
        return False
    if said.rstrip("*_").endswith((":", "：")) or sentence.lstrip().startswith("#"):
        return False
    return not (_TALK.match(said) or _UNKNOWN.search(said) or _ADVICE.match(said))
