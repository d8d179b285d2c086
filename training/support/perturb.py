"""Makes sentences that a source does not bear out of ones that it does, and rewords others."""

import random
import re
from collections.abc import Callable, Sequence

Span = tuple[int, int]
Changed = tuple[str, Span]
"""A text, and which characters of it were changed."""

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,:]\d+)*(?![\w])")
_NAME = re.compile(r"(?<=[a-z,;] )(?:[A-Z][a-z]+)(?: (?:of |the )?[A-Z][a-z]+){0,2}")
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_SPELLED = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "twenty",
    "thirty",
]
_UNITS = (
    ["seconds", "minutes", "hours", "days", "weeks", "months", "years"],
    ["meters", "kilometers", "miles", "feet", "inches", "yards"],
    ["grams", "kilograms", "ounces", "pounds", "tons"],
    ["hundred", "thousand", "million", "billion"],
    ["daily", "weekly", "monthly", "yearly", "annually"],
    ["cups", "teaspoons", "tablespoons", "liters"],
)
_OPPOSITES = """increase decrease|increased decreased|more less|before after|higher lower|high low
|open closed|opens closes|first last|allowed forbidden|accept reject|accepted rejected
|approved denied|includes excludes|won lost|arrived left|positive negative|always never|early late
|old new|large small|long short|hot cold|fast slow|strong weak|easy difficult|safe dangerous
|legal illegal|possible impossible|guilty innocent|man woman|husband wife|father mother|son daughter
|brother sister|above below|inside outside|indoor outdoor|north south|northern southern|east west
|left right|public private|minimum maximum|free paid|cheap expensive|quiet loud|casual formal
|clean dirty|friendly rude|excellent poor|good bad|best worst|better worse|praised criticized
|satisfied disappointed|supports opposes|supported opposed|success failure|domestic foreign
|temporary permanent|morning evening|full empty|heavy light|wet dry|denied confirmed|many few
|rose fell|rising falling|same different|former current|alive dead|winter summer|male female
|all some|must may|required optional|only also|enter leave|add remove|started ended|begin end"""
_OPPOSITE: dict[str, str] = {}
for _pair in _OPPOSITES.replace("\n", "").split("|"):
    _a, _b = _pair.split()
    _OPPOSITE.setdefault(_a, _b)
    _OPPOSITE.setdefault(_b, _a)
_WORD = re.compile(r"[A-Za-z]+")
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|will|can|could|should|has|have|had|does|do|did)\b(?! not)"
)
_NOT = re.compile(r"\b(is|are|was|were|will|can|could|should|has|have|had|does|do|did) not\b")
_NO = re.compile(r"\b(?:doesn't|does not) (\w+)")
_CLAUSE = re.compile(r",? (?:and|which|where|while|including|such as|because|with|by|to|after) ")
_SYNONYMS = """said stated|stated said|big large|large big|began started|started began|help assist
|show demonstrate|shows indicates|use utilize|used utilized|buy purchase|make create|about roughly
|also additionally|but however|get obtain|provides offers|offers provides|needs requires
|requires needs|located situated|many numerous|several multiple|important significant|because since
|kids children|children kids|shop store|store shop|film movie|movie film|begins starts|often usually
|near close to|around approximately|approximately around|people individuals|injured hurt
|arrested detained|lets allows|enables allows|quick fast|method way|way method
|entire whole|whole entire|occurs happens|happens occurs|physician doctor|car vehicle
|reviews feedback|customers patrons|patrons customers|dish meal|staff employees|restaurant eatery
|takeout take-out|well-suited suitable|suitable ideal|parking car parking|tasty delicious"""
_SYNONYM: dict[str, str] = {}
for _pair in _SYNONYMS.replace("\n", "").split("|"):
    _a, _, _b = _pair.partition(" ")
    _SYNONYM.setdefault(_a, _b)
_LEADS = (
    "According to the passage, ", "The text says that ", "In addition, ", "Overall, ",
    "It is noted that ", "Based on the information given, ", "Furthermore, ", "In short, ",
    "The article reports that ", "As described, ", "- ", "2. ", "However, ",
)  # fmt: skip

_OPENERS = frozenset(("The", "A", "An", "It", "They", "This", "These", "He", "She", "There", "In"))


