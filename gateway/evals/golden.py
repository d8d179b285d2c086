"""Golden sets: questions with what must be found and said, in YAML."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from gateway.core.options import Options
from gateway.schema.loader import load
from gateway.schema.problems import Problem, suggestion
from gateway.schema.reader import Reader, Spot
from gateway.schema.units import ConfigPath, Names

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Drop = Annotated[float, Field(ge=0, le=1)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Wordings = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
"""One text, or several that say the same."""


class DocumentKeys(Options):
    """A document that stands in the golden file itself."""

    id: Annotated[str, Field(min_length=1)]
    """Its id, by which questions expect it."""
    title: str = ""
    """Its title."""
    text: Wordings
    """Its text: one passage, or a list of passages."""
    roles: Names = frozenset()
    """The roles that may see it."""
    public: bool = False
    """Whether everybody may see it."""


class FolderKeys(Options):
    """A folder or file of documents, as `gatehouse ingest` reads it."""

    path: ConfigPath
    """Where it is, relative to the golden file. Ids start with the folder's name."""
    roles: Names = frozenset()
    """Roles, for documents that name none."""
    public: bool = False
    """Whether documents that say nothing are for everybody."""


class QuestionKeys(Options):
    """A question, and what must become of it."""

    id: Id
    """Names the question in reports and comparisons."""
    ask: Annotated[str, Field(min_length=1)]
    """The question."""
    roles: Names | None = None
    """The caller's roles; those of the file if left out."""
    expect: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    """Ids of the documents (`handbook/refunds.md`) or passages (`handbook/refunds.md#0`) that must
    be found."""
    facts: tuple[Wordings, ...] = ()
    """What the answer must say, word for word; a list inside the list gives several wordings."""
    answer: str | None = None
    """An answer to compare with, by the content words they share."""
    answerable: bool = True
    """`false`: the documents that the caller may see do not answer it; the gateway must abstain."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> "QuestionKeys":
        if not self.answerable and (self.expect or self.facts or self.answer):
            raise ValueError("what cannot be answered has no expected passages, facts or answer")
        if self.answerable and not (self.expect or self.facts or self.answer):
            raise ValueError("a question needs expect, facts or an answer, or answerable: false")
        return self


class PriceKeys(Options):
    """What tokens cost, in any currency."""

    prompt: Annotated[float, Field(ge=0)] = 0.0
    """A million tokens of prompts."""
    completion: Annotated[float, Field(ge=0)] = 0.0
    """A million tokens of answers."""


class ToleranceKeys(Options):
    """How much worse a run may be than the one it is compared with, in points of 0 to 1; latency
    and cost as a share of what they were. What is left empty is told, and not compared."""

    hit_rate: Drop | None = 0.0
    """Questions for which an expected passage was found."""
    mrr: Drop | None = 0.01
    """The mean of one over the place of the first expected passage."""
    ndcg: Drop | None = 0.01
    """Normalised discounted gain of the first ten passages."""
    recall: Drop | None = 0.01
    """Expected passages among the first k, for every k."""
    facts: Drop | None = 0.0
    """Facts that answers say."""
    answer_f1: Drop | None = 0.02
    """Content words shared with the expected answers."""
    answered: Drop | None = 0.0
    """Answerable questions that were answered."""
    abstention_precision: Drop | None = 0.0
    """Abstentions that were right."""
    abstention_recall: Drop | None = 0.0
    """Unanswerable questions for which the gateway abstained."""
    faithfulness: Drop | None = 0.02
    """Sentences of answers that the passages bear out."""
    citation_precision: Drop | None = 0.02
    """Citations whose passage bears out the sentence."""
    citation_recall: Drop | None = 0.02
    """Sentences that a cited passage bears out."""
    latency: Annotated[float, Field(ge=0)] | None = None
    """Growth of the median latency."""
    cost: Annotated[float, Field(ge=0)] | None = None
    """Growth of the cost."""


class GoldenKeys(Options):
    """A golden set."""

    version: Literal[1]
    """The version of this format."""
    description: str = ""
    """What the set is for."""
    site: ConfigPath
    """The gateway file whose pipeline and policy answer, relative to this file."""
    model: str
    """The model to ask, of those in the gateway file."""
    targets: tuple[str, ...] = ()
    """Who answers, as `provider/model`, instead of the model's own targets."""
    folders: tuple[FolderKeys, ...] = ()
    """Documents to read. Without these and `documents`: what the gateway file ingests."""
    documents: tuple[DocumentKeys, ...] = ()
    """Documents given here."""
    tenant: str = "default"
    """The tenant of the caller."""
    roles: Names = frozenset()
    """The roles of the caller of questions that name none."""
    recall_at: tuple[Annotated[int, Field(ge=1, le=50)], ...] = (1, 3, 5)
    """Where recall is told."""
    scorer: Literal["model", "lexical", "words"] = "model"
    """Who judges faithfulness and citations: the network that ships, its word comparison, or plain
    shares of words and numbers, which no training changes."""
    prices: PriceKeys = PriceKeys()
    """What tokens cost."""
    tolerances: ToleranceKeys = ToleranceKeys()
    """How much worse than the baseline a run may be."""
    questions: Annotated[tuple[QuestionKeys, ...], Field(min_length=1)]
    """The questions."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A golden set that was read, and where it stands."""

    keys: GoldenKeys
    spot: Spot

    @property
    def file(self) -> str:
        return self.spot.document.file

    def unknown(self, known: frozenset[str]) -> list[Problem]:
        """A problem for every expected id that is not among ``known`` passages and documents."""
        return [
            self.spot.below("questions", index, *self._place(index, place)).problem(
                f"no document or passage is called {wanted!r}", suggestion(wanted, known)
            )
            for index, question in enumerate(self.keys.questions)
            for place, wanted in enumerate(question.expect)
            if wanted not in known
        ]

    def _place(self, question: int, place: int) -> tuple[str | int, ...]:
        written = self.spot.document.data["questions"][question]["expect"]
        return ("expect",) if isinstance(written, str) else ("expect", place)


def load_golden(path: Path) -> Golden:
    """Read a golden file. Raises ConfigError with every problem and its place."""
    document = load(path)
    reader = Reader()
    spot = Spot(document, ())
    keys = reader.read(GoldenKeys, spot, document.data)
    for kind in ("questions", "documents"):
        seen: dict[str, int] = {}
        for index, one in enumerate(getattr(keys, kind, ())):
            at = spot.below(kind, index, "id")
            if one.id in seen:
                first = f"line {seen[one.id]}"
                reader.report(at.problem(f"two {kind} have the id {one.id!r}", first))
            seen.setdefault(one.id, document.place(at.path)[0])
    reader.finish()
    assert keys is not None  # noqa: S101 - a file without problems was read
    return Golden(keys, spot)
