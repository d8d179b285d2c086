"""What words, numbers and names tell about whether a sentence is supported: one row of figures."""

import itertools
import math
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.encoder.support_evidence import Evidence
from gateway.encoder.support_source import Source
from gateway.encoder.support_words import WordReader, Words

NAMES: Final = (
    "coverage",
    "evidence_coverage",
    "best_coverage",
    "pair_coverage",
    "evidence_pairs",
    "family_coverage",
    "unseen_words",
    "longest_unseen",
    "numbers",
    "unseen_numbers",
    "numbers_elsewhere",
    "unseen_amounts",
    "names",
    "unseen_names",
    "names_elsewhere",
    "negation_more",
    "negation_less",
    "antonyms",
    "denied_values",
    "asserted_values",
    "empty_values",
    "keyed",
    "disorder",
    "length",
    "vague",
    "evaluative",
    "units",
    "source_size",
)
"""What the columns of ``features_of`` are."""

_OPPOSITES = """
increase decrease|rise fall|rose fell|up down|more less|most least|before after|higher lower
|high low|open closed|opens closes|start end|begin end|first last|allow forbid|allow forbidden
|allowed prohibited
|permit prohibit|accept reject|accepted rejected|accepts rejects|approve deny|approved denied
|include exclude|included excluded|win lose|won lost|buy sell|enter leave|arrive leave
|positive negative|always never|all none|early late|old new|young old|large small|big little
|long short|hot cold|warm cool|fast slow|quick slow|strong weak|easy difficult|safe dangerous
|legal illegal|possible impossible|guilty innocent|guilty acquitted|male female|man woman
|husband wife|father mother|son daughter|brother sister|alive dead|survived died|above below
|inside outside|indoor outdoor|north south|east west|left right|public private|enable disable
|enabled disabled|add remove|required optional|mandatory optional|minimum maximum|least most
|free paid|cheap expensive|quiet loud|casual formal|clean dirty|friendly rude|excellent poor
|good bad|best worst|better worse|praised criticized|satisfied disappointed|love hate
|support oppose|supported opposed|agree disagree|success failure|succeed fail|pass fail
|domestic international|temporary permanent|morning evening|daily weekly|weekly monthly
|monthly yearly|hours days|days weeks|weeks months|months years|minutes hours|full empty
|heavy light|wet dry|deny confirm|denied confirmed|refuse agree|increased decreased|rising falling
"""
_VAGUE = re.compile(
    r"\b(?:overall|in summary|in conclusion|additionally|furthermore|moreover|generally|typically"
    r"|usually|often|such as|for example|it is important|important to note|in order to|ensure"
    r"|this (?:will|can|may|helps?)|these|various|variety|different)\b",
    re.IGNORECASE,
)
_EVALUATIVE = re.compile(
    r"\b(?:popular|great|good|excellent|ideal|perfect|best|delicious|friendly|cozy|charming|unique"
    r"|wide|mixed|positive|negative|satisf\w+|disappoint\w+|praised?|enjoy\w*|recommend\w*|complain"
    r"\w*|criti\w+|quality|atmosphere|ambiance|experience|convenient|important|significant)\b",
    re.IGNORECASE,
)
_TURN = re.compile(r"\b(?:but|however|while|although|though|yet|except|whereas)\b|[;.]", re.I)
_NO = re.compile(
    r"\b(?:no|not|without|neither|nor|lacks?|never|unavailable|cannot|isn|doesn|don|isn['’]t"
    r"|doesn['’]t|don['’]t|aren['’]t|absence)\b",
    re.IGNORECASE,
)


