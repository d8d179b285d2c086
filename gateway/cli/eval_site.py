"""The gateway that ``gatehouse eval rag`` asks: the real pipeline, in this process, on stores of
its own that are thrown away."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from gateway.adapters.embedded.store import EmbeddedKnowledge, EmbeddedOptions
from gateway.app.build import make_runtime, read_site
from gateway.app.parts import Parts, make_parts
from gateway.core.errors import ContentFiltered, GatewayError
from gateway.core.exchange import Binding, Exchange, Target
from gateway.core.identity import Principal
from gateway.core.knowledge import Access, Document
from gateway.core.pipeline import Pipeline
from gateway.core.rules import Policy
from gateway.core.stage import Phase, Stage, nothing_to_close
from gateway.evals.golden import Golden
from gateway.evals.rag_run import Asked, Outcome
from gateway.ingest.front_matter import Defaults
from gateway.ingest.run import ingest
from gateway.schema.problems import ConfigError, suggestion
from gateway.schema.site import Site
from gateway.testing.exchanges import make_exchange

_NOT_ASKED = frozenset({"audit", "auth", "quota"})
"""Stages that have nothing to do with what is answered."""
_FOUND = "gateway.eval.found"
_PATIENCE = 60.0
"""Seconds for each guard and each search."""


class CountedKnowledge(EmbeddedKnowledge):
    """The embedded store, which also tells the ids of all documents and passages it was given."""

    def __init__(self, options: EmbeddedOptions) -> None:
        super().__init__(options)
        self.ids: set[str] = set()

    async def put(self, tenant: str, document: Document, texts: Sequence[str]) -> None:
        await super().put(tenant, document, texts)
        self.ids.add(document.id)
        self.ids.update(f"{document.id}#{position}" for position in range(len(texts)))


class Noted:
    """Notes what retrieval found, before any guard or prompt narrows it."""

    name = "noted"
    phase = Phase.REQUEST
    close = nothing_to_close

    async def run(self, ex: Exchange) -> None:
        """Keeps the passages in the exchange's state."""
        ex.state[_FOUND] = tuple(ex.chunks or ())


class EvaluatedSite:
    """Asks one model of a gateway. Made by ``open_site``."""

    def __init__(self, tenant: str, binding: Binding, pipeline: Pipeline) -> None:
        self._tenant = tenant
        self._binding = binding
        self._pipeline = pipeline
        self._count = 0

    @property
    def answerer(self) -> str:
        """Who answers first."""
        return str(self._binding.targets[0]) if self._binding.targets else "nobody"

    async def ask(self, question: str, roles: frozenset[str]) -> Asked:
        """One question, through the whole pipeline but audit, keys and quotas."""
        self._count += 1
        ex = make_exchange(question, model=self._binding.model, id=f"req_eval_{self._count}")
        ex.binding = self._binding
        ex.principal = Principal("key_eval", self._tenant, roles)
        began = perf_counter()
        error: BaseException | None = None
        outcome: Outcome = "answered"
        answer = detail = ""
        try:
            await self._pipeline.run(ex)
            answer = await _read(ex)
        except ContentFiltered as refusal:
            error, outcome, detail = refusal, "blocked", _blocked_by(ex)
        except GatewayError as failure:
            error, outcome = failure, "failed"
            detail = f"{failure.code}: {failure.cause or failure.message}"
        finally:
            ms = (perf_counter() - began) * 1000
            await self._pipeline.close(ex, error)
        if error is None and ex.verdict == "abstained":
            outcome = "abstained"
        elif error is None and ex.verdict == "blocked":
            outcome, detail = "blocked", _blocked_by(ex)
        return _asked(ex, outcome, answer, detail, ms)


def _asked(ex: Exchange, outcome: Outcome, answer: str, detail: str, ms: float) -> Asked:
    return Asked(
        outcome=outcome,
        answer=answer,
        found=ex.state.get(_FOUND, ()),
        shown=tuple(ex.chunks or ()),
        detail=detail,
        prompt_tokens=ex.usage.prompt,
        completion_tokens=ex.usage.completion,
        ms=ms,
        retrieval_ms=sum(done.ms for done in ex.outcomes if done.stage == "retrieve"),
    )


async def _read(ex: Exchange) -> str:
    if ex.reply is None:
        return ""
    said: list[str] = []
    async for frame in ex.reply.frames:
        said += [
            piece.text
            for piece in ex.dialect.pieces(frame.document)
            if piece.channel.startswith("content") and piece.choice == 0 and not piece.echo
        ]
    return "".join(said)


