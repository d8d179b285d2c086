"""One request and all that becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gateway.core.dialect import Dialect
from gateway.core.findings import Decision
from gateway.core.identity import Principal
from gateway.core.knowledge import Chunk
from gateway.core.reply import Reply, Usage
from gateway.core.segments import Json, Path, Segment, put_text

if TYPE_CHECKING:
    from gateway.core.rules import Policy


class Status(StrEnum):
    """How a stage ended. Each is a different thing to an auditor."""

    PASSED = "passed"
    REWRITTEN = "rewritten"
    BLOCKED = "blocked"
    REFUSED = "refused"
    """The stage said no for another reason than content: key, quota, limits."""
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_SCANNED = "not_scanned"
    ERROR_OPEN = "error_open"
    ERROR_CLOSED = "error_closed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Outcome:
    """What became of one stage in one exchange. ``ms`` is wall time spent inside the stage."""

    stage: str
    status: Status = Status.PASSED
    ms: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One place that can answer: a provider by its configured name, and its model."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Binding:
    """What a model name that apps ask for stands for."""

    model: str
    pipeline: str
    policy: "Policy"
    targets: tuple[Target, ...]
    static_answer: str | None = None
    """The answer of last resort when every target failed; None answers with the error."""
    pipeline_hash: str = ""
    """Of what the pipeline's file says."""


@dataclass(slots=True)
class Exchange:
    """Each field says who sets it. Fields set by a stage hold their default until it ran."""

    # Set by the HTTP edge, before any stage runs.
    id: str
    decision_id: str
    endpoint: str
    dialect: Dialect
    body: Json
    raw: bytes | None
    """The client's own bytes, while nothing was rewritten; None from the first rewrite on."""
    headers: Mapping[str, str]
    """The client's request headers, lower-case names."""
    model: str
    stream: bool
    received: float
    """Monotonic seconds."""
    at: float
    """Wall clock, seconds since the epoch."""
    binding: Binding | None = None
    """What ``model`` stands for. None when no such model is configured."""
    state: dict[str, Any] = field(default_factory=dict)
    """For stages of third parties, under their own dotted name."""

    # Set by stages.
    principal: Principal | None = None  # auth
    route: str | None = None  # route
    skip: frozenset[str] = frozenset()  # route: the stages not to run
    chunks: Sequence[Chunk] | None = None  # retrieve, narrowed by guard[context]
    question: str | None = None  # route or retrieve, whichever runs first
    reply: Reply | None = None  # cache, generate, or whoever answers first
    target: Target | None = None  # generate
    attempts: list[str] = field(default_factory=list)  # generate: "provider/model: what happened"
    usage: Usage = field(default_factory=Usage)  # generate
    cache: str | None = None  # cache: hit, miss, bypass
    finish: str | None = None  # generate: the last finish reason

    # Added to by the runner and by guard stages.
    outcomes: list[Outcome] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    reply_headers: dict[str, str] = field(default_factory=dict)
    """Headers for the answer, be it an error or not."""
    _read: tuple[Json, tuple[Segment, ...]] | None = field(default=None, repr=False)

    @property
    def policy(self) -> "Policy | None":
        return self.binding.policy if self.binding else None

    def rewrite(self, edits: Mapping[Path, str]) -> None:
        """Replace texts of the request body. The client's bytes are not forwarded after this."""
        for path, text in edits.items():
            self.body = put_text(self.body, path, text)
        if edits:
            self.replace_body(self.body)

    def replace_body(self, body: Json) -> None:
        """Use ``body`` from here on. The client's bytes are not forwarded after this."""
        self.body = body
        self.raw = None

    def segments(self) -> Sequence[Segment]:
        """Every text of the request as it is now; read again only when the body was replaced."""
        if self._read is None or self._read[0] is not self.body:
            self._read = (self.body, tuple(self.dialect.segments(self.body)))
        return self._read[1]

    def asked(self) -> str:
        """The user's question, read from the body as it is now and kept."""
        if self.question is None:
            self.question = self.dialect.question(self.body)
        return self.question

    @property
    def verdict(self) -> str:
        """One word for the whole exchange: ``blocked``, ``abstained``, ``regenerated``,
        ``rewritten``, ``flagged`` or ``passed``."""
        if not self.decisions:
            return "abstained" if self.reply is not None and self.reply.abstained else "passed"
        acting = {d.then.value for d in self.decisions if d.acts}
        if "block" in acting:
            return "blocked"
        if "abstain" in acting or (self.reply is not None and self.reply.abstained):
            return "abstained"
        if "regenerate" in acting:
            return "regenerated"
        if acting & {"tokenize", "mask", "drop"}:
            return "rewritten"
        return "flagged" if any(d.triggered for d in self.decisions) else "passed"