class FeatureReader:
    """Makes rows of figures. Remembers nothing between calls but its own word lists."""

    def __init__(self, reader: WordReader) -> None:
        self._reader = reader
        self._opposites: dict[str, set[str]] = {}
        for pair in _OPPOSITES.replace("\n", "").split("|"):
            one, _, other = pair.strip().partition(" ")
            a, b = reader.read(f"x {one}").stems, reader.read(f"x {other}").stems
            if a and b:
                self._opposites.setdefault(a[-1], set()).add(b[-1])
                self._opposites.setdefault(b[-1], set()).add(a[-1])

    def row(
        self, sentence: str, words: Words, evidence: Evidence, source: Source
    ) -> NDArray[np.float32]:
        """The figures of one sentence, [len(NAMES)]."""
        known = source.weights.keys() | source.titles
        shown = {stem for unit in evidence.units for stem in unit.words.stems}
        unseen = [stem for stem in words.stems if stem not in known and not stem.isdigit()]
        weight = {stem: source.weights.get(stem, source.rare) for stem in words.stems}
        total = sum(weight.values()) or 1.0
        family = {s for s in unseen if len(s) >= 5 and s[:5] in source.heads}
        numbers = words.numbers
        near = frozenset(n for unit in evidence.units for n in unit.words.numbers)
        near_pairs = frozenset(p for unit in evidence.units for p in unit.words.pairs)
        missing = numbers - source.numbers
        negations = max((unit.words.negations for unit in evidence.units), default=0)
        denied, asserted, empty = self._values(sentence, words, evidence)
        row = (
            sum(w for s, w in weight.items() if s in known) / total,
            evidence.covered,
            evidence.best_share,
            _share(words.pairs, source.pairs),
            _share(words.pairs, near_pairs),
            (sum(w for s, w in weight.items() if s in known or s in family)) / total,
            math.log1p(len(set(unseen))),
            math.log1p(_run(words.stems, known)),
            math.log1p(len(numbers)),
            math.log1p(len(missing)),
            math.log1p(len((numbers & source.numbers) - near)),
            math.log1p(sum(1 for a in words.amounts - source.amounts if a[0] not in missing)),
            math.log1p(len(words.names)),
            math.log1p(len(words.names - known)),
            math.log1p(len((words.names & known) - shown)),
            float(words.negations > 0 and negations == 0),
            float(words.negations == 0 and negations > 0),
            math.log1p(self._opposed(words, shown)),
            math.log1p(denied),
            math.log1p(asserted),
            math.log1p(empty),
            float(any(unit.keyed for unit in evidence.units)),
            _disorder(words.stems, evidence),
            math.log1p(len(words.stems)),
            math.log1p(len(_VAGUE.findall(sentence))),
            math.log1p(len(_EVALUATIVE.findall(sentence))),
            float(len(evidence.units)),
            math.log1p(len(source.units)),
        )
        return np.array(row, dtype=np.float32)

    def _opposed(self, words: Words, shown: set[str]) -> int:
        own = set(words.stems)
        return sum(
            1
            for stem in own - shown
            if not self._opposites.get(stem, set()).isdisjoint(shown - own)
        )

    def _values(self, sentence: str, words: Words, evidence: Evidence) -> tuple[int, int, int]:
        """How many ``key: value`` units the sentence goes against: it affirms what is ``no``, it
        denies what is ``yes``, or it speaks of what is ``unknown``."""
        denied = asserted = empty = 0
        clauses: list[tuple[frozenset[str], bool]] | None = None
        for unit in evidence.units:
            if not unit.keyed:
                continue
            if unit.value not in ("yes", "no", "unknown"):
                continue
            if clauses is None:
                clauses = self._clauses(sentence)
            for key in unit.keys:
                subject = self._reader.read(f"x {key}").stems[-1:]
                for stems, negated in clauses:
                    if not subject or subject[0] not in stems:
                        continue
                    denied += unit.value == "no" and not negated
                    asserted += unit.value == "yes" and negated
                    empty += unit.value == "unknown"
        return denied, asserted, empty

    def _clauses(self, sentence: str) -> list[tuple[frozenset[str], bool]]:
        clauses = []
        for part in _TURN.split(sentence):
            match = _NO.search(part)
            if match is None:
                clauses.append((frozenset(self._reader.read(f"x {part}").stems), False))
                continue
            before, after = part[: match.start()], part[match.start() :]
            clauses.append((frozenset(self._reader.read(f"x {before}").stems), False))
            clauses.append((frozenset(self._reader.read(f"x {after}").stems), True))
        return clauses


def _share(own: frozenset[tuple[str, str]], having: frozenset[tuple[str, str]]) -> float:
    return len(own & having) / len(own) if own else 1.0


def _run(stems: Sequence[str], known: set[str]) -> int:
    longest = row = 0
    for stem in stems:
        row = 0 if stem in known else row + 1
        longest = max(longest, row)
    return longest


def _disorder(stems: Sequence[str], evidence: Evidence) -> float:
    """The share of neighbouring shared stems that stand the other way round in the evidence."""
    places: dict[str, int] = {}
    for unit in evidence.units:
        for stem in unit.words.stems:
            places.setdefault(stem, len(places))
    found = [places[stem] for stem in stems if stem in places]
    steps = list(itertools.pairwise(found))
    return sum(a > b for a, b in steps) / len(steps) if steps else 0.0
