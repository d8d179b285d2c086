"""The words of a text that carry its meaning, and when enough of them are found elsewhere."""

import re
import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from gateway.core.placeholders import PLACEHOLDER

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"(?<=\w)['’](?:s|ll|re|ve|d|m|t)\b", re.IGNORECASE)
_MASKED = re.compile(rf"\[[A-Z][A-Z0-9_]*\]|{PLACEHOLDER.pattern}")
_VOWEL = re.compile(r"[aeiouy]")

STOP_WORDS = frozenset(
    _WORD.findall("""
    a about after again all already also am an and any are aren as at be because been before
    being between both but by can cannot could couldn did didn do does doesn doing don down
    during each either else ever every for from further get gets getting give given go goes
    going got had has have having he hello her here hers hey hi him his how i if in into is
    isn it its just know let like ll long many may me might mine more most much must my need
    no nor not now of off ok okay on once one only or other our ours out over own per please
    same shall she should so some such take takes tell than thank thanks that the their them
    then there these they thing things this those through to too under until up us very want
    was we were what when where whether which while who whom whose why will with within
    without would you your yours large big small high low
    """)
)
"""English function words, greetings, and the adjectives of "how long", "how large"."""

_SUFFIXES = (
    ("ization", "iz"), ("ational", "at"), ("fulness", "ful"), ("iness", ""), ("ability", ""),
    ("ations", "at"), ("ation", "at"), ("ments", ""), ("ment", ""), ("ables", ""), ("able", ""),
    ("ible", ""), ("ingly", ""), ("edly", ""), ("ings", ""), ("ness", ""), ("ions", ""),
    ("ing", ""), ("ied", ""), ("ies", ""), ("ion", ""), ("ed", ""),
    ("es", ""), ("ly", ""), ("s", ""),
)  # fmt: skip


def folded(text: str) -> str:
    """The text in lower case without accents, and without ``'s`` and the like after words."""
    text = _POSSESSIVE.sub("", text)
    if not text.isascii():
        text = "".join(
            c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
        )
    return text.lower()


def content_words(text: str, limit: int | None = None) -> list[str]:
    """The distinct words of ``text`` that are not stop words, folded, in order of appearance.

    What was masked (``[EMAIL_ADDRESS]``) or tokenised (``<EMAIL_ADDRESS_k3f9m2>``) says nothing and
    is left out. Only letters and digits occur in the words, so that they are safe in any query
    syntax once quoted.
    """
    seen: dict[str, None] = {}
    text = _MASKED.sub(" ", text)
    for match in _WORD.finditer(folded(text)):
        word = match.group()
        if word not in STOP_WORDS and (len(word) > 1 or word.isdigit()):
            seen.setdefault(word)
            if limit is not None and len(seen) >= limit:
                break
    return list(seen)


def stem(word: str) -> str:
    """A folded word without its ending: ``refunds``, ``refunded``, ``refundable`` -> ``refund``.

    One longest-suffix pass with a guard on the length of what is left; cruder than Porter's, and
    enough to compare words that stand in the same few documents.
    """
    if len(word) <= 3 or not word.isalpha():
        return word
    for suffix, instead in _SUFFIXES:
        if not word.endswith(suffix):
            continue
        if suffix == "s" and word[-2] in "su":
            continue
        root = word[: -len(suffix)]
        if len(root) >= 3 and _VOWEL.search(root):
            word = _undoubled(root + instead) if instead != "ful" else root + instead
            break
    return word[:-1] if len(word) > 3 and word[-1] in "eiy" else word


def _undoubled(root: str) -> str:
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
        return root[:-1]
    return root


def stems(text: str) -> list[str]:
    """The stems of the content words of ``text``, distinct, in order."""
    return list(dict.fromkeys(stem(word) for word in content_words(text)))


def enough_overlap(weights: Mapping[str, float], matched: AbstractSet[str], least: float) -> bool:
    """Whether a passage that has the ``matched`` ones of a question's weighted words is about it.

    Two words at least (one for a question of one word, three beyond eight), and a share of the
    weight of at least ``least``. Beyond six words the share asked for falls in proportion, because
    long questions tell a story around what they ask.
    """
    count = len(weights)
    if not count or len(matched) < min(count, 3 if count > 8 else 2):
        return False
    total = sum(weights.values())
    asked = least * min(1.0, 6 / count)
    return sum(weights[word] for word in matched) >= asked * total
