"""Tells chit-chat from questions that need knowledge, by wording."""

import re
import unicodedata

from gateway.adapters.rules.small_talk import KINDS, LIFE, YOU, Kind
from gateway.ports.classifier import Label

CHITCHAT = "chitchat"
KNOWLEDGE = "knowledge"

_LONGEST = 120
"""Characters from which a text is never chit-chat: people do not chat at length with a gateway."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


class RuleClassifier:
    """A Classifier that knows chit-chat by its wording: greetings, thanks, questions about the bot.

    Every sentence of a short text must consist of nothing but words of one kind of small talk, so
    that what needs knowledge is not taken for chit-chat: one word that names a subject is enough to
    make it a question. Labels are ``chitchat`` and ``knowledge``.
    """

    async def classify(self, text: str, scope: str = "") -> Label | None:
        """``chitchat`` when every sentence of a short text is small talk, ``knowledge`` otherwise;
        None for a text without words."""
        if len(text) > _LONGEST:
            return Label(KNOWLEDGE, 0.9)
        sentences = [_WORD.findall(part) for part in re.split(r"[.!?;\n]+", _plain(text))]
        spoken = [frozenset(words) for words in sentences if words]
        if not spoken:
            return None
        if all(any(_is(kind, words) for kind in KINDS) for words in spoken):
            return Label(CHITCHAT, 0.95)
        return Label(KNOWLEDGE, 0.8)


def _is(kind: Kind, words: frozenset[str]) -> bool:
    return (
        not kind.cues.isdisjoint(words)
        and words <= kind.cues | kind.around | kind.more
        and (not kind.to_you or not YOU.isdisjoint(words))
        and (not kind.life or not LIFE.isdisjoint(words))
    )


def _plain(text: str) -> str:
    """Small letters without accents, with one kind of apostrophe."""
    spelled = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in spelled if not unicodedata.combining(c)).lower()
