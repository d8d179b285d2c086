"""The answer repeats the system prompt."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise

from pydantic import Field

from gateway.core.exchange import Exchange
from gateway.core.findings import REACH, TAIL, Finding, GoesOn
from gateway.core.options import Options
from gateway.core.segments import Json, Origin, Segment
from gateway.core.views import Viewer

_STATE = "gateway.prompt_leak"
_TOKEN = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
    r"(?:'[^\W_]+)?"
)
"""A word, or one letter of a script that puts no blanks between words."""
_QUOTED = re.compile(r'"[^"\n]{1,200}"')
_CHARACTERS_PER_WORD = 5
_FEWEST = 3
_PROMPTS_KEPT = 64
_REACH_PER_WORD = 24
"""Characters of a word of the system prompt with what stands around it; longer ones are few."""
_SAID = frozenset((Origin.MODEL, Origin.TOOL_CALL))


class PromptLeakOptions(Options):
    min_words: int = Field(default=8, ge=4)
    """Words in a row that count as repeating (five letters each in scripts without blanks)."""


@dataclass(frozen=True, slots=True)
class _Index:
    """The runs of tokens a system prompt is made of, by how many tokens a run has. ``body`` is the
    request they were read from."""

    body: Json
    runs: dict[int, frozenset[str]]
    words: frozenset[str]
    """Every token that occurs in a run."""
    next: Mapping[str, str]
    """The letters that the token behind a token may begin with, for every token that has one."""


class PromptLeakGuard:
    """Answers that repeat the system prompt, word by word or with other case and punctuation.

    A run of ``min_words`` words scores 0.5, twice as many 1. Shorter system prompts count when they
    are repeated as a whole, from three words on. What the system prompt puts in double quotes is
    meant to be said and does not count. Words that a run may begin with are not released before the
    word behind them shows that it does not.
    """

    name = "prompt_leak"
    inline = True
    Options = PromptLeakOptions

    def __init__(self, options: PromptLeakOptions) -> None:
        self._words = options.min_words
        self.reach = max(REACH, options.min_words * _REACH_PER_WORD)
        self._viewer = Viewer()
        # An application sends the same system prompt with every request.
        self._read = lru_cache(_PROMPTS_KEPT)(self._runs)

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        """One finding per repeated run in what the model says."""
        if not any(segment.origin in _SAID for segment in segments):
            return []
        known = self._index(ex)
        return [
            finding
            for index, segment in enumerate(segments)
            if segment.origin in _SAID and known.runs
            for finding in self._repeated(index, segment.text, known)
        ]

    def _index(self, ex: Exchange) -> _Index:
        """Read once per exchange, and again only when a stage rewrote the request."""
        key = f"{_STATE}.{self._words}"
        known = ex.state.get(key)
        if isinstance(known, _Index) and known.body is ex.body:
            return known
        texts = tuple(s.text for s in ex.segments() if s.origin is Origin.SYSTEM)
        index = _Index(ex.body, *self._read(texts))
        ex.state[key] = index
        return index

    def goes_on(self, ex: Exchange) -> GoesOn | None:
        """See ``gateway.core.findings.RunGuard``: asks for the last word of the text and the first
        letter of the next, which few sentence ends share with a system prompt."""
        following = self._index(ex).next
        return partial(self._followed, following) if following else None

    def _followed(self, following: Mapping[str, str], tail: str, after: str) -> bool:
        *before, last = _TOKEN.findall(self._viewer.fold(tail)) or [""]
        if not before and len(tail) == TAIL:
            return True  # it is too far away, or too long, to be told
        letters = following.get(last)
        if letters is None:
            return False
        letter = self._viewer.fold(after)[:1]
        return letter in letters or not _TOKEN.match(letter)

    def _runs(
        self, texts: tuple[str, ...]
    ) -> tuple[dict[int, frozenset[str]], frozenset[str], dict[str, str]]:
        """The runs of these system texts by size, every token in them, and what follows each."""
        runs: dict[int, set[str]] = {}
        following: dict[str, set[str]] = {}
        for text in texts:
            for size, tokens in self._sequences(text):
                group = runs.setdefault(size, set())
                for start in range(len(tokens) - size + 1):
                    group.add(" ".join(tokens[start : start + size]))
                for token, behind in pairwise(tokens):
                    following.setdefault(token, set()).add(behind[0])
        words = {word for group in runs.values() for run in group for word in run.split()}
        return (
            {size: frozenset(group) for size, group in runs.items()},
            frozenset(words),
            {token: "".join(letters) for token, letters in following.items()},
        )

    def _sequences(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """(tokens of a run, tokens) of every part of a system text that has a run in it."""
        folded = self._viewer.fold(text)
        everything = _TOKEN.findall(folded)
        unspaced = sum(map(len, everything)) < 2 * len(everything)
        full = self._words * (_CHARACTERS_PER_WORD if unspaced else 1)
        if len(everything) < full:
            if len(everything) >= (_FEWEST * _CHARACTERS_PER_WORD if unspaced else _FEWEST):
                yield len(everything), everything
            return
        for part in _QUOTED.split(folded):
            tokens = _TOKEN.findall(part)
            if len(tokens) >= full:
                yield full, tokens

    def _repeated(self, index: int, text: str, known: _Index) -> Iterator[Finding]:
        view = self._viewer.plain(text)
        matches = list(_TOKEN.finditer(view.text))
        tokens = [match[0] for match in matches]
        covered: dict[int, int] = {}
        for size, runs in known.runs.items():
            for start in _starts(tokens, size, known.words):
                if " ".join(tokens[start : start + size]) in runs:
                    covered[start] = max(covered.get(start, 0), start + size)
        for start, end, size in _merged(covered):
            score = min(1.0, 0.5 * (end - start) / size) if size >= self._words else 0.9
            first, last = view.locate(matches[start].start(), matches[end - 1].end())
            yield Finding("prompt_leak", round(score, 4), index, first, last, "repeated run")


def _starts(tokens: Sequence[str], size: int, words: frozenset[str]) -> Iterator[int]:
    """Where ``size`` tokens stand in a row that are all of ``words``: nowhere, in most texts."""
    row = 0
    for place, token in enumerate(tokens, start=1):
        row = row + 1 if token in words else 0
        if row >= size:
            yield place - size


def _merged(covered: dict[int, int]) -> Iterator[tuple[int, int, int]]:
    """(start, end, size of the first run) of runs that touch."""
    current: tuple[int, int, int] | None = None
    for start in sorted(covered):
        end = covered[start]
        if current is None:
            current = (start, end, end - start)
        elif start <= current[1]:
            current = (current[0], max(current[1], end), current[2])
        else:
            yield current
            current = (start, end, end - start)
    if current is not None:
        yield current
