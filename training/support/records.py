"""Records of our own invention, as JSON, with sentences that say what they say, and what they do
not."""

import json
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WORDS = Path(__file__).with_name("records.toml")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a sentence says of a record; ``wrong`` is the part of it that the record does not bear
    out, empty when it bears out all."""

    text: str
    wrong: str = ""


def records(count: int, seed: int) -> Iterator[tuple[str, list[Claim]]]:
    """``count`` records, as JSON, each with some twenty claims. The same for a seed."""
    rng = random.Random(seed)
    words = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    for _ in range(count):
        yield _Record(words, rng).made()


class _Record:
    """One record on its way, with what is said of it."""

    def __init__(self, words: dict[str, Any], rng: random.Random) -> None:
        self._words = words
        self._rng = rng
        kinds = list(words["nouns"])
        self._kind = rng.choice(["restaurant"] * len(kinds) + kinds)
        self._name = rng.choice(words["names"]) + rng.choice(
            ["", "", f" {self._kind.title()}", " & Co", "'s"]
        )
        noun = rng.choice(words["nouns"][self._kind])
        self._subjects = (self._name, f"The {noun}", f"The {self._kind}", "It", f"This {noun}")
        self._claims: list[Claim] = []

    def made(self) -> tuple[str, list[Claim]]:
        """The record as JSON, and the claims."""
        body = self._place() | {
            "hours": self._hours(),
            "attributes": self._attributes(),
            "business_stars": self._stars(),
            "review_info": self._reviews(),
        }
        return json.dumps(body), self._claims

    def _say(self, text: str, wrong: str = "") -> None:
        self._claims.append(Claim(f"{self._rng.choice(self._subjects)} {text}.", wrong))

    def _place(self) -> dict[str, object]:
        rng, words = self._rng, self._words
        city = rng.choice(words["cities"])
        number, road = rng.randint(2, 4990), rng.choice(words["streets"])
        other_number = str(number + rng.choice([-1, 1]) * rng.randint(1, 900))
        other_city = rng.choice([c for c in words["cities"] if c != city])
        groups = rng.sample(words["categories"], rng.randint(1, 3))
        other = rng.choice([g for g in words["categories"] if g not in groups])
        self._say(f"is located at {number} {road} in {city}")
        self._say(f"is located at {other_number} {road} in {city}", other_number)
        self._say(f"is situated in {other_city}", other_city)
        self._say(f"falls under {groups[0]}")
        self._say(f"is known for {groups[0].lower()} and {other.lower()}", other.lower())
        return {
            "name": self._name,
            "address": f"{number} {road}",
            "city": city,
            "categories": ", ".join(groups),
        }

    def _stars(self) -> float:
        stars = self._rng.choice([2.0, 2.5, 3.0, 3.5, 4.0, 4.5])
        other = f"{stars + self._rng.choice([-1, -0.5, 0.5]):g}"
        self._say(f"has a rating of {stars:g} out of 5 stars")
        self._say(f"has a rating of {other} stars", other)
        return stars

    def _hours(self) -> dict[str, str] | None:
        rng, week = self._rng, self._words["days"]
        if rng.random() < 0.2:
            wrong = "open every day from 9 AM to 9 PM"
            self._say(f"is {wrong}", wrong)
            self._say("does not list its opening hours")
            return None
        start, end, minutes = rng.randint(6, 11), rng.randint(15, 22), rng.choice([0, 0, 30])
        days = week if rng.random() < 0.5 else week[: rng.randint(3, 6)]
        opening = f"{start}:30 AM" if minutes else f"{start} AM"
        closing, later = f"{end - 12} PM", f"{end - 11} PM"
        whole = "every day of the week"
        when = whole if len(days) == len(week) else f"from {days[0]} to {days[-1]}"
        self._say(f"is open {when} from {opening} to {closing}")
        self._say(f"opens at {opening} and closes at {closing}")
        self._say(f"is open {when} from {opening} to {later}", later)
        self._say(f"opens at {start + 1} AM", f"{start + 1} AM")
        if when != whole:
            self._say(f"is open {whole} from {opening} to {closing}", whole)
        return dict.fromkeys(days, f"{start}:{minutes}-{end}:0")

    def _attributes(self) -> dict[str, Any]:
        rng, facts = self._rng, self._words["facts"]
        able = [key for key, fact in facts.items() if self._kind in fact["kinds"]]
        body: dict[str, Any] = {}
        known: list[tuple[str, bool | None]] = []
        for key in rng.sample(able, min(len(able), rng.randint(4, 9))):
            value = rng.choice([True, True, False, False, None])
            outer, _, inner = key.partition("_")
            if inner:
                value = bool(value)
                body.setdefault(outer, {})[inner] = value
            elif key == "WiFi":
                body[key] = {True: "free", False: "no", None: None}[value]
            else:
                body[key] = value
            known.append((key, value))
        for _ in range(10):
            chosen = rng.sample(known, min(len(known), rng.choice([1, 1, 2, 2, 3])))
            self._facts(chosen, rng.choice(chosen)[0] if rng.random() < 0.5 else "")
        return body

    def _facts(self, chosen: list[tuple[str, bool | None]], lie: str) -> None:
        """Say several facts in one sentence; that of the key ``lie`` is wrong."""
        rng = self._rng
        parts: list[str] = []
        wrong = ""
        for key, value in chosen:
            if value is None and key != lie:
                continue
            affirm = rng.random() < 0.7 if value is None else value != (key == lie)
            parts.append(rng.choice(self._words["facts"][key]["yes" if affirm else "no"]))
            if key == lie:
                wrong = parts[-1]
        if parts:
            link = rng.choice([" and ", ", and ", " and also ", ", but "])
            said = f"{', '.join(parts[:-1])}{link}{parts[-1]}" if len(parts) > 1 else parts[0]
            self._say(said, wrong)

    def _reviews(self) -> list[dict[str, object]]:
        rng = self._rng
        liked = rng.sample(self._words["praise"], 3)
        blamed = rng.sample(self._words["blame"], 3)
        who = rng.choice(("Customers", "Reviewers", "Patrons", "Guests"))
        self._claims += [
            Claim(f"{who} have praised {liked[0]} and {liked[1]}."),
            Claim(f"{who} have praised {liked[0]} and {liked[2]}.", liked[2]),
            Claim(f"One customer complained about {blamed[0]}."),
            Claim(f"{who} complained about {blamed[2]} and {blamed[0]}.", blamed[2]),
            Claim(f"{who} complained about {liked[0]}.", f"complained about {liked[0]}"),
            Claim(f"{who} gave mixed reviews, praising {liked[1]} but mentioning {blamed[1]}."),
            Claim(f"While some liked {liked[0]}, others mentioned {blamed[0]} and {blamed[1]}."),
            Claim(f"While some liked {liked[2]}, others mentioned {blamed[0]}.", liked[2]),
        ]
        return [
            {"review_stars": 5.0, "review_text": f"We loved {liked[0]} and {liked[1]}. Yes!"},
            {"review_stars": 2.0, "review_text": f"Sadly, {blamed[0]} and {blamed[1]} that day."},
        ]
