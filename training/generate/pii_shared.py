"""The shared set of texts with personal data: microsoft/presidio-research's generated texts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.examples import PII, Example, Span

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
_SHARED = "pii/presidio_research_generated_large.jsonl"
_honorific = re.compile(r"(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?", re.IGNORECASE)
_block_gap = re.compile(r"[\s,>?]{1,8}")


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
