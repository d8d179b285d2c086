"""Texts with personal data in them, and texts that only look as if they had some.

A name is ``PERSON``, what stands before it (``Dr.``) and what someone does for a living ``TITLE``.
A street address is one ``ADDRESS`` with all that belongs to it: flat, town, code, country. A place
that is not part of one is a ``LOCATION``. Days, times and months with their year are ``DATE_TIME``,
births ``DATE_OF_BIRTH``; of an age only the number is marked. What patterns find for certain
(cards, e-mail addresses) is left unmarked.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.examples import PII, Example, Span
from training.generate.pii_noise import joined, rough
from training.generate.pii_phrases import Piece, Template, templates
from training.generate.pii_slots import Slots

KINDS = (
    "PERSON",
    "ADDRESS",
    "LOCATION",
    "ORGANIZATION",
    "DATE_TIME",
    "DATE_OF_BIRTH",
    "AGE",
    "TITLE",
    "NRP",
    "PHONE_NUMBER",
    "US_DRIVER_LICENSE",
    "ID",
)
"""What the tagger learns to mark."""
CLEAN = "clean"
"""The domain whose templates have nothing to be marked, but words that look like it."""
_CLEAN_SHARE = 0.27
_SHARED = "pii/presidio_research_generated_large.jsonl"
_honorific = re.compile(r"(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?", re.IGNORECASE)
_block_gap = re.compile(r"[\s,>?]{1,8}")


def examples(rng: random.Random, count: int, data: Path) -> Iterator[Example]:
    """``count`` texts, a quarter and more of them clean. Their family is ``gen/pii-`` and the
    domain, their group the name of the template."""
    slots = Slots(rng, data)
    found = templates()
    domains = [domain for domain in found if domain != CLEAN]
    weights = [len(found[domain]) ** 0.75 for domain in domains]
    for _ in range(count):
        clean = rng.random() < _CLEAN_SHARE
        domain = CLEAN if clean else rng.choices(domains, weights)[0]
        template = rng.choice(found[domain])
        slots.begin()
        pieces = template.pieces(rng, slots.fill)
        if clean or rng.random() < 0.25:
            pieces = _among(rng, pieces, found[CLEAN], slots)
        elif rng.random() < 0.08:
            other = rng.choice(found[rng.choice(domains)])
            pieces = [
                *pieces,
                (rng.choice((" ", "\n", "\n\n")), ""),
                *other.pieces(rng, slots.fill),
            ]
        text, spans = joined(rough(rng, pieces))
        yield Example(text, PII, f"gen/pii-{domain}", "", spans, template.name)


def _among(
    rng: random.Random, pieces: list[Piece], clean: tuple[Template, ...], slots: Slots
) -> list[Piece]:
    """The pieces with ordinary sentences before or after them."""
    before = [rng.choice(clean) for _ in range(rng.choice((0, 0, 1, 2)))]
    after = [rng.choice(clean) for _ in range(rng.choice((0, 0, 1, 2)))]
    made: list[Piece] = []
    for template in before:
        made += [*template.pieces(rng, slots.fill), (rng.choice((" ", " ", "\n")), "")]
    made += pieces
    for template in after:
        made += [(rng.choice((" ", " ", "\n")), ""), *template.pieces(rng, slots.fill)]
    return made


def rows(data: Path) -> Iterator[dict[str, Any]]:
    """The shared set as it is."""
    with (data / _SHARED).open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def labelled(data: Path) -> Iterator[Example]:
    """The shared set with its own labels, for measuring. The group is the template's number."""
    for row in rows(data):
        spans = sorted(
            (Span(s["start_position"], s["end_position"], s["entity_type"]) for s in row["spans"]),
            key=lambda span: span.start,
        )
        yield Example(
            row["full_text"], PII, "presidio-research", "", tuple(spans), str(row["template_id"])
        )


def shared(data: Path) -> Iterator[Example]:
    """The shared set with labels as ``examples`` has them, for training on templates that are not
    measured: kinds that patterns find are dropped, ``PREFIX`` and titles before names are
    ``TITLE``, the parts of one address are one."""
    for example in labelled(data):
        spans = _titles_apart(example.text, example.spans)
        spans = [span for span in _whole_addresses(example.text, spans) if span.kind in KINDS]
        births = re.search(r"\b(?:born|birth|dob)\b", example.text, re.IGNORECASE)
        if births:
            spans = [
                Span(s.start, s.end, "DATE_OF_BIRTH" if s.kind == "DATE_TIME" else s.kind)
                for s in spans
            ]
        yield Example(example.text, PII, example.family, "", tuple(spans), example.group)


def _titles_apart(text: str, spans: tuple[Span, ...]) -> list[Span]:
    apart = []
    for span in spans:
        if span.kind == "PREFIX":
            apart.append(Span(span.start, span.end, "TITLE"))
            continue
        match = _honorific.match(text, span.start, span.end) if span.kind == "PERSON" else None
        if match is None:
            apart.append(span)
            continue
        apart.append(Span(span.start, match.end(), "TITLE"))
        start = (
            match.end()
            + len(text[match.end() : span.end])
            - len(text[match.end() : span.end].lstrip())
        )
        if start < span.end:
            apart.append(Span(start, span.end, "PERSON"))
    return apart


def _whole_addresses(text: str, spans: list[Span]) -> list[Span]:
    whole: list[Span] = []
    for span in spans:
        last = whole[-1] if whole else None
        if (
            last is not None
            and last.kind == "ADDRESS"
            and span.kind in {"ADDRESS", "LOCATION"}
            and _block_gap.fullmatch(text, last.end, span.start)
        ):
            whole[-1] = Span(last.start, span.end, "ADDRESS")
        else:
            whole.append(span)
    return whole
