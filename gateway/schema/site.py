"""Everything the YAML files of one gateway say, checked together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gateway.core.exchange import Target
from gateway.core.identity import Tenant
from gateway.core.registry import Entry, Registry
from gateway.core.stage import Stage
from gateway.ports.chat_model import ChatModel
from gateway.schema.gateway import GatewayKeys, ModelKeys
from gateway.schema.loader import Document, load, yaml_files
from gateway.schema.pipeline import PipelineSpec, read_pipeline
from gateway.schema.problems import ConfigError, Problem, suggestion
from gateway.schema.reader import Reader, Spot
from gateway.schema.tenants import read_tenants

_PROVIDER_KEYS = ("use", "optional")


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """A provider that was checked and is in use."""

    name: str
    entry: Entry[ChatModel]
    options: BaseModel
    spot: Spot


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model that apps ask for. ``targets`` holds only those whose provider is in use."""

    name: str
    pipeline: str
    policy: str
    targets: tuple[Target, ...]
    static_answer: str | None
    spot: Spot


@dataclass(frozen=True, slots=True)
class Site:
    """What the files of one gateway say. Paths in ``config`` are absolute."""

    path: Path
    config: GatewayKeys
    providers: Mapping[str, ProviderSpec]
    left_out: frozenset[str]
    """Optional providers that have no API key."""
    models: Mapping[str, ModelSpec]
    tenants: Mapping[str, Tenant]
    pipelines: Mapping[str, PipelineSpec]
    policies: Mapping[str, Document]
    document: Document

    @property
    def watched(self) -> tuple[Path, ...]:
        """The folders and files whose change asks for a reload."""
        config = self.config
        tenants = (config.tenants,) if config.tenants else ()
        return (config.policies_dir, config.pipelines_dir, *tenants)


@dataclass(frozen=True, slots=True)
class Survey:
    """What reading all files gave. ``site`` is None when there are problems; ``policies`` are
    those that could be read all the same, so that they can be checked as well."""

    site: Site | None
    policies: Mapping[str, Document]
    problems: tuple[Problem, ...]


def load_site(
    path: Path,
    stages: Registry[Stage],
    providers: Registry[ChatModel],
    *,
    environ: Mapping[str, str] | None = None,
) -> Site:
    """Read the gateway file and all files it names. Policies are read but not yet compiled
    (``gateway.policy.compile`` does that). Raises ConfigError with all problems of all files."""
    survey = survey_site(path, stages, providers, environ=environ)
    if survey.site is None:
        raise ConfigError(survey.problems)
    return survey.site


def survey_site(
    path: Path,
    stages: Registry[Stage],
    providers: Registry[ChatModel],
    *,
    environ: Mapping[str, str] | None = None,
) -> Survey:
    """Like ``load_site``, without giving up. Raises ConfigError only when the gateway file itself
    is no YAML."""
    document = load(path, environ=environ)
    reader = Reader()
    config = reader.read(GatewayKeys, Spot(document, ()), document.data)
    if config is None:
        _providers(_raw_providers(document), document, providers, reader)
        return Survey(None, {}, tuple(reader.problems))
    config = _absolute(config, path)
    used, left_out = _providers(config.providers, document, providers, reader)
    policy_paths = _folder(config.policies_dir, "policies_dir", document, reader)
    policies = _documents(policy_paths, environ, reader)
    pipeline_paths = _folder(config.pipelines_dir, "pipelines_dir", document, reader)
    read = [
        read_pipeline(found, stages, reader)
        for found in _documents(pipeline_paths, environ, reader).values()
    ]
    tenants = {"default": Tenant("default")}
    if config.tenants is not None:
        for loaded in _documents({"tenants": config.tenants}, environ, reader).values():
            tenants = read_tenants(loaded, reader)
    models = {
        name: _model(name, keys, config, document, used, reader)
        for name, keys in config.models.items()
    }
    _check_names(config, document, set(pipeline_paths), set(policy_paths), tenants, reader)
    if reader.problems:
        return Survey(None, policies, tuple(reader.problems))
    pipelines = {spec.name: spec for spec in read if spec is not None}
    site = Site(path, config, used, left_out, models, tenants, pipelines, policies, document)
    return Survey(site, policies, ())


def _absolute(config: GatewayKeys, path: Path) -> GatewayKeys:
    """Defaults of paths are not validated by pydantic, so they are made absolute here."""
    base = path.parent.resolve()
    changes: dict[str, Any] = {
        "stores": config.stores.model_copy(update={"var": (base / config.stores.var).resolve()}),
        "policies_dir": (base / config.policies_dir).resolve(),
        "pipelines_dir": (base / config.pipelines_dir).resolve(),
    }
    return config.model_copy(update=changes)


