"""Texts with personal data in them, and texts that only look as if they had some.

A name is ``PERSON``, what stands before it (``Dr.``) and what someone does for a living ``TITLE``.
A street address is one ``ADDRESS`` with all that belongs to it: flat, town, code, country. A place
that is not part of one is a ``LOCATION``. Days, times and months with their year are ``DATE_TIME``,
births ``DATE_OF_BIRTH``; of an age only the number is marked. What patterns find for certain
(cards, e-mail addresses) is left unmarked.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from training.examples import PII, Example
from training.generate.pii_noise import joined, rough
from training.generate.pii_phrases import Piece, Template, templates
from training.generate.pii_shared import KINDS, labelled, shared
from training.generate.pii_slots import Slots

__all__ = ["CLEAN", "KINDS", "examples", "labelled", "shared"]

CLEAN = "clean"
"""The domain whose templates have nothing to be marked, but words that look like it."""
_CLEAN_SHARE = 0.27


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