def _blocked_by(ex: Exchange) -> str:
    return ", ".join(sorted({f"rule {d.rule}" for d in ex.decisions if d.acts}))


@asynccontextmanager
async def open_site(golden: Golden) -> AsyncIterator[EvaluatedSite]:
    """A gateway with the documents of a golden set, to ask its questions.

    Raises ConfigError for a gateway file that is wrong, a model, provider or passage that is not
    there, and documents that cannot be read.
    """
    site = read_site(golden.keys.site)
    with TemporaryDirectory(prefix="gatehouse-eval-") as folder:
        site = _beside(_retargeted(site, golden), Path(folder))
        parts = make_parts(site)
        knowledge = CountedKnowledge(
            EmbeddedOptions(path=Path(folder) / "golden.db", timeout=_PATIENCE)
        )
        unused, parts.knowledge = parts.knowledge, knowledge
        try:
            await unused.aclose()
            await _fill(golden, site, knowledge)
            problems = golden.unknown(frozenset(knowledge.ids))
            if problems:
                raise ConfigError(problems)
            yield _evaluated(golden, site, parts)
        finally:
            await parts.aclose()


def _evaluated(golden: Golden, site: Site, parts: Parts) -> EvaluatedSite:
    runtime = make_runtime(site, parts)
    binding = runtime.models[golden.keys.model]
    binding = replace(binding, policy=_unhurried(binding.policy))
    stages: list[Stage] = []
    for stage in runtime.pipelines[binding.pipeline].stages:
        if stage.name not in _NOT_ASKED:
            stages += [stage, Noted()] if stage.name == "retrieve" else [stage]
    return EvaluatedSite(golden.keys.tenant, binding, Pipeline(binding.pipeline, stages))


def _unhurried(policy: Policy) -> Policy:
    """The policy with a minute for every guard: a busy machine must not change what is answered."""
    layers = {
        layer: tuple(replace(rule, timeout=_PATIENCE) for rule in rules)
        for layer, rules in policy.layers.items()
    }
    return replace(policy, layers=layers)


def _retargeted(site: Site, golden: Golden) -> Site:
    """The site with one model, answered by the golden set's targets if it names any."""
    keys, spot = golden.keys, golden.spot
    if keys.model not in site.models:
        hint = suggestion(keys.model, site.models)
        said = f"{site.document.file} has no model {keys.model!r}"
        raise ConfigError([spot.below("model").problem(said, hint)])
    targets = []
    problems = []
    for index, text in enumerate(keys.targets):
        provider, _, model = text.partition("/")
        if provider not in site.providers or not model:
            said = f"{text!r} is not provider/model of a provider in use"
            at = spot.below("targets", index)
            problems.append(at.problem(said, suggestion(provider, site.providers)))
        targets.append(Target(provider, model))
    if problems:
        raise ConfigError(problems)
    model_spec = site.models[keys.model]
    if targets:
        model_spec = replace(model_spec, targets=tuple(targets))
    return replace(site, models={keys.model: model_spec})


def _beside(site: Site, folder: Path) -> Site:
    """The site with all stores in ``folder``: nothing of the real gateway is touched."""
    stores = site.config.stores
    moved = stores.model_copy(
        update={
            "var": folder,
            "keys": stores.keys.model_copy(update={"path": Path("keys.db")}),
            "audit": stores.audit.model_copy(update={"path": Path("audit.db")}),
            "knowledge": stores.knowledge.model_copy(update={"path": Path("knowledge.db")}),
        }
    )
    return replace(site, config=site.config.model_copy(update={"stores": moved}))


async def _fill(golden: Golden, site: Site, knowledge: CountedKnowledge) -> None:
    """Raises ConfigError for documents that cannot be read."""
    keys, spot = golden.keys, golden.spot
    errors: dict[str, str] = {}
    for index, folder in enumerate(keys.folders):
        if not folder.path.exists():
            at = spot.below("folders", index, "path")
            raise ConfigError([at.problem("there is no such folder or file")])
        defaults = Defaults(folder.public, folder.roles)
        errors |= (await ingest(knowledge, folder.path, keys.tenant, defaults=defaults)).errors
    for given in keys.documents:
        access = Access(given.public, given.roles)
        document = Document(given.id, "golden", given.title or given.id, None, None, access)
        await knowledge.put(keys.tenant, document, given.text)
    if not keys.folders and not keys.documents:
        for source in site.config.stores.knowledge.ingest:
            errors |= (await ingest(knowledge, source.path, source.tenant)).errors
    if errors:
        said = "; ".join(f"{document}: {error}" for document, error in errors.items())
        raise ConfigError([spot.problem(f"documents cannot be read: {said}")])
