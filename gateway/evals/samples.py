"""Labelled texts to measure a guard on, read from JSON lines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.core.segments import Origin
from gateway.schema.problems import ConfigError, Problem, suggestion

FIELDS: Final = ("text", "label", "family", "origin", "language")
"""What a row may say; the first three it must."""
ATTACK_WORDS: Final = frozenset(
    ("1", "true", "yes", "attack", "injection", "jailbreak", "malicious", "toxic", "hateful",
     "offensive", "unsafe", "harmful", "positive", "bad")
)  # fmt: skip
BENIGN_WORDS: Final = frozenset(
    ("0", "false", "no", "benign", "clean", "safe", "legit", "legitimate", "harmless", "normal",
     "ok", "none", "neither", "negative", "good")
)  # fmt: skip

_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled text, and the file and line it stands on. ``attack``: the guard should find it;
    ``origin`` None takes the run's own."""

    text: str
    attack: bool
    family: str
    origin: Origin | None
    language: str | None
    place: str


def load_samples(path: Path, names: Mapping[str, str] | None = None) -> list[Sample]:
    """The rows of a JSON lines file. ``names`` says what a field is called there, where it is
    called otherwise: ``{"family": "source"}``.

    Raises ConfigError with the first 20 problems: not a file, no JSON, a field that is missing or
    of another kind, a label or origin that is none.
    """
    reader = _Reader(path, names or {})
    samples = list(reader.samples())
    if reader.problems:
        raise ConfigError(reader.problems)
    if not samples:
        raise ConfigError([Problem(str(path), 0, 0, "has no rows")])
    return samples


def thinned(samples: Sequence[Sample], most: int) -> list[Sample]:
    """At most ``most`` rows of each family and label, spread evenly over the file, in its order."""
    groups: dict[tuple[str, bool], list[int]] = {}
    for index, sample in enumerate(samples):
        groups.setdefault((sample.family, sample.attack), []).append(index)
    kept: set[int] = set()
    for places in groups.values():
        count = min(most, len(places))
        kept.update(places[step * len(places) // count] for step in range(count))
    return [sample for index, sample in enumerate(samples) if index in kept]


def contradictions(samples: Sequence[Sample]) -> list[tuple[str, str]]:
    """Places of equal texts that are labelled both ways: one of each."""
    first: dict[tuple[str, Origin | None], Sample] = {}
    found = []
    for sample in samples:
        known = first.setdefault((sample.text, sample.origin), sample)
        if known.attack is not sample.attack:
            found.append((known.place, sample.place))
    return found


class _Reader:
    def __init__(self, path: Path, names: Mapping[str, str]) -> None:
        self._path = path
        self._names = {field: names.get(field, field) for field in FIELDS}
        self.problems: list[Problem] = []

    def samples(self) -> Iterator[Sample]:
        try:
            with self._path.open(encoding="utf-8-sig") as lines:
                for number, line in enumerate(lines, start=1):
                    if len(self.problems) >= _MOST_PROBLEMS:
                        self._report(number, "and more; reading stopped here")
                        return
                    if line.strip():
                        yield from self._sample(number, line)
        except UnicodeDecodeError as error:
            self._report(0, f"is not UTF-8 text: {error}")
        except OSError as error:
            self._report(0, f"cannot be read: {error.strerror or error}")

    def _sample(self, number: int, line: str) -> Iterator[Sample]:
        try:
            row = json.loads(line)
        except ValueError as error:
            return self._report(number, f"is not JSON: {error}")
        if not isinstance(row, dict):
            return self._report(number, "must be an object with text, label and family")
        before = len(self.problems)
        text, family = self._string(row, "text", number), self._string(row, "family", number)
        label = self._label(row, number)
        origin = self._origin(row, number)
        language = self._string(row, "language", number, needed=False)
        if len(self.problems) == before:
            assert text is not None and family is not None and label is not None  # noqa: S101, PT018
            yield Sample(text, label, family, origin, language, f"{self._path}:{number}")

    def _string(
        self, row: Mapping[str, Any], field: str, number: int, *, needed: bool = True
    ) -> str | None:
        name = self._names[field]
        value = row.get(name)
        if value is None:
            if needed:
                close = suggestion(name, map(str, row))
                hint = f"{close}; --field {field}=NAME reads another" if row else ""
                self._report(number, f"has no {name!r}", hint)
            return None
        if not isinstance(value, str) or not value.strip():
            self._report(number, f"{name!r} must be text that is not empty, not {_kind(value)}")
            return None
        return value

    def _label(self, row: Mapping[str, Any], number: int) -> bool | None:
        name = self._names["label"]
        if name not in row:
            hint = f"keys: {', '.join(map(str, row))}; --field label=NAME reads another"
            self._report(number, f"has no {name!r}", hint)
            return None
        value = row[name]
        word = str(value).strip().lower()
        if isinstance(value, str | bool | int) and word in ATTACK_WORDS | BENIGN_WORDS:
            return word in ATTACK_WORDS
        said = f"{name!r} must be 1 or 0, or words such as attack and benign, toxic and clean"
        self._report(number, f"{said}, not {_kind(value)}")
        return None

    def _origin(self, row: Mapping[str, Any], number: int) -> Origin | None:
        value = row.get(self._names["origin"])
        if value is None:
            return None
        try:
            return Origin(value)
        except ValueError:
            known = [origin.value for origin in Origin]
            message = f"{self._names['origin']!r} is no origin: {_kind(value)}"
            self._report(number, message, suggestion(str(value), known))
            return None

    def _report(self, number: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(str(self._path), number, 1 if number else 0, message, hint))


def _kind(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
