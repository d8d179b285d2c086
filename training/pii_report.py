"""``python -m training.pii_report DATA``: how well personal data is found in the shared set.

Prints, for each kind, precision, recall, F1 and F2 (recall counts twice): ``exact`` when a span and
its kind are right to the character, ``overlap`` when a span overlaps one of its kind. Spans of one
kind with nothing but white space and marks between them count as one there, as in
presidio-research's own evaluator. The last line asks only whether what was found is personal data
of whatever kind. Scores from 0.5 on count, as in a rule that says nothing else, unless ``--least``
does.

``--model FOLDER`` adds the tagger on the model that lies there; ``--fold N`` measures only the
templates that the models of this fold were not trained on; ``--whole`` measures against labels as
the tagger learns them (an address is one span, titles are apart); ``--calibrate`` fits the
tagger's scores instead and prints them for the manifest.
"""

import asyncio
import json
import re
import sys
import time
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.encoder.encoder import OnnxEncoder
from gateway.encoder.tagger import KINDS, EncoderTagger
from gateway.ports.entity_recognizer import EntityRecognizer
from training.examples import Example, Span
from training.folds import fold_of
from training.generate.pii_shared import labelled, shared

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "STREET_ADDRESS": "ADDRESS",
        "DATE_OF_BIRTH": "DATE_TIME",
        "URL": "DOMAIN_NAME",
        "PREFIX": "TITLE",
    }
)
"""What our kinds, and one of the set's, are called in the tables."""
PATTERNS = (
    "CREDIT_CARD",
    "DATE_TIME",
    "DOMAIN_NAME",
    "EMAIL_ADDRESS",
    "IBAN_CODE",
    "IP_ADDRESS",
    "PHONE_NUMBER",
    "US_DRIVER_LICENSE",
    "US_SSN",
)
ASKED = frozenset(
    {
        *(set(PATTERNS) - {"DOMAIN_NAME"}),
        *("URL", "DATE_OF_BIRTH", "PERSON", "LOCATION", "STREET_ADDRESS", "ORGANIZATION", "TITLE"),
    }
)
"""The kinds that the shared set labels."""
ANY = "ANY"
_gap = re.compile(r"[\s,.;:>()/-]{0,4}").fullmatch


@dataclass(slots=True)
class Counts:
    """Of one kind: how many were labelled and found, how many of each were right."""

    labels: int = 0
    found: int = 0
    labels_hit: int = 0
    found_right: int = 0

    def __iadd__(self, other: "Counts") -> "Counts":
        self.labels += other.labels
        self.found += other.found
        self.labels_hit += other.labels_hit
        self.found_right += other.found_right
        return self

    @property
    def precision(self) -> float:
        return self.found_right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.labels_hit / self.labels if self.labels else 1.0

    def f(self, beta: float) -> float:
        """The weighted harmonic mean of both, recall counting ``beta`` times as much."""
        p, r = self.precision, self.recall
        return (1 + beta**2) * p * r / (beta**2 * p + r) if p + r else 0.0


@dataclass(slots=True)
class Report:
    """Counts by kind, for both ways to compare, and the milliseconds of each text."""

    exact: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    overlap: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    milliseconds: list[float] = field(default_factory=list)

    def add(self, text: str, labels: Sequence[Span], found: Sequence[Span]) -> None:
        """Compare what was labelled in one text with what was found."""
        for kind in {span.kind for span in (*labels, *found)}:
            ours = [span for span in found if span.kind == kind]
            theirs = [span for span in labels if span.kind == kind]
            self.exact[kind] += _counted(theirs, ours, _same)
            self.overlap[kind] += _counted(_joined(text, theirs), _joined(text, ours), _meet)
        self.overlap[ANY] += _counted(
            _joined(text, _renamed(labels)), _joined(text, _renamed(found)), _meet
        )


def _renamed(spans: Iterable[Span]) -> list[Span]:
    return [Span(span.start, span.end, ANY) for span in spans]


def _same(one: Span, other: Span) -> bool:
    return one == other


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _counted(
    labels: Sequence[Span], found: Sequence[Span], alike: Callable[[Span, Span], bool]
) -> Counts:
    return Counts(
        len(labels),
        len(found),
        sum(any(alike(label, span) for span in found) for label in labels),
        sum(any(alike(label, span) for label in labels) for span in found),
    )


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    made: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        last = made[-1] if made else None
        if last is not None and _gap(text, last.end, max(last.end, span.start)):
            made[-1] = Span(last.start, max(last.end, span.end), span.kind)
        else:
            made.append(span)
    return made


def _named(kind: str) -> str:
    return LABELS.get(kind, kind)


async def measured(
    recognizer: EntityRecognizer, examples: Iterable[Example], least: float
) -> Report:
    """What the recogniser finds in the examples."""
    report = Report()
    kinds = ASKED & recognizer.supported
    for example in examples:
        began = time.perf_counter()
        entities = await recognizer.recognize(example.text, kinds)
        report.milliseconds.append((time.perf_counter() - began) * 1000)
        report.add(
            example.text,
            [Span(s.start, s.end, _named(s.kind)) for s in example.spans],
            [Span(e.start, e.end, _named(e.kind)) for e in entities if e.score >= least],
        )
    return report


