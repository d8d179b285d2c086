"""``python -m bench.pii``: the cost of finding personal data, against plain Presidio.

Prints milliseconds of processor time per text of 200, 2,000 and 20,000 characters, clean and dirty,
for Presidio's own ``AnalyzerEngine`` and for the gateway's recogniser over the same kinds, and for
the kinds that a ``pii`` rule looks for when it names none. Presidio runs with its no-op language
engine: no model, no tokens, no context words, which is the quickest it can be.

With a folder of labelled texts (``python -m bench.pii DATA``, DATA
holding ``pii/presidio_research_generated_large.jsonl`` of github.com/microsoft/presidio-research),
prints how often what words introduce is right.
"""

import importlib
import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.adapters.presidio import addresses, introduced
from gateway.adapters.presidio.detectors import FLAGS, Detector, offline_email
from gateway.adapters.presidio.facts import Facts
from gateway.adapters.presidio.lean_import import load_whole
from gateway.adapters.presidio.recognizer import PresidioOptions, PresidioRecognizer
from gateway.guards.pii import USUAL

SIZES = (200, 2_000, 20_000)
CLEAN = (
    "Our customers have thirty days to ask for a refund; in 2024 we moved the office to a new "
    "building, and the team is happy there. Please write a friendly note to everyone in the "
    "department, and mention the 3 new desks by the window on floor 12. The report says that sales "
    "grew by 4.5% (about 1,200 units) in the second quarter, which nobody had expected. "
)
DIRTY = (
    "Hello, please call me back at 415-555-0132 or write to jane.doe@example.com. My card 4111 "
    "1111 1111 1111 was charged on 2024-05-17 for order 20240517-88231, but invoice 88231945 says "
    "05/18/2024. See https://example.com/orders/88231945?x=1 and host 192.168.10.24. My IBAN is "
    "DE89 3704 0044 0532 0130 00, my SSN is 536-90-4399. Thank you for a quick answer, I need it. "
)
LABELS = {"STREET_ADDRESS": "ADDRESS", "DATE_OF_BIRTH": "DATE_TIME"}
Analyze = Callable[[str], object]


def plain_presidio() -> Any:
    """An ``AnalyzerEngine`` over the gateway's kinds, each recogniser as Presidio ships it (but for
    the e-mail recogniser's network access)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spaCy's own, at its import
        presidio = load_whole()
        package: Any = importlib.import_module("presidio_analyzer")
        nlp: Any = importlib.import_module("presidio_analyzer.nlp_engine")
    recognizers = [
        (offline_email(base) if kind == "EMAIL_ADDRESS" else base)()
        for kind, base in presidio.recognizers.items()
    ]
    for recognizer in recognizers:
        if isinstance(recognizer, presidio.pattern_recognizer):
            recognizer.global_regex_flags = FLAGS
    return package.AnalyzerEngine(
        registry=package.RecognizerRegistry(recognizers=recognizers),
        nlp_engine=nlp.NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "no_op"}]),
    )


def milliseconds(analyze: Analyze, text: str) -> float:
    """The least processor time of several runs over ``text``."""
    analyze(text)
    best = float("inf")
    deadline = time.perf_counter() + 1.5
    while True:
        began = time.process_time()
        rounds = 0
        while time.process_time() - began < 0.02:
            analyze(text)
            rounds += 1
        best = min(best, (time.process_time() - began) / rounds)
        if time.perf_counter() > deadline:
            return best * 1000


def cost() -> None:
    """Print the table of costs."""
    engine = plain_presidio()
    ours = PresidioRecognizer(PresidioOptions(bare_domains=True))
    usual = PresidioRecognizer()
    everything = ours._plan(ours.supported)
    same = tuple(finder for finder in everything if isinstance(finder, Detector))
    few = usual._plan(frozenset(USUAL) & usual.supported)
    print("| text | characters | Presidio | same kinds | times | usual kinds |")
    print("|---|---|---|---|---|---|")
    for name, sentence in (("clean", CLEAN), ("dirty", DIRTY)):
        for size in SIZES:
            text = (sentence * (size // len(sentence) + 1))[:size]
            plain = milliseconds(lambda text=text: engine.analyze(text, "en"), text)  # type: ignore[misc]
            quick = milliseconds(lambda t: ours._find(Facts(t), same), text)
            rule = milliseconds(lambda t: usual._find(Facts(t), few), text)
            print(
                f"| {name} | {size:,} | {plain:.2f} ms | {quick:.3f} ms | {plain / quick:.0f} "
                f"| {rule:.3f} ms |"
            )
    ours.close()
    usual.close()


def precision(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print how often each rule is right: a finding is when it overlaps a label of its kind."""
    seen: dict[int, Counter[str]] = {}
    rules = [*introduced.RULES, *addresses.RULES]
    labelled: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    for row in rows:
        labels = row["spans"]
        labelled.update(label["entity_type"] for label in labels)
        hit = set()
        for number, rule in enumerate(rules):
            for match in rule.finditer(row["full_text"]):
                start, end = match.span("found")
                kind = LABELS.get(rule.kind, rule.kind)
                right = [label for label in labels if _overlaps(label, start, end, kind)]
                hit |= {(kind, label["start_position"]) for label in right}
                seen.setdefault(number, Counter())["right" if right else "wrong"] += 1
        reached.update(kind for kind, _ in hit)
    print("| kind | score | right | wrong |\n|---|---|---|---|")
    for number, rule in enumerate(rules):
        counts = seen.get(number, Counter())
        print(f"| {rule.kind} | {rule.score} | {counts['right']} | {counts['wrong']} |")
    print("\n| label | found | of |\n|---|---|---|")
    for kind in ("PERSON", "LOCATION", "ADDRESS", "DATE_TIME"):
        print(f"| {kind} | {reached[kind]} | {labelled[kind]} |")


def _overlaps(label: Mapping[str, Any], start: int, end: int, kind: str) -> bool:
    return bool(
        label["entity_type"] == kind
        and label["start_position"] < end
        and start < label["end_position"]
    )


def _read(lines: Iterable[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        cost()
        return 0
    file = Path(arguments[0]) / "pii" / "presidio_research_generated_large.jsonl"
    rows = _read(file.read_text().splitlines())
    for title, rest in (("templates the rules were written with", 0), ("the other templates", 1)):
        print(f"\n{title}\n")
        precision([row for row in rows if row["template_id"] % 2 == rest])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
