"""Recognisers that know a few literal texts, for tests of what stands on them."""

from collections.abc import Iterable, Mapping, Sequence

from gateway.core.registry import did_you_mean
from gateway.core.spans import without_overlaps
from gateway.ports.entity_recognizer import Entity

Known = Mapping[str, tuple[str, float]]
"""Literal text to its kind and score."""


def _found(text: str, known: Known) -> list[Entity]:
    found = []
    for literal, (kind, score) in known.items():
        at = text.find(literal)
        while at >= 0:
            found.append(Entity(kind, at, at + len(literal), score))
            at = text.find(literal, at + len(literal))
    return without_overlaps(found)


class LiteralRecognizer:
    """An EntityRecognizer that finds the texts it was given."""

    def __init__(self, known: Known, house: Iterable[str] = ()) -> None:
        self._known = dict(known)
        self.house = frozenset(house)

    @property
    def supported(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self._known.values())

    async def recognize(
        self, text: str, kinds: frozenset[str], language: str = "en", scope: str = ""
    ) -> Sequence[Entity]:
        for kind in sorted(kinds - self.supported):
            raise ValueError(
                f"no recogniser for {kind!r}{did_you_mean(kind, sorted(self.supported))}"
            )
        wanted = {text: entry for text, entry in self._known.items() if entry[0] in kinds}
        return _found(text, wanted)


class LiteralScanner:
    """A SecretScanner that finds the texts it was given, and blocks from ``begin`` to ``end``."""

    def __init__(
        self,
        known: Known,
        begin: str = "-----BEGIN PRIVATE KEY-----",
        end: str = "-----END PRIVATE KEY-----",
    ) -> None:
        self._known = dict(known)
        self._begin = begin
        self._end = end

    @property
    def supported(self) -> frozenset[str]:
        return frozenset({kind for kind, _ in self._known.values()} | {"PRIVATE_KEY"})

    def scan(self, text: str) -> Sequence[Entity]:
        found = _found(text, self._known)
        at = text.find(self._begin)
        while at >= 0:
            end = text.find(self._end, at)
            stop = len(text) if end < 0 else end + len(self._end)
            found.append(Entity("PRIVATE_KEY", at, stop, 1.0))
            at = text.find(self._begin, stop)
        return without_overlaps(found)

    def pending(self, text: str) -> bool:
        begun = text.rfind(self._begin)
        if begun >= 0 and self._end not in text[begun:]:
            return True
        return any(text.endswith(self._begin[:size]) for size in range(6, len(self._begin)))