def table(title: str, counts: Mapping[str, Counts]) -> str:
    """A table in Markdown, with all kinds together and those that have a written form."""
    lines = [
        f"\n{title}\n",
        "| kind | labels | found | precision | recall | F1 | F2 |\n|---|---|---|---|---|---|---|",
    ]
    every, patterns = Counts(), Counts()
    for kind, each in sorted(counts.items()):
        if kind != ANY:
            every += each
            lines.append(_row(kind, each))
            if kind in PATTERNS:
                patterns += each
    lines += [_row("all", every), _row("with a written form", patterns)]
    if ANY in counts:
        lines.append(_row("of whatever kind", counts[ANY]))
    return "\n".join(lines)


def _row(name: str, counts: Counts) -> str:
    return (
        f"| {name} | {counts.labels} | {counts.found} | {counts.precision:.3f} "
        f"| {counts.recall:.3f} | {counts.f(1):.3f} | {counts.f(2):.3f} |"
    )


async def points(
    encoder: OnnxEncoder, examples: Sequence[Example], lean: float
) -> dict[str, list[tuple[float, bool]]]:
    """For each kind of the tagger, the probability of every span that it marks, and whether that
    was right (overlaps a label of its kind). Examples must not have been trained on."""
    tagger = EncoderTagger(encoder, {kind: {"least": 0.0} for kind in KINDS}, lean)
    found: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for example in examples:
        labels = [Span(s.start, s.end, _named(s.kind)) for s in example.spans]
        for entity in await tagger.tag(example.text, tagger.supported):
            span = Span(entity.start, entity.end, _named(entity.kind))
            right = any(_meet(label, span) and label.kind == span.kind for label in labels)
            found[entity.kind].append((entity.score, right))
    return found


def calibration(found: Mapping[str, Sequence[tuple[float, bool]]]) -> dict[str, dict[str, float]]:
    """Slope and bias by kind, for those with enough points. Kinds that the set does not label have
    none."""
    names = {ours: theirs for theirs, ours in KINDS.items()}
    return {
        names[kind]: fitted(pairs)
        for kind, pairs in sorted(found.items())
        if kind in ASKED and len(pairs) >= 50
    }


def fitted(pairs: Sequence[tuple[float, bool]]) -> dict[str, float]:
    """Slope and bias of Platt's logistic model over the logits, held near 1 and 0 by a prior worth
    ten examples."""
    p = np.clip([probability for probability, _ in pairs], 1e-4, 1 - 1e-4)
    x = np.stack([np.log(p / (1 - p)), np.ones(len(pairs))], axis=1)
    y = np.array([right for _, right in pairs], dtype=float)
    prior, weights = np.array([1.0, 0.0]), np.array([1.0, 0.0])
    pull = np.diag([10.0, 10.0]) / 4
    for _ in range(100):  # Newton's method, in steps of 1 at most
        guess = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (y - guess) - pull @ (weights - prior)
        curve = (x * (guess * (1 - guess))[:, None]).T @ x + pull
        step = np.linalg.solve(curve, slope)
        weights = weights + step / max(1.0, float(np.linalg.norm(step)))
    weights[0] = max(0.0, weights[0])  # a surer tag is never a worse one
    return {"slope": round(float(weights[0]), 3), "bias": round(float(weights[1]), 3)}


async def reported(
    title: str, recognizer: EntityRecognizer, examples: Sequence[Example], least: float
) -> None:
    """Print the tables of one recogniser."""
    await recognizer.recognize("Warm up: Ada Lovelace, 1 May 2024.", recognizer.supported)
    report = await measured(recognizer, examples, least)
    spent = np.array(report.milliseconds)
    print(f"\n## {title}: {len(examples)} texts, scores from {least}")
    print(table("exact", report.exact))
    print(table("overlap", report.overlap))
    print(
        f"\nms per text: mean {spent.mean():.2f}, p50 {np.median(spent):.2f}, "
        f"p95 {np.quantile(spent, 0.95):.2f}"
    )


async def run(arguments: Sequence[str]) -> int:
    parser = ArgumentParser(prog="python -m training.pii_report")
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--fold", type=int)
    parser.add_argument("--least", type=float, default=0.5)
    parser.add_argument("--lean", type=float, default=None)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--calibrate", action="store_true")
    options = parser.parse_args(arguments)
    examples = list((shared if options.whole else labelled)(options.data))
    if options.fold is not None:
        examples = [example for example in examples if fold_of(example) == options.fold]
    print("labels:", dict(Counter(_named(s.kind) for e in examples for s in e.spans)))
    encoder = OnnxEncoder(options.model) if options.model else None
    if encoder is not None and options.calibrate:
        found = await points(encoder, examples, options.lean or 0.0)
        print(json.dumps(calibration(found), indent=1))
        encoder.close()
        return 0
    plain = PresidioRecognizer()
    await reported("patterns and words that introduce", plain, examples, options.least)
    plain.close()
    if encoder is not None:
        stored = encoder.files.calibration.get("pii", {})
        lean = float(stored.get("lean", 0.0)) if options.lean is None else options.lean
        tagger = EncoderTagger(encoder, stored.get("kinds", {}), lean)
        both = PresidioRecognizer(taggers=[tagger])
        await reported(f"with the tagger, lean {lean}", both, examples, options.least)
        both.close()
        encoder.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:])))
