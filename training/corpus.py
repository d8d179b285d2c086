"""The public sets of the data folder, as examples."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.examples import ROUTE, TOXICITY, USER, Example

_SMALL_TALK = frozenset(
    [
        "greeting",
        "goodbye",
        "thank_you",
        "yes",
        "no",
        "maybe",
        "what_is_your_name",
        "who_made_you",
        "who_do_you_work_for",
        "are_you_a_bot",
        "how_old_are_you",
        "what_are_your_hobbies",
        "where_are_you_from",
        "do_you_have_pets",
        "tell_joke",
        "fun_fact",
        "meaning_of_life",
        "what_can_i_ask_you",
    ]
)
"""The intents of CLINC150 that are conversation for its own sake."""
_KNOWLEDGE = frozenset(
    [
        "definition",
        "nutrition_info",
        "exchange_rate",
        "calories",
        "insurance",
        "interest_rate",
        "travel_suggestion",
        "cook_time",
        "ingredients_list",
        "ingredient_substitution",
        "international_visa",
        "vaccines",
        "traffic",
        "weather",
        "carry_on",
        "plug_type",
        "timezone",
        "distance",
        "current_location",
        "restaurant_reviews",
        "meal_suggestion",
        "how_busy",
        "food_last",
        "measurement_conversion",
        "spelling",
        "translate",
        "rewards_balance",
        "improve_credit_score",
        "apr",
        "min_payment",
        "international_fees",
        "travel_alert",
        "flight_status",
        "direct_deposit",
        "rollover_401k",
        "taxes",
        "income",
        "credit_limit",
        "pto_balance",
        "payday",
        "gas_type",
        "mpg",
        "oil_change_how",
        "tire_pressure",
        "jump_start",
        "insurance_change",
        "transactions",
        "balance",
        "accept_reservations",
        "next_holiday",
    ]
)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def user_texts(data: Path) -> Iterator[Example]:
    """Jailbreaks, role-plays and tasks of the folder, for the user's channel."""
    for row in rows(data / "injection/jailbreaks_inthewild.jsonl"):
        yield Example(row["text"], USER, "jailbreaks", "attack")
    for row in rows(data / "injection/roleplay_benign_cc0.jsonl"):
        yield Example(row["text"], USER, "roleplay", "benign")
    for row in rows(data / "injection/benign_tasks.jsonl"):
        source = row["source"]
        family = "p3" if source.startswith("p3/") else source
        yield Example(row["text"], USER, family, "benign", group=source)


def intents(data: Path) -> Iterator[Example]:
    """CLINC150 and BANKING77 by what they need: conversation, knowledge or a task done."""
    for row in rows(data / "intent/clinc150.jsonl"):
        intent = row["intent"]
        if intent in _SMALL_TALK:
            label = "chitchat"
        elif intent == "oos" or intent in _KNOWLEDGE:
            label = "knowledge"
        else:
            label = "task"
        yield Example(row["text"], ROUTE, "clinc150", label, group=f"{intent}/{row['split']}")
    for row in rows(data / "intent/banking77_train.jsonl"):
        yield Example(row["text"], ROUTE, "banking77", "knowledge", group=row["intent"])


def toxicity(data: Path) -> Iterator[Example]:
    """Comments and tweets, toxic or not, with the kind where it is known."""
    for row in rows(data / "toxicity/surge_train.jsonl"):
        yield Example(row["text"], TOXICITY, "surge", "toxic" if row["label"] else "clean")
    kinds = {"hate": "hate", "offensive": "offensive", "neither": "clean"}
    for row in rows(data / "toxicity/davidson_tweets.jsonl"):
        yield Example(row["text"], TOXICITY, "davidson", kinds[row["class"].split("_")[0]])


def sampled(examples: Iterator[Example], count: int, rng: random.Random) -> list[Example]:
    """``count`` of the examples at most, drawn evenly."""
    kept = list(examples)
    return kept if len(kept) <= count else rng.sample(kept, count)
