"""What the models learn from: one text with what is known about it."""

from dataclasses import dataclass

USER = "user"
DOCUMENT = "document"
TOXICITY = "toxicity"
ROUTE = "route"
PII = "pii"
INSTRUCTION = "INSTRUCTION"
"""The kind of a span, in a document, that gives the assistant an order."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` of a text are of this kind (``PERSON``)."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Example:
    """One text for one task.

    ``family`` names where it comes from: texts of one family resemble each other, so figures are
    measured on families that were left out of training. ``label`` says what the text is in its
    task: ``attack`` or ``benign`` (user, document), ``toxic``, ``hate``, ``offensive`` or
    ``clean`` (toxicity), ``chitchat``, ``knowledge`` or ``task`` (route); empty for ``pii``.
    ``group`` keeps texts together that are variants of one another (a template's name).
    """

    text: str
    task: str
    family: str
    label: str = ""
    spans: tuple[Span, ...] = ()
    group: str = ""
