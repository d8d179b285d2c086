"""What a turn of a long chat costs with the verdicts of earlier turns remembered, and without.

    python -m bench.history

Judges a chat that grows turn by turn with the word, pattern, secret and PII guards on one core, and
prints Markdown: milliseconds of CPU for the turn, once with the memory kept between turns and once
with a new one each time.
"""

import asyncio
import random
import time
from statistics import median

from gateway.adapters.detect_secrets.scanner import DetectSecretsScanner
from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.core.evaluate import evaluate
from gateway.core.findings import Guard, Then
from gateway.core.rules import Layer, Policy, Rule
from gateway.core.segments import Origin, Segment
from gateway.guards.keywords import KeywordsGuard, KeywordsOptions
from gateway.guards.pii import PiiGuard, PiiOptions
from gateway.guards.secrets import SecretsGuard, SecretsOptions
from gateway.guards.topics import TopicsGuard, TopicsOptions
from gateway.testing.exchanges import make_exchange

TURNS = (1, 2, 5, 10, 20, 40)
CHATS = 5
_WORDS = (
    "the order has not arrived and my name is on it please look at the invoice from last week "
    "when we agreed to send another parcel with ten blue jackets for the new shop in Lyon"
)


def _chat(rng: random.Random) -> list[Segment]:
    """User and assistant by turns, 40 and 80 words at a time."""
    words = _WORDS.split()
    made = [Segment("You are a helpful assistant of a shop.", Origin.SYSTEM, ("messages", 0))]
    for turn in range(max(TURNS)):
        for origin, count in ((Origin.USER, 40), (Origin.ASSISTANT, 80)):
            said = " ".join(rng.choice(words) for _ in range(count))
            made.append(Segment(f"{turn}: {said}.", origin, ("messages", len(made))))
    return made


def _rules() -> tuple[Rule, ...]:
    guards: list[Guard] = [
        KeywordsGuard(KeywordsOptions(words=("project orchid",))),
        TopicsGuard(TopicsOptions(topics={"weapons": ("rifle", "ammunition")})),
        SecretsGuard(SecretsOptions(), secret_scanner=DetectSecretsScanner()),
        PiiGuard(PiiOptions(), recognizer=PresidioRecognizer()),
    ]
    return tuple(Rule(guard.name, guard, guard.name, Then.FLAG) for guard in guards)


async def _turns(rules: tuple[Rule, ...], chat: list[Segment], *, keep: bool) -> list[float]:
    """Milliseconds of each turn: everything up to the user's message of that turn is sent."""
    policy = Policy("bench", "0" * 64, {Layer.INPUT: rules})
    taken = []
    for turn in range(max(TURNS)):
        if not keep:
            policy = Policy("bench", "0" * 64, {Layer.INPUT: rules})
        ex = make_exchange(policy=policy)
        began = time.process_time()
        await evaluate(Layer.INPUT, rules, chat[: 2 * turn + 2], ex)
        taken.append((time.process_time() - began) * 1e3)
    return taken


def main() -> None:
    rules = _rules()
    rng = random.Random(4)
    asyncio.run(_turns(rules, _chat(rng), keep=False))  # compiles and caches what is lazy
    rows: dict[bool, list[list[float]]] = {True: [], False: []}
    for _ in range(CHATS):
        chat = _chat(rng)
        for keep, row in rows.items():
            row.append(asyncio.run(_turns(rules, chat, keep=keep)))
    print("| turn | remembered, ms | not remembered, ms |")
    print("|---:|---:|---:|")
    for turn in TURNS:
        kept, new = (median(row[turn - 1] for row in rows[keep]) for keep in (True, False))
        print(f"| {turn} | {kept:.2f} | {new:.2f} |")


if __name__ == "__main__":
    main()
