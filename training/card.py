"""Writes the model card that ships beside the model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from training.examples import DOCUMENT, USER
from training.folds import FOLDS

POINTS = ("flagged", "baseline", "strict")
"""The operating points of a channel, as ``figures`` names them."""

_CARD = Path(__file__).with_name("card.md")


def card(version: str, found: Mapping[str, Any]) -> str:
    """The card, in Markdown, with the figures put in."""
    values = {"version": version, "folds": str(found["folds"]), "of": str(FOLDS)}
    for channel in (USER, DOCUMENT):
        one = found[channel]
        values[f"{channel}_auroc"] = f"{one['auroc']:.3f}"
        values[f"{channel}_attacks"] = _rows(one["attacks"], POINTS)
        values[f"{channel}_benign"] = _rows(one["benign"], POINTS)
        values[f"{channel}_baseline"] = f"{one['baseline']:g}"
    values["toxicity"] = "\n".join(f"| {name} | {a:.3f} |" for name, a in found["toxicity"].items())
    values["route"] = _rows(found["route"].get("small talk", {}))
    values["route_auroc"] = f"{found['route'].get('auroc', float('nan')):.3f}"
    values["topics"] = f"{found['topics']['auroc']:.3f}"
    tags = found["tags"]
    values["tags"] = f"precision {tags['precision']:.3f}, recall {tags['recall']:.3f}, "
    values["tags"] += f"F2 {tags['f2']:.3f}"
    values["tags_kinds"] = "\n".join(
        f"| {kind} | {one['labels']} | {one['precision']:.3f} | {one['recall']:.3f} |"
        for kind, one in tags["kinds"].items()
    )
    return Template(_CARD.read_text(encoding="utf-8")).substitute(values)


def _rows(families: Mapping[str, Mapping[str, float]], points: Sequence[str] = POINTS[:1]) -> str:
    return "\n".join(
        f"| {name} | {int(one['texts'])} | {' | '.join(f'{one[at]:.1%}' for at in points)} |"
        for name, one in sorted(families.items())
    )