class Perturber:
    """Changes sentences. The same for a seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._kinds: dict[str, Callable[[str, str], Changed | None]] = {
            "number": self._number,
            "name": self._name,
            "date": self._date,
            "negation": self._negation,
            "antonym": self._antonym,
            "unit": self._unit,
        }

    def against(self, text: str, source: str, others: Sequence[str]) -> list[tuple[str, Changed]]:
        """Sentences that ``source`` does not bear out, with their kinds: one of each kind that can
        be made of ``text``, and one that goes on with what one of ``others`` says."""
        made = []
        for kind, change in self._kinds.items():
            changed = change(text, source)
            if changed is not None and changed[0] != text:
                made.append((kind, changed))
        added = self._added(text, others)
        if added is not None:
            made.append(("added", added))
        return made

    def reworded(self, text: str) -> str:
        """The same said a little differently."""
        rng = self._rng
        words = text.split(" ")
        for index, word in enumerate(words):
            core = word.strip(".,;:")
            if core in _SYNONYM and rng.random() < 0.7:
                words[index] = word.replace(core, _SYNONYM[core])
        text = " ".join(words)
        if rng.random() < 0.35:
            lead = rng.choice(_LEADS)
            lowered = text[:1].lower() + text[1:]
            inside = lead[0] not in "-2" and text.partition(" ")[0] in _OPENERS
            text = lead + (lowered if inside else text)
        cut = [m.start() for m in re.finditer(r", (?:and|which|while|where|but) ", text)]
        if cut and rng.random() < 0.4 and cut[-1] > 30:
            text = text[: cut[-1]] + "."
        return text

    def _swap(self, text: str, match: re.Match[str], new: str) -> Changed:
        return (
            text[: match.start()] + new + text[match.end() :],
            (match.start(), match.start() + len(new)),
        )

    def _number(self, text: str, source: str) -> Changed | None:
        found = [m for m in _NUMBER.finditer(text) if m.start() > 3]
        if not found:
            return self._spelled(text)
        match = self._rng.choice(found)
        elsewhere = sorted({n for n in _NUMBER.findall(source) if n not in text})
        if elsewhere and self._rng.random() < 0.4:
            return self._swap(text, match, self._rng.choice(elsewhere))
        digits = list(match[0])
        places = [i for i, c in enumerate(digits) if c.isdigit()]
        place = self._rng.choice(places)
        digits[place] = self._rng.choice([d for d in "123456789" if d != digits[place]])
        new = "".join(digits)
        return None if new in source else self._swap(text, match, new)

    def _spelled(self, text: str) -> Changed | None:
        found = [m for m in _WORD.finditer(text) if m[0].lower() in _SPELLED]
        if not found:
            return None
        match = self._rng.choice(found)
        return self._swap(
            text, match, self._rng.choice([s for s in _SPELLED if s != match[0].lower()])
        )

    def _name(self, text: str, source: str) -> Changed | None:
        found = list(_NAME.finditer(text))
        elsewhere = sorted(
            {n for n in _NAME.findall(source) if n not in text and n[:4] not in text}
        )
        if not found or not elsewhere:
            return None
        return self._swap(text, self._rng.choice(found), self._rng.choice(elsewhere))

    def _date(self, text: str, source: str) -> Changed | None:
        for names in (_DAYS, _MONTHS):
            found = [m for m in _WORD.finditer(text) if m[0] in names]
            if found:
                new = self._rng.choice([n for n in names if n not in text])
                return self._swap(text, self._rng.choice(found), new)
        return None

    def _negation(self, text: str, source: str) -> Changed | None:
        match = _NOT.search(text) or _NO.search(text)
        if match is not None:
            return self._swap(text, match, match[1])
        match = _AUXILIARY.search(text)
        if match is None or self._rng.random() < 0.3:
            return None
        return self._swap(text, match, f"{match[1]} not")

    def _antonym(self, text: str, source: str) -> Changed | None:
        found = [m for m in _WORD.finditer(text) if m[0].lower() in _OPPOSITE]
        if not found:
            return None
        match = self._rng.choice(found)
        new = _OPPOSITE[match[0].lower()]
        return self._swap(text, match, new.capitalize() if match[0][0].isupper() else new)

    def _unit(self, text: str, source: str) -> Changed | None:
        for row in _UNITS:
            found = [m for m in _WORD.finditer(text) if m[0] in row]
            if found:
                new = self._rng.choice([unit for unit in row if unit not in text] or [""])
                return self._swap(text, self._rng.choice(found), new) if new else None
        return None

    def _added(self, text: str, others: Sequence[str]) -> Changed | None:
        """The sentence goes on with the end of another one that is about something else."""
        for _ in range(4):
            tail = self._rng.choice(others)
            cuts = [m.start() for m in _CLAUSE.finditer(tail) if m.start() > 15]
            if cuts:
                end = tail[cuts[-1] :].rstrip(".")
                if 12 < len(end) < 90:
                    own = [m.start() for m in _CLAUSE.finditer(text) if m.start() > 25]
                    at = own[-1] if own and self._rng.random() < 0.5 else len(text.rstrip(". "))
                    return text[:at] + end + ".", (at, at + len(end))
        return None