def _folder(folder: Path, key: str, document: Document, reader: Reader) -> dict[str, Path]:
    if not folder.is_dir():
        reader.report(document.problem((key,), f"there is no folder {folder}"))
        return {}
    return yaml_files(folder)


def _documents(
    paths: Mapping[str, Path], environ: Mapping[str, str] | None, reader: Reader
) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for name, path in paths.items():
        try:
            documents[name] = load(path, environ=environ)
        except ConfigError as error:
            reader.problems += error.problems
    return documents


def _raw_providers(document: Document) -> dict[str, dict[str, Any]]:
    """The providers of a file whose other keys are wrong, so that their problems show too."""
    written = document.data.get("providers") if isinstance(document.data, dict) else None
    items = written.items() if isinstance(written, dict) else ()
    return {name: data for name, data in items if isinstance(data, dict)}


def _providers(
    written: Mapping[str, dict[str, Any]],
    document: Document,
    providers: Registry[ChatModel],
    reader: Reader,
) -> tuple[dict[str, ProviderSpec], frozenset[str]]:
    used: dict[str, ProviderSpec] = {}
    left_out: set[str] = set()
    for name, data in written.items():
        spot = Spot(document, ("providers", name))
        use, optional = data.get("use"), data.get("optional", False)
        if not isinstance(optional, bool):
            reader.report(spot.below("optional").problem("'optional' must be true or false"))
        if not isinstance(use, str):
            reader.report(spot.problem("the key 'use' is missing: it names the adapter", key=True))
        elif use not in providers:
            hint = suggestion(use, (entry.name for entry in providers))
            reader.report(spot.below("use").problem(f"there is no provider adapter {use!r}", hint))
        elif optional is True and not data.get("api_key"):
            left_out.add(name)
        else:
            entry = providers.get(use)
            rest = {key: value for key, value in data.items() if key not in _PROVIDER_KEYS}
            options = reader.read(entry.options, spot, rest, dict.fromkeys(_PROVIDER_KEYS))
            if options is not None:
                used[name] = ProviderSpec(name, entry, options, spot)
    return used, frozenset(left_out)


def _model(
    name: str,
    keys: ModelKeys,
    config: GatewayKeys,
    document: Document,
    used: Mapping[str, ProviderSpec],
    reader: Reader,
) -> ModelSpec:
    spot = Spot(document, ("models", name))
    targets: list[Target] = []
    known = True
    for index, written in enumerate(keys.targets):
        provider, slash, model = written.partition("/")
        at = spot.below("targets", index)
        if not slash or not model:
            reader.report(at.problem(f"{written!r} is not a target", "write provider/model"))
            known = False
        elif provider not in config.providers:
            hint = suggestion(provider, config.providers)
            reader.report(at.problem(f"there is no provider {provider!r}", hint))
            known = False
        elif provider in used:
            targets.append(Target(provider, model))
    if known and not targets and all(t.partition("/")[0] not in used for t in keys.targets):
        unusable = "every provider of this model is optional and has no API key"
        if not reader.problems:
            reader.report(spot.below("targets").problem(unusable, "add one that always works"))
    return ModelSpec(name, keys.pipeline, keys.policy, tuple(targets), keys.static_answer, spot)


def _check_names(
    config: GatewayKeys,
    document: Document,
    pipelines: set[str],
    policies: set[str],
    tenants: Mapping[str, Tenant],
    reader: Reader,
) -> None:
    """Names that lead from one file to another."""

    def check(kind: str, name: str, known: set[str], *path: str | int) -> None:
        if name not in known:
            hint = suggestion(name, known)
            reader.report(document.problem(path, f"there is no {kind} {name!r}", hint))

    for name, model in config.models.items():
        check("pipeline", model.pipeline, pipelines, "models", name, "pipeline")
        check("policy", model.policy, policies, "models", name, "policy")
    if not tenants:
        return  # the tenants file has problems of its own
    for index, source in enumerate(config.stores.knowledge.ingest):
        at = ("stores", "knowledge", "ingest", index)
        check("tenant", source.tenant, set(tenants), *at, "tenant")
        if not source.path.exists():
            reader.report(document.problem((*at, "path"), f"there is no {source.path}"))
    for index, key in enumerate(config.demo_keys):
        check("tenant", key.tenant, set(tenants), "demo_keys", index, "tenant")
        tenant = tenants.get(key.tenant)
        for role in sorted(key.roles - tenant.roles) if tenant and tenant.roles else ():
            message = f"the tenant {key.tenant!r} has no role {role!r}"
            reader.report(document.problem(("demo_keys", index, "roles"), message))
