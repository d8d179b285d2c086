"""Measures the injection rules and the chit-chat classifier on public data sets.

    python bench/detectors.py DATA

DATA is a folder with ``injection/*.jsonl`` and ``intent/*.jsonl``; docs/guides/injection.md says
where they come from. Prints two Markdown tables and the cost of a clean text.
"""

import asyncio
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from timeit import timeit
from typing import Any

from gateway.adapters.rules.classifier import RuleClassifier
from gateway.core.segments import Origin
from gateway.encoder.classifier import EncodedClassifier
from gateway.encoder.detector_models import DetectorModels
from gateway.encoder.encoder import OnnxEncoder
from gateway.guards.injection import InjectionGuard, InjectionOptions
from gateway.guards.injection_signs import combined
from gateway.ports.classifier import Classifier

CLEAN = (
    "Could you please help me write a short report about the sales numbers of our second "
    "quarter? I need it by Friday and it should mention the new store in Berlin, the delivery "
    "problem in May and the plan for next year, all in a friendly tone."
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SMALL_TALK = _words(
    "greeting goodbye thank_you how_old_are_you what_is_your_name tell_joke are_you_a_bot "
    "meaning_of_life who_made_you where_are_you_from do_you_have_pets what_are_your_hobbies "
    "what_can_i_ask_you who_do_you_work_for"
)
"""The intents of CLINC150 that need no knowledge of the house."""
NEITHER = _words("yes no maybe repeat cancel fun_fact change_ai_name change_user_name user_name")
"""Intents that a person would sort either way; counted on neither side."""


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def share(scores: Sequence[float], threshold: float) -> str:
    hits = sum(score >= threshold for score in scores)
    return f"{100 * hits / len(scores):.1f}% ({hits}/{len(scores)})"


def injection(data: Path) -> None:
    guard = InjectionGuard(InjectionOptions())

    def scores(texts: Iterable[str], origin: Origin) -> list[float]:
        judged = (guard.judge(text, origin) for text in texts)
        return [combined(signs) if signs else 0.0 for signs in judged]

    folder = data / "injection"
    agent = rows(folder / "injecagent_tool_responses_train.jsonl")
    contexts = [row["text"] for row in rows(folder / "bipia_contexts_train.jsonl")]
    planted = [row["text"] for row in rows(folder / "bipia_text_attacks_train.jsonl")]
    planted += [row["text"] for row in rows(folder / "bipia_code_attacks_train.jsonl")]
    chats = [row["text"] for row in rows(folder / "jailbreaks_inthewild.jsonl")]
    tasks = [row["text"] for row in rows(folder / "benign_tasks.jsonl")]
    acts = [row["text"] for row in rows(folder / "roleplay_benign_cc0.jsonl")]
    asked = [row["text"] for row in rows(data / "intent" / "clinc150.jsonl")]
    twins = {row["template"].replace("<Attacker Instruction>", "It was fine.") for row in agent}
    table: Sequence[tuple[str, str, Origin, float, Iterable[str]]] = (
        ("jailbreaks_inthewild", "attack", Origin.USER, 0.85, chats),
        ("injecagent", "attack", Origin.TOOL, 0.5, [row["text"] for row in agent]),
        (
            "bipia attacks in contexts",
            "attack",
            Origin.RETRIEVED,
            0.5,
            [f"{contexts[i % len(contexts)]}\n{text}" for i, text in enumerate(planted)],
        ),
        ("benign_tasks", "benign", Origin.USER, 0.85, tasks),
        ("roleplay_benign", "benign", Origin.USER, 0.85, acts),
        ("clinc150", "benign", Origin.USER, 0.85, asked),
        ("injecagent templates", "benign", Origin.TOOL, 0.5, sorted(twins)),
        ("bipia contexts", "benign", Origin.RETRIEVED, 0.5, contexts),
    )
    print("| set | kind | origin | threshold | flagged | at .5 |\n|---|---|---|---|---|---|")
    for name, kind, origin, threshold, texts in table:
        found = scores(texts, origin)
        print(
            f"| {name} | {kind} | {origin} | {threshold} | {share(found, threshold)} "
            f"| {share(found, 0.5)} |"
        )
    runs = 2000
    spent = timeit(lambda: guard.judge(CLEAN, Origin.USER), number=runs) / runs
    print(f"\nA clean text of {len(CLEAN)} characters: {spent * 1e6:.0f} µs\n")


async def intents(data: Path) -> None:
    rules = RuleClassifier()
    encoder = OnnxEncoder()
    both = EncodedClassifier(encoder, DetectorModels.load(encoder.files), rules)
    clinc = [r for r in rows(data / "intent" / "clinc150.jsonl") if r["intent"] not in NEITHER]
    banking = rows(data / "intent" / "banking77_train.jsonl")
    print(
        "| set | taken for chit-chat by the rules | with the encoder, one in ten |\n|---|---|---|"
    )
    for name, texts in (
        ("clinc150 small talk", [r["text"] for r in clinc if r["intent"] in SMALL_TALK]),
        ("clinc150, all else", [r["text"] for r in clinc if r["intent"] not in SMALL_TALK]),
        ("banking77", [r["text"] for r in banking]),
    ):
        sampled = texts[::10]
        print(f"| {name} | {await chats(rules, texts)} | {await chats(both, sampled)} |")
    encoder.close()


async def chats(classifier: Classifier, texts: Sequence[str]) -> str:
    labels = [await classifier.classify(text) for text in texts]
    return share([float(label is not None and label.name == "chitchat") for label in labels], 0.5)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python bench/detectors.py DATA")
    injection(Path(sys.argv[1]))
    asyncio.run(intents(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
