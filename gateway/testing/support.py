"""A judge of sentences by script, for tests of guards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.knowledge import Access, Chunk
from gateway.ports.support import Judgement, SupportSource


def make_chunk(
    text: str, number: int = 1, *, title: str = "", access: Access | None = None
) -> Chunk:
    """A passage as retrieval returns it, public unless ``access`` says otherwise."""
    return Chunk(
        id=f"doc#{number}",
        document="doc",
        version="v1",
        title=title,
        url=None,
        path=None,
        text=text,
        access=access or Access(public=True),
    )


@dataclass
class ScriptedSupport:
    """A Support that knows the score of a sentence by a part of it; others are supported.

    ``opened`` counts how often passages were made ready, ``asked`` what was judged, with the
    passages that could support it.
    """

    scores: Mapping[str, float] = field(default_factory=dict)
    contradicted: bool = False
    opened: int = 0
    asked: list[tuple[str, frozenset[int] | None]] = field(default_factory=list)

    async def open(self, chunks: Sequence[Chunk]) -> SupportSource:
        """See ``Support.open``."""
        self.opened += 1
        return self

    async def judge(
        self, sentences: Sequence[str], among: frozenset[int] | None = None
    ) -> Sequence[Judgement]:
        """See ``SupportSource.judge``."""
        self.asked += [(sentence, among) for sentence in sentences]
        return [self._judgement(sentence) for sentence in sentences]

    def _judgement(self, sentence: str) -> Judgement:
        score = next((s for part, s in self.scores.items() if part in sentence), 0.95)
        return Judgement(score, 0, 0, 10, contradicted=self.contradicted and score < 0.5)
