"""The model card of the support model."""

from pathlib import Path
from string import Template
from typing import Any

from training.support.data import TASKS

_TEXT = Path(__file__).with_name("card.md")


def card(manifest: dict[str, Any]) -> str:
    """The card, with the figures that a manifest carries."""
    rows = []
    for name in ("lexical", "network", "full"):
        for task in ("all", *TASKS):
            for unit in ("sentence", "answer"):
                f = manifest["measured"][name][task][unit]
                rows.append(
                    f"| {name} | {task} | {unit} | {f['wrong']}/{f['count']} | {f['auroc']:.3f} | "
                    f"{f['best']:.3f} ({f['best_at']:.2f}) | {f['balanced']:.3f} | "
                    f"{f['recall']:.1%} | "
                    f"{f['false_positives']:.1%} |"
                )
    text = Template(_TEXT.read_text(encoding="utf-8"))
    return text.substitute(version=manifest["version"], rows="\n".join(rows))
