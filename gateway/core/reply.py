"""The answer on its way out: a sequence of frames, one for a whole answer, many for a stream."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import orjson

from gateway.core.segments import Json

ABSTAIN_TEXT: Final = "I don't know based on the available knowledge."
"""The answer when nothing that the caller may see supports one."""


class Frame:
    """One reply document. It keeps the provider's own bytes until somebody changes it.

    ``raw`` is the JSON text without any stream framing. Decoding happens on first use.
    """

    __slots__ = ("_document", "_raw")

    def __init__(self, raw: bytes | None = None, document: Json | None = None) -> None:
        self._raw = raw
        self._document = document

    @property
    def document(self) -> Json:
        """The decoded JSON. Treat it as read-only; give changes to ``replace``.

        Raises ValueError when the bytes are not a JSON object.
        """
        if self._document is None:
            decoded = orjson.loads(self._raw or b"")
            if not isinstance(decoded, dict):
                raise ValueError("a reply document must be a JSON object")
            self._document = decoded
        return self._document

    @property
    def raw(self) -> bytes:
        if self._raw is None:
            self._raw = orjson.dumps(self._document)
        return self._raw

    def replace(self, document: Json) -> None:
        self._document = document
        self._raw = None

    def mentions(self, word: bytes) -> bool:
        """A cheap look at the bytes, to decide whether decoding is worth it."""
        return word in self.raw


@dataclass(slots=True)
class Usage:
    """Tokens of one exchange. ``exact`` is False while they are estimated."""

    prompt: int = 0
    completion: int = 0
    exact: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.exact and other.exact,
        )

    @property
    def total(self) -> int:
        return self.prompt + self.completion


Frames = AsyncIterator[Frame]
Again = Callable[[], Awaitable[Frames]]
"""Asks the model once more; the frames of its other answer. Raises GatewayError."""


@dataclass(slots=True)
class Reply:
    """An answer that is ready to be read. Wrapping ``frames`` is how RESPONSE stages act on it.

    ``again`` asks for another answer, which comes through the same wrappers as ``frames`` did; None
    when nobody can be asked, or was asked again already.
    """

    frames: AsyncIterator[Frame]
    source: str
    """Who answers: ``provider/model``, ``cache``, ``gateway`` (a refusal or an abstention)."""
    headers: dict[str, str] = field(default_factory=dict)
    abstained: bool = False
    again: Again | None = None

    def wrap(self, through: Callable[[Frames], Frames]) -> None:
        """``through`` is called with the frames, and once more with those of another answer."""
        self.frames = through(self.frames)
        again = self.again
        if again is None:
            return

        async def wrapped() -> Frames:
            return through(await again())

        self.again = wrapped


class OneFrame:
    """The frames of a whole answer: one, which is there already. Cheaper than a generator."""

    __slots__ = ("_frame",)

    def __init__(self, frame: Frame) -> None:
        self._frame: Frame | None = frame

    def __aiter__(self) -> "OneFrame":
        return self

    async def __anext__(self) -> Frame:
        frame, self._frame = self._frame, None
        if frame is None:
            raise StopAsyncIteration
        return frame

    async def aclose(self) -> None:
        """Nothing is held."""


async def frames_of(documents: list[Json]) -> AsyncIterator[Frame]:
    """Documents that are all there already, as frames."""
    for document in documents:
        yield Frame(document=document)
