"""What the built-in answerer says, as text."""

import re
from collections.abc import Sequence

import orjson

from gateway.adapters.extractive.sentences import Sentence, best_sentences
from gateway.core.knowledge import Chunk
from gateway.core.reply import ABSTAIN_TEXT
from gateway.core.segments import Json

_WHO = "I am the built-in extractive answerer: I quote the knowledge base and do not write freely. "
_SMALL_TALK = (
    (re.compile(r"\b(?:thanks?|thank you|thx|cheers)\b", re.I),
     "You're welcome! Ask me anything else that the knowledge base may hold."),
    (re.compile(r"\b(?:bye|goodbye|good night|see you)\b", re.I),
     "Goodbye! I am here whenever you have another question."),
    (re.compile(r"\b(?:who|what) are you\b|\byour name\b|\bare you (?:an? )?"
                r"(?:bot|human|ai|robot)\b|\bwhat can you do\b", re.I),
     _WHO + "Ask me a question, and I answer with the sentences that support it."),
    (re.compile(r"\bhow are you\b|\bhow(?:'s| is) it going\b", re.I),
     "I am running fine, thank you. What would you like to look up?"),
    (re.compile(r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings)\b", re.I),
     "Hello! " + _WHO + "What would you like to know?"),
)  # fmt: skip
_OTHERWISE = (
    _WHO + "No knowledge was looked up for this message, so I have nothing to quote. "
    "Configure a model provider for open conversation."
)
NO_TOOLS = _WHO + "I cannot call tools. Configure a model provider for requests that need them."
NO_SCHEMA = (
    _WHO + "I cannot fill a JSON schema. Use json_object or plain text, or configure a provider."
)


def small_talk(question: str) -> str:
    """A short, honest line for a message that no passages were looked up for."""
    for asks, line in _SMALL_TALK:
        if asks.search(question):
            return line
    return _OTHERWISE


def grounded(question: str, chunks: Sequence[Chunk]) -> str:
    """The best-supported sentences with ``[n]`` markers, or the abstention."""
    picked = best_sentences(question, chunks)
    return " ".join(_marked(sentence) for sentence in picked) or ABSTAIN_TEXT


def grounded_json(question: str, chunks: Sequence[Chunk]) -> str:
    """The same as a JSON object: ``answer`` and the ``citations`` it rests on."""
    picked = best_sentences(question, chunks)
    document: Json = {
        "answer": " ".join(_marked(sentence) for sentence in picked) or ABSTAIN_TEXT,
        "citations": [
            {
                "number": number,
                "title": chunks[number - 1].title,
                "url": chunks[number - 1].url,
                "filepath": chunks[number - 1].path,
                "chunk_id": chunks[number - 1].id,
            }
            for number in sorted({sentence.passage for sentence in picked})
        ],
    }
    return orjson.dumps(document).decode()


def _marked(sentence: Sentence) -> str:
    """``It is 30 days [1].``: the marker stands before the full stop."""
    body = sentence.text.rstrip(".")
    end = "." if sentence.text[-1] not in "!?" else ""
    return f"{body} [{sentence.passage}]{end}"
