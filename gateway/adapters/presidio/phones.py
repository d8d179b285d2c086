"""Presidio's phone recogniser, finding the same at a fraction of the cost.

Presidio runs python-phonenumbers' matcher over the text once for each of its eight regions, and
each run parses every group of digits. Here all regions walk the text together: a group of digits is
read once, a region parses it only when its digits can be a number there (a regular expression made
from the region's own metadata), and no region looks into what another has found already. Two
differences remain, both on huge texts: the matcher gives up on a region after 65,535 groups of
digits that are no number and copies the rest of the text for each time stamp; this one does
neither, so the cost is linear and nothing goes unseen.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import phonenumbers
from phonenumbers import phonenumbermatcher
from phonenumbers.phonemetadata import PhoneMetadata

engine: Any = phonenumbermatcher
_LEAD = 10
"""Characters that phonenumbers allows before the first digit: two of ``([+`` with four each."""
_SHORTEST = 2
"""Digits that every number has, phonenumbers' least."""
_BLOCKS = 20
"""Digits up to which no limit of phonenumbers' pattern cuts a candidate short."""
_REMEMBERED = 512
"""Groups of digits of which is remembered where they can be numbers, within one text."""
_NEEDED = (
    "_PATTERN", "_SLASH_SEPARATED_DATES", "_TIME_STAMPS", "_TIME_STAMPS_SUFFIX", "_INNER_MATCHES",
    "_SECOND_NUMBER_START_PATTERN", "_UNWANTED_END_CHAR_PATTERN",
    "_formatting_rule_has_first_group_only",
)  # fmt: skip
_TYPES = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip",
    "pager", "uan", "voicemail",
)  # fmt: skip

_digit = re.compile(r"\d").search
_plain = re.compile(r"[0-9()\[\]\-./ ]*").fullmatch
_not_digits = re.compile(r"[^0-9]+")


@dataclass(frozen=True, slots=True)
class Region:
    """A region, with what the digits of a number must look like to be valid when read there."""

    name: str
    valid: Callable[[str], Any]
    prefixed: Callable[[str], Any]
    format: Callable[[str], Any]
    with_prefix: frozenset[str | None]

    @classmethod
    def of(cls, name: str) -> "Region":
        """From phonenumbers' metadata: digits begin with the international prefix, or they are a
        valid national number after at most the calling code and national prefixes."""
        metadata: Any = PhoneMetadata.metadata_for_region(name)
        code = metadata.country_code
        valid = "|".join(f"(?:{pattern})" for pattern in sorted(_valid_patterns(code)))
        prefix = metadata.national_prefix_for_parsing or "(?!)"
        dropped = r"\d" if metadata.national_prefix_transform_rule else prefix
        abroad = metadata.international_prefix or "(?!)"
        main: Any = PhoneMetadata.metadata_for_region(
            phonenumbers.region_code_for_country_code(code)
        )
        formats = {f"f{number}": each for number, each in enumerate(main.number_format)}
        return cls(
            name,
            # Abroad: a calling code and at least two digits, which is phonenumbers' least.
            re.compile(
                rf"(?:{abroad})[1-9]\d{{2,}}|(?:{code})?(?:{dropped})*(?:{valid})"
            ).fullmatch,
            re.compile(f"{abroad}|{code}|{prefix}").match,
            re.compile("|".join(_shape(name, each) for name, each in formats.items())).fullmatch,
            frozenset(name for name, each in formats.items() if _asks_for_prefix(each)),
        )

    def can_be_number(self, digits: str) -> bool:
        """False only where phonenumbers finds no valid number."""
        return self.valid(digits) is not None and (
            self.prefixed(digits) is not None or not self._lacks_prefix(digits)
        )

    def _lacks_prefix(self, digits: str) -> bool:
        """Whether such a national number is written with a prefix (in Germany a zero)."""
        chosen = self.format(digits)
        return chosen is not None and chosen.lastgroup in self.with_prefix


def _shape(name: str, form: Any) -> str:
    """A pattern of the numbers that are written in this form, the first that fits being chosen."""
    leading = form.leading_digits_pattern
    return f"(?P<{name}>{f'(?={leading[-1]})' if leading else ''}{form.pattern})"


def _asks_for_prefix(form: Any) -> bool:
    rule = form.national_prefix_formatting_rule
    return (
        bool(rule)
        and not form.national_prefix_optional_when_formatting
        and not engine._formatting_rule_has_first_group_only(rule)
    )


def _valid_patterns(code: int) -> set[str]:
    patterns = set()
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        descriptions = [getattr(metadata, kind) for kind in _TYPES]
        patterns |= {d.national_number_pattern for d in descriptions if d is not None}
    return {pattern for pattern in patterns if pattern}


def quick_phone(base: type[Any]) -> type[Any]:
    """Presidio's phone recogniser with its search replaced; ``base`` itself when the installed
    phonenumbers is laid out in another way than this file knows."""
    if not _known(engine):
        return base

    class PhoneRecognizer(base):  # type: ignore[misc]
        def __init__(self, **arguments: Any) -> None:
            super().__init__(**arguments)
            self.regions = tuple(Region.of(name) for name in self.supported_regions)

        def analyze(
            self, text: str, entities: Sequence[str], nlp_artifacts: Any = None
        ) -> list[Any]:
            found = Search(text, self.regions, self.leniency).spans()
            results = [self._get_recognizer_result(m, text, None, nlp_artifacts) for m in found]
            settled: list[Any] = self.remove_duplicates(results)
            return settled

    return PhoneRecognizer


def _known(module: Any) -> bool:
    return all(hasattr(module, name) for name in _NEEDED) and hasattr(
        module.PhoneNumberMatcher, "_parse_and_verify"
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Where a phone number stands."""

    start: int
    end: int


class Search:
    """One walk over one text, for all regions.

    Nothing is kept from one text to the next: what was read is personal data.
    """

    def __init__(self, text: str, regions: Sequence[Region], leniency: int) -> None:
        self._text = text
        self._regions = regions
        self._matchers = [engine.PhoneNumberMatcher(text, r.name, leniency) for r in regions]
        self._possible: dict[str, Sequence[int]] = {}

    def spans(self) -> list[Found]:
        """Every span that is a number in a region and does not lie within one that was found at
        the same place by another. Regions part where one finds a number inside a candidate."""
        found: list[Found] = []
        waiting = [0]  # a heap of places, each with the regions that go on from there
        at: dict[int, list[int]] = {0: list(range(len(self._regions)))}
        while waiting:
            index = heappop(waiting)
            regions = at.pop(index)
            candidate, start = self._candidate(index)
            if not candidate:
                continue
            for region, end in self._ends(candidate, start, regions, found).items():
                if end not in at:
                    at[end] = []
                    heappush(waiting, end)
                at[end].append(region)
        return found

    def _candidate(self, index: int) -> tuple[str, int]:
        """The next text of the form of a number, trimmed, with its place; "" at the end."""
        digit = _digit(self._text, index)
        if digit is None:
            return "", 0
        match = engine._PATTERN.search(self._text, max(index, digit.start() - _LEAD))
        if match is None:
            return "", 0
        return _until(engine._SECOND_NUMBER_START_PATTERN, match.group()), match.start()

    def _ends(
        self, candidate: str, start: int, regions: list[int], found: list[Found]
    ) -> dict[int, int]:
        """For each region where it goes on; what it finds is added to ``found``."""
        end = start + max(1, len(candidate))
        ends = dict.fromkeys(regions, end)
        if self._is_date(candidate, end):
            return ends
        inside = set(regions)  # those that look for numbers within the candidate
        for region in self._possible_in(candidate):
            if region in inside and self._is_number(region, candidate, start):
                found.append(Found(start, end))
                if _cannot_be_cut(candidate):
                    return ends  # what others find in it is dropped for lying within
                inside.remove(region)
        for group, place in _groups(candidate, start):
            for region in self._possible_in(group):
                if region in inside and self._is_number(region, group, place):
                    ends[region] = place + len(group)
                    found.append(Found(place, ends[region]))
                    inside.remove(region)
            if not inside:
                break
        return ends

    def _is_date(self, candidate: str, end: int) -> bool:
        if engine._SLASH_SEPARATED_DATES.search(candidate):
            return True
        stamp = engine._TIME_STAMPS.search(candidate)
        return bool(stamp and engine._TIME_STAMPS_SUFFIX.match(self._text, end))

    def _is_number(self, region: int, group: str, place: int) -> bool:
        return self._matchers[region]._parse_and_verify(group, place) is not None

    def _possible_in(self, group: str) -> Sequence[int]:
        """The regions where it is worth parsing the group."""
        if group not in self._possible:
            if len(self._possible) >= _REMEMBERED:
                self._possible.clear()
            self._possible[group] = self._possibilities(group)
        return self._possible[group]

    def _possibilities(self, group: str) -> Sequence[int]:
        every = range(len(self._regions))
        if _plain(group) is None:
            return every  # a plus, an extension, other scripts: left to phonenumbers
        digits = _not_digits.sub("", group)
        if len(digits) < _SHORTEST:
            return ()
        return [region for region in every if self._regions[region].can_be_number(digits)]


def _until(pattern: Any, text: str) -> str:
    match = pattern.search(text)
    return text[: match.start()] if match else text


def _cannot_be_cut(candidate: str) -> bool:
    return (
        _plain(candidate.lstrip("+")) is not None
        and len(candidate) - sum(not c.isdigit() for c in candidate) <= _BLOCKS
    )


def _groups(candidate: str, start: int) -> Iterator[tuple[str, int]]:
    """The parts of a candidate that may be a number of their own, in phonenumbers' order."""
    unwanted = engine._UNWANTED_END_CHAR_PATTERN
    for pattern in engine._INNER_MATCHES:
        match = pattern.search(candidate)
        if match:
            yield _until(unwanted, candidate[: match.start()]), start
        while match:
            yield _until(unwanted, match.group(1)), start + match.start(1)
            match = pattern.search(candidate, match.start() + 1)
